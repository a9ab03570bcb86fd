import type { OwnMessage } from "../alarms/payloads/own.ts";

/** What an admin can do about what ThingSpeak answered (FACTS: A5). */
const ADVICE: readonly (readonly [RegExp, string])[] = [
  [/no write key/, "give it one: writeKey of this channel in the plants file, or THINGSPEAK_WRITE_API_KEY"],
  [/\b40[13]\b/, "check the write key of this channel"],
  [
    /\b400\b/,
    "check the channel's number and its write key, and give its readKey, so that entries which it has already are found",
  ],
  [/\b402\b/, "the yearly messages of the ThingSpeak account are used up: see its licence page"],
  [/\b404\b/, "check the channel's number: there is none"],
  [/\b413\b/, "the call is too large for ThingSpeak: lower THINGSPEAK_BULK_ENTRIES"],
];

/** Tells the admins that nothing is written to a channel, and why; or, with `null`, that it is again. */
export function parkedMessage(channelId: number, problem: string | null): OwnMessage {
  const advice =
    ADVICE.find(([pattern]) => pattern.test(problem ?? ""))?.[1] ?? "see what the channel's page at ThingSpeak says";
  const message =
    problem === null
      ? `Channel ${channelId} is written again`
      : `Nothing is written to ThingSpeak channel ${channelId}: ${problem}. What waits is kept. To do: ${advice}; then press Send again below /bridge`;
  return {
    id: `bridge: channel ${channelId}`,
    message,
    severity: "error",
    state: problem === null ? "cleared" : "active",
    isForAdmins: true,
  };
}
