import { open } from "node:fs/promises";
import { basename } from "node:path";
import { checkFile } from "../lib/small-file.ts";
import { ConfigError, textOfError } from "../lib/errors.ts";
import type { Plants } from "./plants.ts";

/** A thousand lines and more; a larger one takes the time of everything else while it is read. */
export const MAX_PLANTS_BYTES = 128_000;

/**
 * Reads the plants file. What parses it is loaded only here: a run without such a file does not need it.
 * @throws ConfigError with one sentence per problem
 */
export async function readPlantsFile(path: string): Promise<Plants> {
  const text = await readPlantsText(path);
  const { parsePlants } = await import("./parse-plants.ts");
  return parsePlants(text, basename(path));
}

/**
 * The text of the plants file, as far as it can be one.
 * @throws ConfigError that says why it cannot
 */
export async function readPlantsText(path: string): Promise<string> {
  const bytes = await readStart(path, MAX_PLANTS_BYTES + 1);
  const name = basename(path);
  if (bytes.length > MAX_PLANTS_BYTES) throw new ConfigError([`${name} is larger than 128 kB.`]);
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(bytes);
  } catch {
    throw new ConfigError([`${name} is not text in UTF-8.`]);
  }
}

/** So much of a file at most. */
async function readStart(path: string, limit: number): Promise<Uint8Array> {
  try {
    checkFile(path);
    await using file = await open(path);
    const chunks: Uint8Array[] = [];
    const stream: AsyncIterable<Uint8Array> = file.createReadStream({ end: limit - 1 });
    for await (const chunk of stream) chunks.push(chunk);
    return Buffer.concat(chunks);
  } catch (error) {
    throw new ConfigError([`PLANTS_FILE: cannot read ${path} (${textOfError(error)}).`]);
  }
}
