import { expect, it } from "vitest";
import { spawnSync } from "node:child_process";
import { once } from "node:events";
import { connect, isIP, type LookupFunction } from "node:net";
import { join } from "node:path";
import { GrammyError, HttpError } from "grammy";
import { createLogger } from "../../src/lib/log.ts";
import { createRedactor } from "../../src/lib/redact.ts";

/** The error of a connection to a name with these addresses, of which none takes it. */
async function connectTo(addresses: readonly string[]): Promise<unknown> {
  const lookup: LookupFunction = (_name, _options, found) =>
    found(
      null,
      addresses.map((address) => ({ address, family: isIP(address) })),
    );
  const socket = connect({ host: "plant", port: 1, lookup, autoSelectFamily: true });
  const [error] = (await once(socket, "error")) as [unknown];
  return error;
}

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
  const from = (name: string) => JSON.stringify(join(import.meta.dirname, "..", "..", "src", "lib", name));
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

it("keeps of an error what tells why, and nothing of what a library hangs on it, wherever it is logged", () => {
  const written: string[] = [];
  const log = createLogger({ level: "info", redact: (text) => text, write: (line) => written.push(line) });
  const answer = { ok: false, error_code: 403, description: "Forbidden: bot was blocked by the user" } as const;
  const payload = { chat_id: 11, caption: "https://t.me/bot?start=INVITATION", text: "Aino Virtanen" };
  const refused = new GrammyError("Call to 'sendPhoto' failed!", answer, "sendPhoto", payload);
  const lost = new HttpError("Network request for 'sendPhoto' failed!", new Error("POST /INVITATION"));
  const disk = Object.assign(new Error("database is full"), { code: "ERR_SQLITE_ERROR", sql: "INVITATION" });
  const wrapped = new Error("not sent", { cause: refused });
  log.error({ err: refused }, "as usual");
  log.error(refused, "as the error itself");
  log.warn({ err: lost });
  log.warn({ err: disk });
  log.warn({ err: wrapped });
  log.warn({ err: new AggregateError([refused, lost], "both") });
  log.warn({ err: payload.text === "" ? null : "thrown text" });
  expect(written.join("")).not.toMatch(/INVITATION|Virtanen/);
  const errors = written.map((line) => (JSON.parse(line) as { err: Record<string, unknown> }).err);
  expect(errors[0]).toEqual({
    type: "GrammyError",
    message: refused.message,
    stack: refused.stack,
    code: 403,
    method: "sendPhoto",
    description: "Forbidden: bot was blocked by the user",
  });
  expect(errors[1]).toEqual(errors[0]);
  expect(errors[3]).toMatchObject({ type: "Error", message: "database is full", code: "ERR_SQLITE_ERROR" });
  expect(errors[6]).toEqual({ type: "string", message: "thrown text" });
  const allowed = ["type", "message", "stack", "code", "method", "description"];
  for (const error of errors) expect(allowed).toEqual(expect.arrayContaining(Object.keys(error)));
});

it("names of several errors that are one what each says, such as of a name's addresses that all refuse", async () => {
  const written: string[] = [];
  const log = createLogger({ level: "info", redact: (text) => text, write: (line) => written.push(line) });
  const refused = await connectTo(["127.0.0.1", "::1"]);
  log.error({ err: refused }, "not reached");
  log.error({ err: new AggregateError([refused, refused, new Error("no route")], "all failed") }, "not reached");
  log.error({ err: new AggregateError([], "none") }, "not reached");
  const messages = written.map((line) => (JSON.parse(line) as { err: { message: string } }).err.message);
  const each = `connect ECONNREFUSED 127.0.0.1:1; connect ECONNREFUSED ::1:1`;
  expect(messages).toEqual([each, `all failed: ${each}; no route`, "none"]);
});

it("writes an error that comes at each try once a minute, and how often it came; another one at once", () => {
  const lines: Record<string, unknown>[] = [];
  let elapsed = 0;
  const log = createLogger({
    level: "info",
    redact: (text) => text,
    write: (line) => void lines.push(JSON.parse(line) as Record<string, unknown>),
    elapsed: () => elapsed,
  });
  for (let second = 0; second < 60; second++) {
    elapsed = second * 1_000;
    log.error({ err: new Error("database or disk is full") }, "looking at the clock failed; trying again");
    log.error({ err: new Error("database or disk is full") }, "the store failed; trying again");
  }
  expect(lines).toHaveLength(2);
  elapsed = 60_000;
  log.error({ err: new Error("database or disk is full") }, "looking at the clock failed; trying again");
  log.error({ err: new Error("no such table") }, "looking at the clock failed; trying again");
  log.info("all else");
  log.info("all else");
  expect(lines.slice(2).map(({ msg, repeated }) => [msg, repeated])).toEqual([
    ["looking at the clock failed; trying again", 59],
    ["looking at the clock failed; trying again", undefined],
    ["all else", undefined],
    ["all else", undefined],
  ]);
});
