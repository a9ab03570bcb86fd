import { createRequire } from "node:module";

const manifest: { readonly version: string } = createRequire(import.meta.url)("../../package.json");

/** Of this Valvomo, as in package.json. */
export const VERSION: string = manifest.version;
