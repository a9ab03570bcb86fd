import type { Server } from "node:net";

/** The port that a server listens on; `null`: on none. */
export function portOf(server: Pick<Server, "address">): number | null {
  const address = server.address();
  return address === null || typeof address === "string" ? null : address.port;
}
