import type { Outgoing } from "../../src/lib/outgoing.ts";

/** Links without a proxy. */
export const outgoing: Outgoing = { minVersion: "TLSv1.2", proxy: null };
