/** What an error says; of what is none, its words. */
export const textOfError = (error: unknown): string => (error instanceof Error ? error.message : String(error));

/** The code that the system, or a library, gives an error: `ENOENT`; `null`: it has none. */
export const systemCodeOf = (error: unknown): string | null =>
  error instanceof Error && "code" in error && typeof error.code === "string" ? error.code : null;

/** The environment, the plants file, or what they name cannot be used; the admin mends it. `problems` holds one sentence each, without secrets. */
export class ConfigError extends Error {
  override readonly name = "ConfigError";
  readonly problems: readonly string[];
  /** Whether it may be over at the next start without anybody's doing, as a full disk may. */
  readonly mayPass: boolean;

  constructor(problems: readonly string[], { mayPass = false }: { readonly mayPass?: boolean } = {}) {
    super(problems.join("\n"));
    this.problems = problems;
    this.mayPass = mayPass;
  }
}

/** Runs something with an argument of a command, and lets its errors name that argument in the place of the setting. */
export async function calledAs<T>(name: string, setting: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    const { problems, mayPass } = error;
    const isOfIt = (problem: string): boolean => problem.startsWith(`${setting}:`) || problem.startsWith(`${setting} `);
    throw new ConfigError(
      problems.map((problem) => (isOfIt(problem) ? `${name}${problem.slice(setting.length)}` : problem)),
      { mayPass },
    );
  }
}

/** Why a service that we asked gave no usable answer; decides the sentence that a person reads. */
export type UpstreamReason =
  | "unreachable"
  | "slow"
  | "forbidden"
  | "notFound"
  | "busy"
  | "broken"
  | "malformed"
  | "tooMany";

/**
 * A service that we asked (ThingSpeak) gave no usable answer. `message` is for the log; it never holds a key or a URL's query.
 * The reader's sentence is made from `reason` where it is shown.
 */
export class UpstreamError extends Error {
  override readonly name = "UpstreamError";
  readonly reason: UpstreamReason;

  constructor(reason: UpstreamReason, message: string, options?: ErrorOptions) {
    super(message, options);
    this.reason = reason;
  }
}

/** A period holds more entries than can be used: so many lie between `startAt` and `endAt` (epoch ms, both included) alone. */
export class TooManyEntries extends UpstreamError {
  readonly #period: { readonly startAt: number; readonly endAt: number };

  constructor(maxEntries: number, { startAt, endAt }: { readonly startAt: number; readonly endAt: number }) {
    super("tooMany", `the period holds more than ${maxEntries} entries`);
    this.#period = { startAt, endAt };
  }

  /** Whether a period holds them, too. */
  isWithin(startAt: number, endAt: number): boolean {
    return startAt <= this.#period.startAt && endAt >= this.#period.endAt;
  }
}
