/** What whoever looks at the chat page may try besides the chat. */
export interface ThingsToTry {
  /** Paragraphs. */
  readonly about: readonly string[];
  readonly causes: readonly {
    readonly label: string;
    /** Resolves with a sentence: what is so now. */
    readonly cause: () => Promise<string>;
  }[];
}
