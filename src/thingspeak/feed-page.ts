/** One answer of a ThingSpeak feed as columns, row by row as the server listed them: not sorted, repeated entries kept. */
export interface FeedPage {
  readonly entryIds: Float64Array<ArrayBuffer>;
  /** Epoch ms UTC. */
  readonly times: Float64Array<ArrayBuffer>;
  /** By field number, 1 to 8, only the columns that are there; `NaN` where the cell is blank or not a number. */
  readonly fields: Readonly<Record<number, Float64Array<ArrayBuffer>>>;
}
