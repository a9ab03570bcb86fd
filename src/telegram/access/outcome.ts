import type { Context } from "grammy";

/** What came of what somebody wanted. */
export interface Done {
  /** For the audit log: words without names or secrets. */
  readonly result: string;
  /** Tells them, and does what follows: whether that works is another matter, and changes nothing of the result. */
  readonly tell: () => Promise<unknown>;
}

/** What a handler returns. Nothing: it was done, or failed if the handler throws. */
export type Handled = Done | void;

/** grammY's middleware hands nothing back, so what a handler returned is kept here until the gate asks (access.ts). */
const results = new WeakMap<Context, string>();

/** Makes a handler that returns what came of it one that grammY takes. */
export const handled =
  <C extends Context>(handler: (ctx: C) => Promise<Handled>) =>
  async (ctx: C): Promise<void> =>
    finish(ctx, await handler(ctx));

/** Keeps what came of an update, then tells it. */
export async function finish(ctx: Context, done: Handled): Promise<void> {
  if (!done) return;
  results.set(ctx, done.result);
  await done.tell();
}

/** What came of an update; `undefined`: its handler did not say. */
export const handledResult = (ctx: Context): string | undefined => results.get(ctx);
