import { existsSync, globSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { describe, expect, it } from "vitest";

const ROOT = join(import.meta.dirname, "..");
const pages = ["README.md", "CHANGELOG.md", ...globSync("docs/*.md", { cwd: ROOT })];

/** The files that a page links to or shows. */
function linksOf(page: string): readonly string[] {
  const text = readFileSync(join(ROOT, page), "utf8");
  return [...text.matchAll(/\]\(([^)#\s]+)[^)]*\)/g)]
    .map((match) => match[1] ?? "")
    .filter((link) => !/^\w+:/.test(link));
}

describe("the pages", () => {
  it.each(pages)("%s links to what is there", (page) => {
    expect(linksOf(page).filter((link) => !existsSync(join(ROOT, dirname(page), link)))).toEqual([]);
  });

  it("link to something", () => {
    expect(pages.flatMap(linksOf).length).toBeGreaterThan(10);
  });
});
