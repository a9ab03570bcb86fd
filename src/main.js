import { enableCompileCache } from "node:module";
import { join } from "node:path";
import { setFlagsFromString } from "node:v8";

/** As package.json says it. An older one knows no types, or no numbered parameters in SQLite, and says so in words of its own. */
const NEEDED = [24, 7];

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
enableCompileCache(process.env["NODE_COMPILE_CACHE"]);

const { findBuiltCopy } = await import("./bin/built-copy.ts");
const copy = findBuiltCopy();
await (copy === null ? import("./bin/start.ts") : import(copy));

/**
 * From here on V8 keeps the heap small rather than quick, and gives back after a second and a half without work what the start took, not
 * after eight: while all is loaded, a small heap costs a tenth of the start. On its command line the first flag would leave 1 MB for what is
 * new, which a card fills in a few milliseconds: `npm start` asks for 4 there. Threads that come later, which draw, get the 1 MB.
 */
setFlagsFromString("--optimize-for-size");
setFlagsFromString("--memory-reducer-delay-ms=1500");
setFlagsFromString("--max-semi-space-size=1");
