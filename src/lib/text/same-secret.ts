import { hash, timingSafeEqual } from "node:crypto";

/** Whether what somebody gave is the secret. How long it takes does not tell how much of it is right. */
export function isSameSecret(given: string, secret: string): boolean {
  return timingSafeEqual(hash("sha256", given, "buffer"), hash("sha256", secret, "buffer"));
}
