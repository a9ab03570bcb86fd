import { createInterface } from "node:readline/promises";
import { readSettingsFile } from "../config/settings-file.ts";
import { SETTING_NAMES } from "../config/given.ts";
import type { Config } from "../config/config.ts";
import { readConfig } from "../config/read-config.ts";
import { ConfigError } from "../lib/errors.ts";
import { createChannelWriter, type ChannelWriter, type WriteResult } from "../thingspeak/writer.ts";

/**
 * `npm run bulk -- --demo`: sends a minute of demo values to the channel of the settings.
 * `npm run bulk -- --clear`: deletes all entries of that channel, once its number was typed.
 */

const USAGE = `What shall be done with the channel of THINGSPEAK_CHANNEL_ID?
  npm run bulk -- --demo    sends a minute of demo values: a sine, in field 1
  npm run bulk -- --clear   deletes all its entries, after a question\n`;

const EXIT_NOT_DONE = 1;
const EXIT_CONFIG = 2;
const SECOND_MS = 1_000;
const ENTRIES = 60;
const PERIOD_S = 20;

/** A sine of three periods; its newest value is of this second. */
function demoEntries(now: number) {
  const endAt = Math.floor(now / SECOND_MS) * SECOND_MS;
  return Array.from({ length: ENTRIES }, (_, i) => ({
    at: endAt - (ENTRIES - 1 - i) * SECOND_MS,
    cells: [Math.sin((2 * Math.PI * i) / PERIOD_S).toFixed(4)],
  }));
}

async function ask(question: string): Promise<string> {
  const terminal = createInterface({ input: process.stdin, output: process.stdout });
  try {
    return (await terminal.question(question)).trim();
  } finally {
    terminal.close();
  }
}

async function demo(writer: ChannelWriter, channelId: number, { bridge }: Config): Promise<WriteResult> {
  if (bridge.writeApiKey === null)
    throw new ConfigError(["THINGSPEAK_WRITE_API_KEY is missing: it is needed to write."]);
  const entries = demoEntries(Date.now());
  process.stdout.write(`Sending ${entries.length} entries to channel ${channelId} …\n`);
  return writer.bulk(channelId, bridge.writeApiKey, entries, new AbortController().signal);
}

/** @returns `null` if it was thought better of */
async function clear(writer: ChannelWriter, channelId: number, { bridge }: Config): Promise<WriteResult | null> {
  if (bridge.userApiKey === null) {
    throw new ConfigError([
      "THINGSPEAK_USER_API_KEY is missing: it is the account's own key, needed to clear a channel.",
    ]);
  }
  const typed = await ask(`This deletes all entries of channel ${channelId}, for good. Type ${channelId} to go on: `);
  if (typed !== String(channelId)) return null;
  return writer.clear(channelId, bridge.userApiKey, new AbortController().signal);
}

async function main(): Promise<number> {
  const [what] = process.argv.slice(2);
  if (what !== "--demo" && what !== "--clear") {
    process.stderr.write(USAGE);
    return EXIT_CONFIG;
  }
  const settings = readSettingsFile(process.env, ".env", SETTING_NAMES);
  const config = readConfig(settings.variables, settings);
  const { url, channelId } = config.bridge;
  if (channelId === null) throw new ConfigError(["THINGSPEAK_CHANNEL_ID is missing: it is the channel to write to."]);
  const writer = createChannelWriter({ url, outgoing: config.outgoing });
  const result = await (what === "--demo" ? demo : clear)(writer, channelId, config);
  writer.stop();
  if (result?.kind === "taken") {
    process.stdout.write("Done.\n");
    return 0;
  }
  process.stderr.write(result === null ? "Nothing was deleted.\n" : `Not done: ${result.detail}.\n`);
  return EXIT_NOT_DONE;
}

try {
  process.exitCode = await main();
} catch (error) {
  if (!(error instanceof ConfigError)) throw error;
  process.stderr.write(error.problems.map((problem) => `- ${problem}\n`).join(""));
  process.exitCode = EXIT_CONFIG;
}
