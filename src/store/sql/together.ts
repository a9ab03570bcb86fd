/**
 * Waits for statements that were sent without waiting for each other's answers.
 * @returns their answers
 * @throws what the first of them that failed did, in the order given, which is that of sending: PostgreSQL refuses all that follow it. None
 * of them is under way any more then, so that none gets into another transaction.
 */
export async function together<T extends readonly unknown[] | []>(
  sent: T,
): Promise<{ -readonly [K in keyof T]: Awaited<T[K]> }> {
  await Promise.allSettled(sent);
  return Promise.all(sent);
}
