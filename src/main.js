import * as nodeModule from "node:module";
import { join } from "node:path";

/** As package.json says it. An older one knows neither types nor all that is imported, and says so in words of its own. */
const NEEDED = [24, 5];

const [major = 0, minor = 0] = process.versions.node.split(".").map(Number);
if (major < NEEDED[0] || (major === NEEDED[0] && minor < NEEDED[1])) {
  process.stderr.write(
    `- Valvomo needs Node.js ${NEEDED.join(".")} or newer, and this is ${process.versions.node} (${process.execPath}). ` +
      "Start it by npm start: npm ci has brought the right one along.\n",
  );
  // As for settings: only a person can mend it.
  process.exit(2);
}

/**
 * Node.js strips the types off each source file at each start, in each thread, which takes 20 MB that do not come back. With
 * its compile cache it does so once: the second start is lighter and quicker. This file is JavaScript, since what strips types
 * would be loaded before the cache is on. Where the folder cannot be written, nothing is lost but that. The worker thread
 * takes the folder from the environment.
 */
process.env["NODE_COMPILE_CACHE"] ??= join(import.meta.dirname, "..", "node_modules", ".cache", "compile");
nodeModule.enableCompileCache(process.env["NODE_COMPILE_CACHE"]);
await import("./bin/start.ts");
