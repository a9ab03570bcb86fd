/**
 * What has to be there.
 * @throws Error that names it, if it is not: the fault is ours
 */
export function must<T>(value: T | null | undefined, what: string): T {
  if (value === null || value === undefined) throw new Error(`${what} is missing`);
  return value;
}
