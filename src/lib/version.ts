import { createRequire } from "node:module";

const manifest = createRequire(import.meta.url)("../../package.json") as { version: string };

/** Of this Valvomo, as in package.json. */
export const VERSION: string = manifest.version;
