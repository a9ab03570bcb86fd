import { createAgent, send, type Outgoing } from "../lib/outgoing.ts";
import { readSmallFile } from "../lib/small-file.ts";

const DEADLINE_MS = 30_000;
const MAX_BYTES = 1_000_000;

/**
 * Reads a file, or what is to be had at an address, of 1 MB at most. Redirects are not followed. An address may hold a secret: only its
 * host is told.
 * @throws Error whose message says why
 */
export async function readSource(source: string, outgoing: Outgoing): Promise<string> {
  if (!isAddress(source)) return readSmallFile(source).content.toString();
  const url = new URL(source);
  const signal = AbortSignal.timeout(DEADLINE_MS);
  const agent = createAgent(source, outgoing);
  try {
    const response = await send(url, { agent, signal });
    if (response.statusCode !== 200) throw new Error(`it answered ${response.statusCode}`);
    const chunks: AsyncIterable<Buffer> = response;
    const parts: Buffer[] = [];
    let bytes = 0;
    for await (const chunk of chunks) {
      bytes += chunk.length;
      if (bytes > MAX_BYTES) throw new Error("it is larger than 1 MB");
      parts.push(chunk);
    }
    return Buffer.concat(parts).toString();
  } catch (error) {
    const reason = signal.aborted
      ? `no answer within ${DEADLINE_MS / 1_000} s`
      : error instanceof Error
        ? error.message
        : String(error);
    throw new Error(`${url.host}: ${reason}`, { cause: error });
  } finally {
    agent.destroy();
  }
}

/** Whether a source is an address, and not a path. */
export const isAddress = (source: string): boolean => /^[a-z][a-z+.-]*:\/\//i.test(source);
