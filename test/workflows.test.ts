import { globSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { parse } from "yaml";

const ROOT = join(import.meta.dirname, "..");

interface Step {
  readonly uses?: string;
  readonly run?: string;
  readonly with?: Readonly<Record<string, unknown>>;
}
interface Workflow {
  readonly permissions: Readonly<Record<string, string>>;
  readonly jobs: Readonly<
    Record<string, { readonly permissions?: Readonly<Record<string, string>>; readonly steps: readonly Step[] }>
  >;
}

const read = (path: string): string => readFileSync(join(ROOT, path), "utf8");
const workflows = globSync(".github/workflows/*.yml", { cwd: ROOT });
const jobsOf = (path: string) => Object.values((parse(read(path)) as Workflow).jobs);

describe("the workflows", () => {
  it("are found", () => expect(workflows.length).toBeGreaterThan(2));

  it.each(workflows)("%s takes each action by its commit, with its version beside it", (path) => {
    const uses = read(path).match(/uses: .*/g) ?? [];
    expect(uses).not.toEqual([]);
    for (const line of uses) expect(line).toMatch(/^uses: [\w-]+\/[\w-]+@[\da-f]{40} # v\d+\.\d+\.\d+$/);
  });

  it.each(workflows)("%s may read, and leaves no credentials behind", (path) => {
    expect((parse(read(path)) as Workflow).permissions).toEqual({ contents: "read" });
    const steps = jobsOf(path).flatMap((job) => job.steps);
    const checkouts = steps.filter(({ uses }) => uses?.startsWith("actions/checkout@"));
    expect(checkouts).not.toEqual([]);
    for (const { with: given } of checkouts) expect(given).toMatchObject({ "persist-credentials": false });
  });

  it.each(workflows)("%s lets nothing write that runs the project or its packages", (path) => {
    const writing = jobsOf(path).filter(({ permissions }) => permissions !== undefined);
    expect(writing.map(({ permissions }) => permissions)).toEqual(writing.map(() => ({ contents: "write" })));
    const done = writing.flatMap(({ steps }) => steps.map(({ uses = "", run = "" }) => `${uses} ${run}`));
    expect(done.filter((what) => !/^actions\/download-artifact@|^ gh release create /.test(what))).toEqual([]);
  });

  it.each([...workflows, ".ci/run", "Dockerfile"])("%s installs without scripts of packages", (path) => {
    const installs = (read(path).match(/^.*\bnpm ci\b.*$/gm) ?? []).filter((line) => !/^\s*#/.test(line));
    expect(installs.filter((line) => !line.includes("--ignore-scripts"))).toEqual([]);
  });
});
