import type { Outgoing } from "../lib/outgoing.ts";
import { COLUMNS, parameterOf } from "./columns.ts";
import { createExchange } from "./exchange.ts";
import { timesAmong } from "./times-among.ts";

/** What came of a call that writes. */
export type WriteResult =
  /** ThingSpeak has it. */
  | { readonly kind: "taken" }
  /** It will not take it, however often it is asked. */
  | { readonly kind: "refused"; readonly status: number; readonly detail: string }
  /** It has not taken it, and may do so later. */
  | { readonly kind: "later"; readonly detail: string }
  /** Nobody knows whether it has: the answer was lost, or cannot be read. */
  | { readonly kind: "unknown"; readonly detail: string };

/** An entry as ThingSpeak takes it. */
interface WrittenEntry {
  /** Epoch ms. */
  readonly at: number;
  /** One for each of `COLUMNS`; blank ones may be left out at the end. */
  readonly cells: readonly string[];
}

/** Writes to channels. No call rejects but by `signal`. */
export interface ChannelWriter {
  /** Many entries in one call (`bulk_update.csv`). */
  bulk(channelId: number, key: string, entries: readonly WrittenEntry[], signal: AbortSignal): Promise<WriteResult>;
  /** One entry (`/update`). */
  update(key: string, entry: WrittenEntry, signal: AbortSignal): Promise<WriteResult>;
  /**
   * Those of some times (epoch ms, whole seconds) that the channel has an entry of; `null`: it cannot be read.
   * @param key the Read API Key; `null`: the channel is public
   */
  timesAmong(
    channelId: number,
    key: string | null,
    times: readonly number[],
    signal: AbortSignal,
  ): Promise<ReadonlySet<number> | null>;
  /** Deletes all entries of a channel. @param key the User API Key, of the account */
  clear(channelId: number, key: string, signal: AbortSignal): Promise<WriteResult>;
  /** Closes idle connections; no call may follow. */
  stop(): void;
}

/** What nothing but an admin mends (FACTS: A5). */
const REFUSALS: ReadonlySet<number> = new Set([400, 401, 402, 403, 404, 405, 409, 413, 421, 422]);
/** What fails before anything was sent. */
const UNSENT: ReadonlySet<string> = new Set(["ECONNREFUSED", "ENOTFOUND", "EAI_AGAIN", "EHOSTUNREACH", "ENETUNREACH"]);

/**
 * The one place that writes to ThingSpeak. Keys go in the body, as the service asks, and in no address. Nothing is tried twice here:
 * who calls knows what a repeat would do.
 * @param options.url without a slash at the end
 * @param options.mayWrite whether we may at all: not while another process may be the active one; left out: always
 */
export function createChannelWriter(options: {
  readonly url: string;
  readonly outgoing: Outgoing;
  readonly mayWrite?: () => boolean;
}): ChannelWriter {
  const { mayWrite = () => true } = options;
  const { exchange, stop } = createExchange(options);

  async function write(attempt: () => Promise<WriteResult>, stopped: AbortSignal): Promise<WriteResult> {
    if (!mayWrite()) return { kind: "later", detail: "this process may not be the active one" };
    try {
      return await attempt();
    } catch (error) {
      stopped.throwIfAborted();
      const code = codeOf(error);
      return UNSENT.has(code)
        ? { kind: "later", detail: `ThingSpeak cannot be reached (${code})` }
        : { kind: "unknown", detail: code === "TimeoutError" ? "no answer in time" : `the answer was lost (${code})` };
    }
  }

  return {
    bulk: (channelId, key, entries, signal) =>
      write(async () => {
        const updates = entries.map(({ at, cells }) => [toDate(at), ...cells].join(","));
        const form = { write_api_key: key, time_format: "absolute", updates: updates.join("|") };
        const { status, body } = await exchange(`/channels/${channelId}/bulk_update.csv`, { form }, signal);
        return status === 202 ? { kind: "taken" } : resultOf(status, body);
      }, signal),
    update: (key, { at, cells }, signal) =>
      write(async () => {
        const form: Record<string, string> = { api_key: key, created_at: toDate(at) };
        for (const [i, column] of COLUMNS.entries()) if (cells[i]) form[parameterOf(column)] = cells[i];
        const { status, body } = await exchange("/update", { form }, signal);
        if (status !== 200) return resultOf(status, body);
        const answer = body.trim();
        // 0 with status 200 says "too soon": somebody else writes there, too (FACTS: A7).
        if (answer === "0")
          return { kind: "later", detail: "ThingSpeak answered 0: it was written to within the last seconds" };
        return /^\d{1,15}$/.test(answer)
          ? { kind: "taken" }
          : { kind: "unknown", detail: "the answer is not a number" };
      }, signal),
    async timesAmong(channelId, key, times, signal) {
      try {
        return await timesAmong(exchange, { channelId, key, times, signal });
      } catch {
        signal.throwIfAborted();
        return null;
      }
    },
    clear: (channelId, key, signal) =>
      write(async () => {
        const { status, body } = await exchange(`/channels/${channelId}/feeds.json`, { key, method: "DELETE" }, signal);
        return status === 200 ? { kind: "taken" } : resultOf(status, body);
      }, signal),
    stop,
  };
}

const toDate = (at: number): string => `${new Date(at).toISOString().slice(0, 19)}Z`;

function resultOf(status: number, body: string): WriteResult {
  const detail = `ThingSpeak answered ${status}${wordsOf(body)}`;
  if (status === 429) return { kind: "later", detail };
  return REFUSALS.has(status) ? { kind: "refused", status, detail } : { kind: "unknown", detail };
}

/** What an error says of itself (FACTS: A5): `error_auth_required`. */
function wordsOf(body: string): string {
  const [, code] = /"error_code"\s*:\s*"(\w{1,60})"/.exec(body) ?? [];
  return code === undefined ? "" : ` (${code})`;
}

function codeOf(error: unknown): string {
  if (!(error instanceof Error)) return "unknown error";
  return "code" in error && typeof error.code === "string" ? error.code : error.name;
}
