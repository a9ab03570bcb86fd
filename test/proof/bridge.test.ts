import { afterEach, describe, expect, it } from "vitest";
import { createProof, type Proof } from "../support/proof.ts";
import { hasMosquitto } from "../support/mosquitto.ts";
import { until } from "../support/until.ts";

const SETTINGS = { MQTT_BULK_TOPIC: "bulkWrite", THINGSPEAK_WRITE_API_KEY: "WRITEKEY12345678" };
const MESSAGES = 60;

let proof: Proof;
afterEach(() => proof.remove());

/** A value of its own in each entry tells what was lost, and what came twice. */
const valuesOf = () => proof.thingspeak.entriesOf(9).flatMap(({ field2 }) => (field2 === null ? [] : [Number(field2)]));

describe.skipIf(!hasMosquitto)("on its way to ThingSpeak nothing is lost and nothing written twice", () => {
  it("through kill -9 at any moment: while it stores, while a call is under way, after it, and after an answer that was lost", async () => {
    proof = await createProof({ settings: SETTINGS });
    await proof.start();
    const sent: number[] = [];
    let seed = 11;
    const random = (): number => (seed = (seed * 16_807) % 2_147_483_647) / 2_147_483_647;
    const send = async (): Promise<void> => {
      for (let i = 0; i < MESSAGES; i++) {
        const values = [sent.length + 1, sent.length + 2];
        sent.push(...values);
        // The same text but for the values, so that a copy is known by its delivery.
        await proof.warn(values.map((value) => `1,,${value}`).join("|"), "bulkWrite");
      }
    };
    for (const fault of [null, "lostAnswer", "hang", null] as const) {
      if (fault !== null) proof.thingspeak.fault({ kind: fault });
      const callsBefore = proof.thingspeak.requests.length;
      const sending = send();
      // At another point of the burst, or of the call, each time.
      const at = Math.floor(random() * MESSAGES);
      await until(
        "it is in the middle of it",
        () => proof.thingspeak.requests.length > callsBefore || sent.length > at * 2,
      );
      await proof.app.kill();
      await sending;
      await proof.start();
    }
    await until("all are there", () => new Set(valuesOf()).size === sent.length, 240_000);
    expect(valuesOf().toSorted((a, b) => a - b)).toEqual(sent);
    // In the order in which the plant sent them.
    expect(valuesOf()).toEqual(sent);
  }, 300_000);
});
