import { expect, it } from "vitest";
import { statusView } from "../../../src/telegram/commands/status-view.ts";

it("shows addresses so that they can be copied, and breaks what else Telegram would link", () => {
  const view = (detail: string): string => statusView([{ level: "ok", name: "Broker", detail }]).html;
  expect(view("10.0.0.7:1883 connected since 04:50:44 EET (35 s)")).toBe(
    "✅ <b>Broker</b>: <code>10.0.0.7:1883</code> connected since 04:50:44 EET (35 s)",
  );
  expect(view("mqtt.plant.example:8883 not connected: mqtt.plant.example is not known")).toBe(
    "✅ <b>Broker</b>: <code>mqtt.plant.example:8883</code> not connected: mqtt.\u2060plant.\u2060example is not known",
  );
  expect(view("<b>:1 a.b:99999999 /leave")).not.toContain("<code>");
});
