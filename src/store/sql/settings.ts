/** Where everything is kept. */
export type DatabaseSettings = { readonly kind: "file"; readonly path: string } | PostgresSettings;

/** A database on a PostgreSQL server. */
export interface PostgresSettings {
  readonly kind: "postgres";
  /** Where it may be: on the one of them that takes writes. */
  readonly servers: readonly [PostgresServer, ...PostgresServer[]];
  readonly user: string;
  readonly database: string;
  /** `null`: the server asks for none. */
  readonly password: string | null;
  readonly tls: PostgresTls | null;
}

/** Where a server listens. */
export interface PostgresServer {
  /** A name, an address, or the folder of a socket. */
  readonly host: string;
  readonly port: number;
}

/** The right to write, for one of several processes; see lease/lease.ts. */
export interface WritingRight {
  /** The name of our sessions: see postgres/options.ts. */
  readonly holder: string;
  readonly term: number;
  readonly isHeld: () => boolean;
}

/** How the way to the server is encrypted. */
export interface PostgresTls {
  /** An authority of one's own, in PEM form. */
  readonly ca: Buffer | null;
  /** What the server's certificate has to prove: nothing; that the authority made it; that it is this host's as well. */
  readonly proves: "nothing" | "authority" | "host";
}

/** What people call a database, without its password. */
export function nameOfDatabase(settings: DatabaseSettings): string {
  if (settings.kind === "file") return settings.path;
  const { user, servers, database } = settings;
  return `postgres://${user}@${servers.map(addressOf).join(",")}/${database}`;
}

/** `host:port`, as a URL has it. */
export const addressOf = ({ host, port }: PostgresServer): string =>
  `${host.includes(":") ? `[${host}]` : host}:${port}`;
