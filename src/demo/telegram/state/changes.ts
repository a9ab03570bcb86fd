import type { CallbackAnswer } from "./queries.ts";

/** Something that a person looking at the service would notice; it names what changed, and the state says how it is now. */
export type Change =
  | { readonly type: "call"; readonly method: string }
  | { readonly type: "message" | "deleted"; readonly chatId: number; readonly messageId: number }
  /** The chat itself: it appeared, its keyboard or its pinned message changed. */
  | { readonly type: "chat"; readonly chatId: number }
  | { readonly type: "commands" }
  | { readonly type: "action"; readonly chatId: number; readonly action: string }
  | { readonly type: "answer"; readonly answer: CallbackAnswer };

/** Where changes are announced. */
export interface Changes {
  readonly publish: (change: Change) => void;
  /** Calls `listener` at each change; returns what ends it. */
  readonly subscribe: (listener: (change: Change) => void) => () => void;
  /**
   * Waits until `predicate` gives something, asking it now and at each change.
   * @throws {Error} after `timeoutMs` (5 s), with the source of the predicate and what `describe` tells.
   */
  readonly waitFor: <T>(predicate: () => T | undefined | null | false, timeoutMs?: number) => Promise<T>;
}

export function createChanges({ describe }: { describe: () => string }): Changes {
  const listeners = new Set<(change: Change) => void>();

  function subscribe(listener: (change: Change) => void): () => void {
    listeners.add(listener);
    return () => listeners.delete(listener);
  }

  function waitFor<T>(predicate: () => T | undefined | null | false, timeoutMs = 5_000): Promise<T> {
    const { promise, resolve, reject } = Promise.withResolvers<T>();
    const timer = setTimeout(() => {
      reject(new Error(`Waited ${timeoutMs} ms in vain for ${String(predicate)}\n${describe()}`));
    }, timeoutMs);
    const check = () => {
      try {
        const found = predicate();
        if (found !== undefined && found !== null && found !== false) resolve(found);
      } catch (error) {
        reject(error);
      }
    };
    const unsubscribe = subscribe(check);
    check();
    return promise.finally(() => {
      clearTimeout(timer);
      unsubscribe();
    });
  }

  return {
    publish: (change) => {
      for (const listener of listeners) listener(change);
    },
    subscribe,
    waitFor,
  };
}
