import { spawnSync } from "node:child_process";
import { join } from "node:path";
import { expect, it } from "vitest";

it("never writes a secret, wherever it stands in a line", () => {
  const program = `
    import { createLogger } from ${JSON.stringify(join(import.meta.dirname, "..", "src", "log.ts"))};
    const log = createLogger({ level: "info", secrets: ["123:TOKEN", "", "p\\"ss"] });
    log.error({ err: new Error("GET /bot123:TOKEN/getMe"), deep: { password: 'p"ss' } }, "at 123:TOKEN");
  `;
  const { stdout } = spawnSync(process.execPath, ["--input-type=module", "-e", program], { encoding: "utf8" });
  expect(JSON.parse(stdout)).toMatchObject({ msg: "at [secret]", deep: { password: "[secret]" } });
  expect(stdout).not.toContain("TOKEN");
});
