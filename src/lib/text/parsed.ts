/** Why something cannot be read. */
export interface Problem {
  /** A sentence, or the part of one that the place it stands at begins, for whoever wrote it. */
  readonly problem: string;
}

/**
 * What became of reading what a person, a file or the plant wrote: what it means, or what is wrong with it. Where there is nothing to say,
 * since a word just is none of those that were looked for, `null` stands for that.
 */
export type Parsed<T> = { readonly value: T } | Problem;
