/** How much one line should worry its reader. */
export type Level = "ok" | "warning" | "error";

/** One thing that is looked at, and how it is. Plain text. */
export interface StatusLine {
  readonly level: Level;
  readonly name: string;
  readonly detail: string;
  /** Whether it concerns those who run us and nobody else; left out: it does not. */
  readonly isForAdmins?: true;
}
