import type { TestProject } from "vitest/node";
import { freePort } from "./free-port.ts";
import { hasPostgres, startPostgres } from "./postgres.ts";

declare module "vitest" {
  export interface ProvidedContext {
    /** Where the one server is that test files share, each with databases of its own; 0: there is none. */
    postgresPort: number;
  }
}

/** CI must have it; elsewhere its tests are skipped with a loud line. */
function tellIfMissing(): void {
  if (hasPostgres) return;
  if (process.env["CI"]) throw new Error("PostgreSQL is not installed: CI must test against the real server");
  process.stderr.write("\n*** PostgreSQL is not installed: the tests against the real server are SKIPPED ***\n\n");
}

/** Starts it while the first tests run: whoever needs it waits until it takes connections. */
export default async function setUp(project: TestProject): Promise<() => Promise<void>> {
  tellIfMissing();
  const port = hasPostgres ? await freePort() : 0;
  project.provide("postgresPort", port);
  const starting = hasPostgres ? startPostgres({ port, lines: ["max_connections = 200"] }) : null;
  starting?.catch((error: unknown) => process.stderr.write(`${String(error)}\n`));
  return async () => (await starting)?.remove();
}
