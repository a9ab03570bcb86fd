/** Which columns of a file with names of its own hold what. */
export interface OwnColumns {
  readonly time: string;
  /** Of field 1, 2 … 8. */
  readonly fields: readonly string[];
  /** IANA name: the zone of times that name none; `null`: each has to name its own. */
  readonly zone: string | null;
}
