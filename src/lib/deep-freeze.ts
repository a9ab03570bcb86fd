/** Freezes a value with all that it holds, for good; what is read once is not to change afterwards. */
export function deepFreeze<T extends object>(value: T): Readonly<T> {
  for (const child of Object.values(value)) {
    // Buffers cannot be frozen; nobody writes to a certificate.
    if (child !== null && typeof child === "object" && !Buffer.isBuffer(child)) deepFreeze(child);
  }
  return Object.freeze(value);
}
