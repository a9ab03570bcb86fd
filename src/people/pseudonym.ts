/** What stands for somebody who is forgotten. */
export const pseudonymOf = (id: number): string => `person ${id}`;
