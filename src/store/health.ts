import { reasonOf, remedyOf } from "./sql/disk-reason.ts";
import type { DatabaseSettings } from "./sql/settings.ts";

/** Whether the store takes what is to be stored. */
export interface StoreHealth {
  /** Something is stored. */
  readonly stored: () => void;
  /** Something could not be, as the disk, or whatever is in the way, did not take it. */
  readonly failed: (error: unknown) => void;
  readonly status: () => StoreStatus;
}

/** How it is. */
export interface StoreStatus {
  /** Why nothing can be stored, in words that follow “since”, and what to do, as a sentence without its end; `null`: as far as is known it can. */
  readonly failure: { readonly reason: string; readonly remedy: string } | null;
  /** Since when it is so; epoch ms. */
  readonly since: number;
}

/**
 * All is well until something fails, and again when something is stored.
 * @param database what its remedies name
 */
export function createStoreHealth(database: DatabaseSettings, now: () => number): StoreHealth {
  let status: StoreStatus = { failure: null, since: now() };
  return {
    stored() {
      if (status.failure !== null) status = { failure: null, since: now() };
    },
    failed(error) {
      const failure = { reason: reasonOf(error), remedy: remedyOf(error, database) };
      status = { failure, since: status.failure === null ? now() : status.since };
    },
    status: () => status,
  };
}
