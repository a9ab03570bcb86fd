import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, it } from "vitest";
import { stateTable } from "../../support/state-table.ts";

const PAGE = join(import.meta.dirname, "..", "..", "..", "docs", "alarm-states.md");
const TABLE = /(?<=<!-- made by test\/support\/state-table.ts -->\n).*(?=\n<!-- end -->)/s;

it("the table of states in the docs is what the code does; UPDATE_DOCS=1 writes it anew", () => {
  const page = readFileSync(PAGE, "utf8");
  if (process.env.UPDATE_DOCS === "1")
    writeFileSync(
      PAGE,
      page.replace(TABLE, () => stateTable()),
    );
  expect(TABLE.exec(readFileSync(PAGE, "utf8"))?.[0]).toBe(stateTable());
});
