/**
 * Does work for one item after the other, and begins with the next while whoever asked looks at what came of the last: then neither waits
 * for the other. What goes wrong is thrown in its turn.
 */
export async function* oneAhead<Item, Result>(
  items: AsyncIterable<Item> | Iterable<Item>,
  work: (item: Item) => Promise<Result>,
): AsyncGenerator<Result> {
  let before: Promise<Result> | null = null;
  for await (const item of items) {
    const current = work(item);
    current.catch(() => undefined);
    if (before) yield await before;
    before = current;
  }
  if (before) yield await before;
}
