import { expect, it } from "vitest";
import { hasMosquitto } from "../support/mosquitto.ts";
import { until } from "../support/until.ts";
import { ADMIN, openMosquittoWorld } from "../support/world.ts";

it.skipIf(!hasMosquitto)(
  "frozen while an alarm comes and the broker gives it up: the alarm is counted once, and only once it is told",
  async () => {
    const { mosquitto, world: w } = await openMosquittoWorld({ TELEGRAM_ALARM_CHAT_IDS: String(ADMIN) });
    await w.start();
    const said = (): string[] => w.telegram.messages(ADMIN).map(({ text }) => text);
    const pid = w.app.pid ?? 0;
    process.kill(pid, "SIGSTOP");
    await w.warn({ id: "hot", message: "Coil hot.", severity: "critical", state: "active" });
    // It stands in the socket of the connection that ends now, and the broker will send it again on the next.
    await mosquitto.stop();
    await mosquitto.start();
    process.kill(pid, "SIGCONT");
    await until("the card", () => said().some((text) => text.includes("Coil hot.")));
    await until("the link is back", () => w.app.log.filter(({ msg }) => msg === "subscribed").length === 2);
    await w.warn({ id: "cold", message: "Coil cold.", severity: "error", state: "active" });
    await until("what came after it", () => said().some((text) => text.includes("Coil cold.")));
    const cards = said().filter((text) => text.includes("Coil hot."));
    expect(cards).toHaveLength(1);
    expect(cards[0]).not.toContain("2×");
  },
  40_000,
);
