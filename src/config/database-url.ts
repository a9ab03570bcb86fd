import { X509Certificate } from "node:crypto";
import { isLoopback } from "../lib/loopback.ts";
import type { DatabaseSettings, PostgresServer, PostgresSettings, PostgresTls } from "../store/sql/settings.ts";
import { readNamed, type Findings } from "./files.ts";

const PORT = 5432;
/** https://www.postgresql.org/docs/current/libpq-ssl.html: those of them that do what they say whatever the server answers. */
const MODES: ReadonlyMap<string, PostgresTls["proves"] | null> = new Map([
  ["disable", null],
  ["require", "nothing"],
  ["verify-ca", "authority"],
  ["verify-full", "host"],
]);

export const DEFAULT_DATABASE_URL = "file:data/valvomo.db";

/** The settings of the database, as they are given. */
interface Given {
  readonly DATABASE_URL?: string | undefined;
  readonly DATABASE_PASSWORD?: string | undefined;
  readonly DATABASE_CA_FILE?: string | undefined;
}

/**
 * Reads where the database is.
 * @returns `null`: not to be used; why is in the problems
 */
export function readDatabase(given: Given, found: Findings): DatabaseSettings | null {
  const { DATABASE_URL: text = DEFAULT_DATABASE_URL, DATABASE_PASSWORD: password, DATABASE_CA_FILE: caFile } = given;
  const refuse = (problem: string): null => {
    found.problems.push(`DATABASE_URL ${problem}.`);
    return null;
  };
  if (text === "file::memory:") return refuse(`keeps nothing: name a file, for example ${DEFAULT_DATABASE_URL}`);
  if (/^file:[^?#]+$/.test(text)) {
    for (const [name, value] of Object.entries({ DATABASE_PASSWORD: password, DATABASE_CA_FILE: caFile })) {
      if (value !== undefined) found.problems.push(`${name} is for postgres:// only, and DATABASE_URL is a file.`);
    }
    return { kind: "file", path: text.slice("file:".length) };
  }
  return readPostgres(text, password, caFile, found);
}

function readPostgres(
  text: string,
  password: string | undefined,
  caFile: string | undefined,
  found: Findings,
): PostgresSettings | null {
  const refuse = (problem: string): null => {
    found.problems.push(`DATABASE_URL ${problem}.`);
    return null;
  };
  if (!/^postgres(ql)?:/.test(text)) {
    return refuse(
      `must be file:<path>, without ? or #, for example ${DEFAULT_DATABASE_URL}, or postgres://user@host:5432/database`,
    );
  }
  const [url, ...others] = urlsIn(text);
  // A URL ends a password at the first # / ? or @, and what remains may look like another host.
  if (!url || others.includes(null) || [url.pathname, url.search, url.hash].some((part) => part.includes("@"))) {
    return refuse("cannot be read: is there a # / ? or @ in the password? Put it in DATABASE_PASSWORD, as it is");
  }
  const parts = [url.username, url.password, url.pathname.slice(1)].map(decoded);
  const [user, passwordInUrl, database] = parts;
  if (user === undefined || passwordInUrl === undefined || database === undefined) {
    return refuse("is not percent-encoded: write % as %25, and put the password in DATABASE_PASSWORD, as it is");
  }
  if (user === "" || database === "" || database.includes("/")) {
    return refuse("names no user or no database: postgres://user@host:5432/database");
  }
  if (passwordInUrl !== "" && password !== undefined) {
    return refuse("holds a password, and DATABASE_PASSWORD is set: keep one of them");
  }
  const parameters = new URLSearchParams(url.search);
  const problem = problemWith(parameters, url.hash);
  if (problem !== null) return refuse(problem);
  const socket = parameters.get("host");
  if (socket !== null && others.length > 0) return refuse("names several servers, and host: keep one of them");
  const [first, ...rest] = [url, ...others].flatMap((one) => (one === null ? [] : serverOf(one, socket)));
  if (!first || [first, ...rest].some(({ host }) => host === "")) {
    return refuse("names no host: postgres://user@host:5432/database");
  }
  const servers: PostgresSettings["servers"] = [first, ...rest];
  const tls = readTls(servers, parameters.get("sslmode"), caFile, found);
  if (tls === undefined) return null;
  return { kind: "postgres", servers, user, database, password: password ?? (passwordInUrl || null), tls };
}

/** One URL for each server of `postgres://user@one:5432,other:5432/database`, as psql takes it; `null`: it is none. */
function urlsIn(text: string): (URL | null)[] {
  const [, before = "", hosts = "", after = ""] = /^(\w+:\/\/(?:[^/?#]*@)?)([^/?#]*)(.*)$/s.exec(text) ?? [];
  return hosts.split(",").map((host) => URL.parse(`${before}${host}${after}`));
}

const serverOf = (url: URL, socket: string | null): PostgresServer => ({
  host: socket ?? url.hostname.replace(/^\[|\]$/g, ""),
  port: url.port === "" ? PORT : Number(url.port),
});

/** What may stand behind the database's name; the last of them says what is so anyway. */
const PARAMETERS: ReadonlySet<string> = new Set(["sslmode", "host", "target_session_attrs"]);

function problemWith(parameters: URLSearchParams, hash: string): string | null {
  const other = [...parameters.keys()].find((name) => !PARAMETERS.has(name));
  if (other === "sslrootcert") return "has sslrootcert: name the file in DATABASE_CA_FILE";
  if (other !== undefined || hash !== "") return `has ${other ?? "a #"}: only sslmode and host are known`;
  const target = parameters.get("target_session_attrs");
  const isOurs = target === null || target === "read-write" || target === "primary";
  return isOurs ? null : "has a target_session_attrs that does not write: use read-write, or leave it out";
}

/** @returns `undefined`: not to be used */
function readTls(
  servers: PostgresSettings["servers"],
  mode: string | null,
  caFile: string | undefined,
  found: Findings,
): PostgresTls | null | undefined {
  const isHere = servers.every(({ host }) => host.startsWith("/") || isLoopback(host));
  const proves = mode === null ? (isHere && caFile === undefined ? null : "host") : MODES.get(mode);
  if (proves === undefined) {
    found.problems.push(`DATABASE_URL: sslmode must be one of ${[...MODES.keys()].join(", ")}.`);
    return undefined;
  }
  const ca = readNamed("DATABASE_CA_FILE", caFile, false, found);
  if (proves === null) {
    if (caFile !== undefined) found.problems.push("DATABASE_CA_FILE is for TLS, and sslmode is disable.");
    if (!isHere)
      found.notes.push("DATABASE_URL: sslmode=disable lets everybody on the way read and change all alarms.");
    return null;
  }
  if (ca !== null && !isCertificate(ca)) found.problems.push("DATABASE_CA_FILE holds no certificate in PEM form.");
  // As psql does it.
  const proved = proves === "nothing" && caFile !== undefined ? "authority" : proves;
  if (proved === "nothing") {
    const better = "with sslmode=verify-full, and its authority in DATABASE_CA_FILE, nobody can";
    found.notes.push(`DATABASE_URL: with sslmode=require anybody on the way can pose as the server; ${better}.`);
  }
  return { ca, proves: proved };
}

function isCertificate(pem: Buffer): boolean {
  try {
    return new X509Certificate(pem).subject !== undefined;
  } catch {
    return false;
  }
}

function decoded(text: string): string | undefined {
  try {
    return decodeURIComponent(text);
  } catch {
    return undefined;
  }
}
