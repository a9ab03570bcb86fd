import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, it } from "vitest";
import { readSettingsFile } from "../../src/config/settings-file.ts";

const KNOWN = ["MQTT_URL", "MQTT_ALARM_TOPICS", "HTTP_TOKEN"];
let folder: string;
let path: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "valvomo-settings-"));
  path = join(folder, ".env");
});
afterEach(() => rmSync(folder, { recursive: true }));

const read = (text: string | Uint8Array, environment: Record<string, string> = {}) => {
  writeFileSync(path, text, { mode: 0o600 });
  return readSettingsFile(environment, path, KNOWN);
};

it("need not be there", () => {
  expect(readSettingsFile({ A: "1" }, path, KNOWN)).toEqual({ variables: { A: "1" }, problems: [], notes: [] });
});

it("fills in what the environment does not say, and tells where the two differ, without the values", () => {
  const { variables, problems, notes } = read("MQTT_URL=mqtt://a\nMQTT_ALARM_TOPICS=lut/#\nHTTP_TOKEN=\n", {
    MQTT_ALARM_TOPICS: "lut/",
    HTTP_TOKEN: "from elsewhere",
  });
  expect(variables).toEqual({ MQTT_URL: "mqtt://a", MQTT_ALARM_TOPICS: "lut/", HTTP_TOKEN: "from elsewhere" });
  expect(problems).toEqual([]);
  expect(notes).toEqual([`MQTT_ALARM_TOPICS differs between the environment and ${path}: the environment counts.`]);
});

it("says nothing where the environment was made of the same file, quotes and all", () => {
  expect(read("MQTT_ALARM_TOPICS='lut/#'\n", { MQTT_ALARM_TOPICS: "'lut/#'" }).notes).toEqual([]);
});

it("tells of what changes nothing, and refuses what comes too late", () => {
  const { problems, notes } = read("PLANT=AMB\nTZ=UTC\nNODE_ENV=production\nNODE_EXTRA_CA_CERTS=/ca.pem\n");
  expect(notes).toEqual([`${path}: PLANT is not a setting of Valvomo, and changes nothing.`]);
  expect(problems).toEqual([
    `${path}: NODE_EXTRA_CA_CERTS is read by Node.js itself, before this file is: set it in the environment.`,
  ]);
  expect(read("NODE_EXTRA_CA_CERTS=/ca.pem\n", { NODE_EXTRA_CA_CERTS: "/ca.pem" }).problems).toEqual([]);
});

it("is told when others can read it, when it is a folder, and when it is not text", () => {
  writeFileSync(path, "");
  chmodSync(path, 0o644);
  expect(readSettingsFile({}, path, KNOWN).notes).toEqual([
    `${path} can be read by other users of this machine, and holds secrets: chmod 600 ${path}`,
  ]);
  expect(read(Buffer.from("\uFEFFMQTT_URL=x", "utf16le")).problems).toEqual([
    `cannot read ${path} (it is not text in UTF-8).`,
  ]);
  rmSync(path);
  mkdirSync(path);
  expect(readSettingsFile({}, path, KNOWN).problems).toEqual([`cannot read ${path} (it is a folder).`]);
});
