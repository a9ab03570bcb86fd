import { expect, it, onTestFinished } from "vitest";
import { decode } from "../../../src/alarms/payloads/decode.ts";
import type { PlantMessage } from "../../../src/alarms/plant-message.ts";
import { openSqlite } from "../../../src/store/sqlite/sqlite.ts";
import { openStore } from "../../support/store.ts";
import { NOW } from "../../support/alarms.ts";

/** What one machine writes on its topic does nothing to what another one wrote on its own: that is what the advice rests on. */

const RING = (device: string, slot: number): string => `plants/${device}/TcIotCommunicator/Messages/${slot}`;
const STAMP = new Date(NOW).toISOString().slice(0, -1);

const said = (topic: string, payload: object | string): PlantMessage => ({
  topic,
  payload: Buffer.from(typeof payload === "string" ? payload : JSON.stringify(payload)),
  isRetained: false,
  receivedAt: NOW,
});

const HOT = { id: "hot", message: "Coil 82.1 °C", source: "AMB 1", field: 1, severity: "critical", state: "active" };
const SLOT = { Timestamp: STAMP, Message: "Coil 82.1 °C", Type: "Error" };

it.each<[string, PlantMessage, PlantMessage | readonly PlantMessage[]]>([
  [
    "an alarm with an id",
    said("hall/amb", HOT),
    [said("hall/evil", { ...HOT, state: "cleared" }), said("hall/evil", '""'), said("hall/evil", "")],
  ],
  [
    "an alarm of a source and a field",
    said("hall/amb", { ...HOT, id: undefined }),
    [
      said("hall/evil", { ...HOT, id: undefined, state: "cleared" }),
      said("hall/evil", { source: "AMB 1", field: 1, message: "ok", state: "cleared" }),
    ],
  ],
  [
    "plain text",
    said("hall/amb", "CRITICAL: Coil 82.1 °C"),
    [said("hall/evil", ""), said("hall", ""), said("hall/amb/more", "")],
  ],
  [
    "a message in a slot of TwinCAT's ring",
    said(RING("AMB", 1), SLOT),
    [
      said(RING("EVIL", 1), { ...SLOT, sent: false, Acknowledgement: "Mallory" }),
      said(RING("EVIL", 1), ""),
      said("hall/evil", ""),
    ],
  ],
])("%s is neither cleared nor acknowledged from another topic", async (_, first, others) => {
  const database = openSqlite(":memory:");
  const store = await openStore(database);
  onTestFinished(() => store.close());
  await store.record(decode(first));
  const before = await store.alarms.find(1);
  await store.record([others].flat().flatMap((message) => decode(message)));
  expect(before).toMatchObject({ state: "active", acknowledgedAt: null });
  expect(await store.alarms.find(1)).toEqual(before);
});
