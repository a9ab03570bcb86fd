import { expect, it } from "vitest";
import { spawnSync } from "node:child_process";
import { join } from "node:path";
import { createRedactor } from "../src/redact.ts";

const SECRET = `p"s s/@%ü$&+'`;

it.each([
  ["as it is", SECRET],
  ["in JSON", JSON.stringify({ password: SECRET })],
  ["in a URL", new URL(`http://me:${encodeURIComponent(SECRET)}@proxy/`).href],
  ["in a URL as the platform writes it", Object.assign(new URL("mqtt://me@broker"), { password: SECRET }).href],
  ["in a form", new URLSearchParams({ key: SECRET }).toString()],
  ["in a login", `Basic ${Buffer.from(SECRET).toString("base64")}`],
])("cuts out a secret %s", (_, text) => {
  expect(text).not.toBe(createRedactor([SECRET, "1", ""])(text));
  expect(createRedactor([SECRET])(text)).toContain("[secret]");
  expect(createRedactor([SECRET])(text)).not.toContain("%40");
});

it("leaves nothing of a secret that holds another", () => {
  expect(createRedactor(["pass", "me:password"])("me:password, pass")).toBe("[secret], [secret]");
});

it("never writes a secret into the log, wherever it stands in a line", () => {
  const from = (name: string) => JSON.stringify(join(import.meta.dirname, "..", "src", name));
  const program = `
    import { createLogger } from ${from("log.ts")};
    import { createRedactor } from ${from("redact.ts")};
    const log = createLogger({ level: "info", redact: createRedactor(["123:TOKEN", "", "p\\"ss"]) });
    log.error({ err: new Error("GET /bot123:TOKEN/getMe"), deep: { password: 'p"ss' } }, "at 123:TOKEN");
  `;
  const { stdout } = spawnSync(process.execPath, ["--input-type=module", "-e", program], { encoding: "utf8" });
  expect(JSON.parse(stdout)).toMatchObject({ msg: "at [secret]", deep: { password: "[secret]" } });
  expect(stdout).not.toContain("TOKEN");
});
