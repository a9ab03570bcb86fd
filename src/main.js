import * as nodeModule from "node:module";
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
nodeModule.enableCompileCache(process.env["NODE_COMPILE_CACHE"]);

/** What our files import of Node.js and of packages, where the first of them found it: it is at the same place for all. */
const found = new Map();

/**
 * Finds the 2,000 imports of a start by their names alone. Node.js would ask the disk about each: whether the file is there, whether it is
 * reached by a link, whose package it is. But our files name each other in full, as do those of packages that import by `.js`; one that is
 * not there is told of when it is read.
 */
function resolveByName(specifier, context, nextResolve) {
  const { parentURL, conditions } = context;
  if (parentURL === undefined || !conditions.includes("import")) return nextResolve(specifier, context);
  if (specifier.startsWith(".")) {
    const url = new URL(specifier, parentURL).href;
    if (url.endsWith(".ts")) return { url, format: "module-typescript", shortCircuit: true };
    // In which format it is says its package.json, which Node.js reads then.
    if (url.endsWith(".js")) return { url, shortCircuit: true };
  } else if (parentURL.endsWith(".ts")) {
    if (!found.has(specifier)) found.set(specifier, { ...nextResolve(specifier, context), shortCircuit: true });
    return found.get(specifier);
  }
  return nextResolve(specifier, context);
}
nodeModule.registerHooks({ resolve: resolveByName });
await import("./bin/start.ts");

/**
 * From here on V8 keeps the heap small rather than quick, and gives back after a second and a half without work what the start took, not
 * after eight: while all is loaded, a small heap costs a tenth of the start. On its command line the first flag would leave 1 MB for what is
 * new, which a card fills in a few milliseconds: `npm start` asks for 4 there. Threads that come later, which draw, get the 1 MB.
 */
setFlagsFromString("--optimize-for-size");
setFlagsFromString("--memory-reducer-delay-ms=1500");
setFlagsFromString("--max-semi-space-size=1");
