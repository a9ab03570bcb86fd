import { spawnSync } from "node:child_process";
import { cpSync, mkdirSync, mkdtempSync, readFileSync, symlinkSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";

const ROOT = join(import.meta.dirname, "..", "..");

/** What stands in backticks, in the order of the text. */
const codeIn = (text: string): string[] => [...text.matchAll(/`([^`]+)`/g)].map((match) => match[1] ?? "");

/** README's own way to run it, step by step. */
export interface Recipe {
  /** What to run before the settings are filled in. */
  readonly prepare: string;
  /** The settings to fill in. */
  readonly names: readonly string[];
  /** What to run then. */
  readonly run: string;
  /** What to write to the bot at the end. */
  readonly check: string;
}

/** Takes the numbered steps from the section "Run it". */
export function readRecipe(): Recipe {
  const readme = readFileSync(join(ROOT, "README.md"), "utf8");
  const section = /\n## Run it\n([^]*?)\n## /.exec(readme)?.[1] ?? "";
  const steps = section.split(/\n(?=\d\. )/).filter((text) => /^\d\. /.test(text.trimStart()));
  const [, settings = "", run = "", check = ""] = steps.map((step) => step.split("\n\n")[0] ?? "");
  const [prepare = "", ...words] = codeIn(settings.split(". Where")[0] ?? "");
  return { prepare, names: words, run: codeIn(run)[0] ?? "", check: codeIn(check)[0] ?? "" };
}

/**
 * A copy of what is checked in, as a clone has it.
 * @returns the folder, and the environment of a shell that has no settings
 */
export function cloneProject(): { readonly folder: string; readonly env: Record<string, string> } {
  const folder = mkdtempSync(join(tmpdir(), "valvomo-recipe-"));
  const { stdout } = spawnSync("git", ["ls-files", "-z", "--cached", "--others", "--exclude-standard"], {
    cwd: ROOT,
    encoding: "utf8",
  });
  for (const file of stdout.split("\0").filter((name) => /^(src|vendor|deploy)\/|^[^/]+$/.test(name))) {
    mkdirSync(dirname(join(folder, file)), { recursive: true });
    cpSync(join(ROOT, file), join(folder, file));
  }
  // `npm ci` as such is run by .ci/production.ts; here its result is there already.
  symlinkSync(join(ROOT, "node_modules"), join(folder, "node_modules"));
  const isOfProject = (path: string): boolean => path.includes("node_modules") || path.includes("node-gyp-bin");
  const PATH = (process.env["PATH"] ?? "").split(":").filter((path) => !isOfProject(path));
  return { folder, env: { PATH: PATH.join(":"), HOME: folder } };
}
