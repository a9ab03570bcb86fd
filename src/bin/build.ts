import { copyFileSync, mkdirSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join, relative, sep } from "node:path";
import type * as Rolldown from "rolldown";
import { BUILT, LOCK, MADE_OF, PROJECT, sourceFileAt } from "./built-copy.ts";

/**
 * Makes of the program and its packages the few files that are started in their place (`npm run build`, and `npm ci` by itself).
 * Where what it needs for that is not installed, the source is run.
 */

const SOURCE = join(PROJECT, "src");
/** What lies below changes with the lock file only. */
const PACKAGES = `${sep}node_modules${sep}`;

/** Files that are named beside their module stay where they are; what a thread of ours runs becomes a file of the copy. */
const places: Rolldown.Plugin = {
  name: "places",
  transform(code, id) {
    if (id.startsWith("\0") || !code.includes("import.meta.url")) return null;
    const fromCopy = relative(BUILT, id).split(sep).join("/");
    return code
      .replaceAll(/new URL\("(\.\/[\w-]+\.ts)", import\.meta\.url\)/g, (said, name: string) => {
        if (!id.startsWith(SOURCE)) return said;
        const file = this.emitFile({ type: "chunk", id: join(dirname(id), name) });
        return `new URL(import.meta.ROLLUP_FILE_URL_${file})`;
      })
      .replaceAll("import.meta.url", `new URL(${JSON.stringify(fromCopy)}, import.meta.url).href`);
  },
};

/**
 * @param folder where it is written
 * @returns whether all that it is made of stood still meanwhile, as far as times tell
 */
async function build({ rolldown }: typeof Rolldown, folder: string): Promise<boolean> {
  const beganAt = Math.floor(Date.now() / 1_000);
  let modules: readonly string[] = [];
  mkdirSync(folder);
  copyFileSync(join(PROJECT, LOCK), join(folder, LOCK));
  const bundle = await rolldown({
    input: join(SOURCE, "bin", "start.ts"),
    platform: "node",
    // They look for more of themselves as they run: a binary, and files of chart.js.
    external: ["canvas", "chartjs-node-canvas"],
    plugins: [
      places,
      {
        name: "modules",
        // A file whose constants stand where they are used, or that hands on what others have, is in no chunk.
        buildEnd() {
          modules = [...this.getModuleIds()];
        },
      },
    ],
  });
  await bundle.write({ dir: folder });
  await bundle.close();
  const ours = modules.filter((id) => id.startsWith(PROJECT) && !id.includes(PACKAGES));
  const files = ours.map((id) => sourceFileAt(relative(PROJECT, id)));
  writeFileSync(join(folder, MADE_OF), JSON.stringify(files));
  const endedAt = Date.now() / 1_000;
  return files.every(([, , writtenAt]) => writtenAt < beganAt || writtenAt > endedAt);
}

const bundler = await import("rolldown").catch(() => null);
if (bundler) {
  const folder = `${BUILT}.new`;
  do rmSync(folder, { recursive: true, force: true });
  while (!(await build(bundler, folder)));
  // Whoever starts meanwhile finds none, and runs the source; also where this ends in the middle.
  rmSync(join(BUILT, MADE_OF), { force: true });
  rmSync(BUILT, { recursive: true, force: true });
  renameSync(folder, BUILT);
} else process.stderr.write("Valvomo runs from its source: what builds a copy comes with a whole npm ci.\n");
