import { reasonOf } from "./disk-reason.ts";

/** Whether the disk takes what is to be stored. */
export interface StoreHealth {
  /** Something is stored. */
  stored(): void;
  /** Something could not be, as the disk did not take it. */
  failed(error: unknown): void;
  status(): StoreStatus;
}

/** How it is. */
export interface StoreStatus {
  /** Why nothing can be stored, in words; `null`: as far as is known it can. */
  readonly failure: string | null;
  /** Since when it is so; epoch ms. */
  readonly since: number;
}

/** Creates it. All is well until something fails, and again when something is stored. */
export function createStoreHealth(now: () => number): StoreHealth {
  let status: StoreStatus = { failure: null, since: now() };
  return {
    stored() {
      if (status.failure !== null) status = { failure: null, since: now() };
    },
    failed(error) {
      status = { failure: reasonOf(error), since: status.failure === null ? now() : status.since };
    },
    status: () => status,
  };
}
