import { AsyncLocalStorage } from "node:async_hooks";

const underWay = new AsyncLocalStorage<Promise<unknown>[]>();

/**
 * Says that work goes on for the person whose update is being handled, and that their chat does not wait for it. They count as answered
 * when it is over. It must not reject.
 */
export function answering(work: Promise<unknown>): void {
  underWay.getStore()?.push(work);
}

/**
 * Handles something.
 * @param onOver is called when it is over, also what goes on by itself after that; it must not reject
 */
export async function whileAnswering(handle: () => Promise<void>, onOver: () => Promise<void>): Promise<void> {
  const works: Promise<unknown>[] = [];
  const isOver = async (): Promise<void> => {
    // What goes on may begin more.
    for (let work = works.shift(); work !== undefined; work = works.shift()) await work;
    await onOver();
  };
  try {
    await underWay.run(works, handle);
  } finally {
    void isOver();
  }
}
