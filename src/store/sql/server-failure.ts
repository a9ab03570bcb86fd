import { networkCause } from "../../lib/text/network-words.ts";
import { saidBy } from "./error-codes.ts";

/** What PostgreSQL calls an error, in five characters: https://www.postgresql.org/docs/current/errcodes-appendix.html */
type SqlState = string;

/** The server fails now, whatever is asked of it. */
export class AwayError extends Error {
  override readonly name = "AwayError";
  /** What somebody can do; a sentence without its end. `null`: what helps against a server that cannot be reached. */
  readonly remedy: string | null;
  /** Whether it may pass without anybody's doing. */
  readonly mayPass: boolean;

  /** @param reason words that follow “since” */
  constructor(
    reason: string,
    { remedy = null, mayPass = true }: { readonly remedy?: string | null; readonly mayPass?: boolean } = {},
  ) {
    super(reason);
    this.remedy = remedy;
    this.mayPass = mayPass;
  }
}

/** `null`: it is not an error that the server told. Known by its form, so that nobody loads the driver for it who has no use for it. */
function sqlStateOf(error: unknown): SqlState | null {
  const isOfServer = error instanceof Error && "severity" in error && "code" in error;
  return isOfServer && typeof error.code === "string" ? error.code : null;
}

/** About what was asked: what it needs is not there, its values do not fit, a constraint refuses it, it is wrong, it is too long. */
const REFUSED_CLASSES: ReadonlySet<string> = new Set(["0A", "21", "22", "23", "42", "54"]);
/** Of these classes, but of the database: somebody took away a right, a table or the schema. */
const OF_DATABASE: ReadonlySet<SqlState> = new Set(["42501", "42P01", "3F000"]);

/** Whether the same would work on a database that is well: all but what is wrong with the statement itself. */
export function isOfServer(error: unknown): boolean {
  if (error instanceof AwayError) return true;
  const state = sqlStateOf(error);
  if (state === null) return false;
  return OF_DATABASE.has(state) || !REFUSED_CLASSES.has(state.slice(0, 2));
}

/** After these errors the session is of no use; the next one may reach another server. */
export const endsSession = (error: unknown): boolean =>
  error instanceof AwayError || /^(08|57P|25006|25P03|XX)/.test(sqlStateOf(error) ?? "");

/** By SQLSTATE, or its class. */
const REASONS: Readonly<Record<SqlState, string | undefined>> = {
  "25006": "PostgreSQL is read-only, as a standby is",
  "28P01": "PostgreSQL refuses user name or password",
  "28000": "PostgreSQL lets this user in from here with no password (pg_hba.conf)",
  "3D000": "PostgreSQL has no such database",
  "42P01": "a table is gone",
  "3F000": "the schema is gone",
  "53100": "the disk of PostgreSQL is full",
  "53300": "PostgreSQL has no connection left",
  "55P03": "somebody holds a lock in PostgreSQL",
  "57014": "PostgreSQL takes too long",
  "57P01": "PostgreSQL ended the connection",
  "57P02": "PostgreSQL crashed",
  "57P03": "PostgreSQL is starting or stopping",
  "58": "PostgreSQL’s disk fails",
  XX: "PostgreSQL’s files are damaged",
};

/** What only a person can mend: login, the name of the database, rights, and what a person set otherwise. */
const IS_FOR_PERSON = /^(28|3D|3F|42)/;

/** Whether an error of the server may pass by itself. */
export const mayPass = (error: unknown): boolean =>
  error instanceof AwayError ? error.mayPass : !IS_FOR_PERSON.test(sqlStateOf(error) ?? "");

/** In words that follow “since”; `null`: it is not an error of PostgreSQL. */
export function reasonOfServer(error: unknown): string | null {
  if (error instanceof AwayError) return error.message;
  const state = sqlStateOf(error);
  if (state === null) return null;
  return REASONS[state] ?? REASONS[state.slice(0, 2)] ?? `PostgreSQL says: ${saidBy(error)}`;
}

/** What somebody can do; a sentence without its end. */
export function remedyAtServer(error: unknown, name: string): string {
  if (error instanceof AwayError && error.remedy !== null) return error.remedy;
  const state = sqlStateOf(error);
  if (state === "53100") return `Make room on the disk of ${name}`;
  if (state === "25006") return `Let ${name} lead to the server that takes writes`;
  return `See that ${name} runs, can be reached from here, and lets us in`;
}

/** Of OpenSSL and Node.js, where the server's certificate does not prove what it has to. */
const IS_CERTIFICATE = /CERT|SIGNATURE|ISSUER|ALTNAME/;
/** Of a socket of this machine. */
const SOCKET: ReadonlyMap<string, string> = new Map([
  ["ENOENT", "there is no socket"],
  ["EACCES", "the user that runs Valvomo may not use its socket"],
]);

/** An error of the connection itself, in words; one that the server told as it is. */
export function ofConnection(error: unknown): unknown {
  if (error instanceof AwayError || sqlStateOf(error) !== null) return error;
  if (!(error instanceof Error)) return new AwayError(String(error));
  const code = "code" in error ? String(error.code) : "";
  if (IS_CERTIFICATE.test(code)) {
    const remedy = "Put its authority into DATABASE_CA_FILE, and use the host name that its certificate is for";
    return new AwayError(`PostgreSQL’s certificate is not trusted: ${code}`, { remedy, mayPass: false });
  }
  if (/does not support SSL/.test(error.message)) {
    const remedy = "Turn ssl on there, or write sslmode=disable where nobody can listen on the way";
    return new AwayError("PostgreSQL speaks no TLS", { remedy, mayPass: false });
  }
  if (/password must be/.test(error.message)) {
    return new AwayError("PostgreSQL asks for a password", { remedy: "Set DATABASE_PASSWORD", mayPass: false });
  }
  if (/query read timeout/i.test(error.message)) {
    return new AwayError("PostgreSQL does not answer, or waits for its synchronous standby");
  }
  const words = SOCKET.get(code) ?? networkCause(code) ?? (code || undefined);
  return new AwayError(`PostgreSQL cannot be reached (${words ?? lowerFirst(error.message)})`);
}

const lowerFirst = (text: string): string => text.slice(0, 1).toLowerCase() + text.slice(1);
