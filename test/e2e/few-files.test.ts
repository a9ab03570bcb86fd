import { readdirSync } from "node:fs";
import { connect, type Socket } from "node:net";
import { expect, it, onTestFinished } from "vitest";
import { hasMosquitto } from "../support/mosquitto.ts";
import { until } from "../support/until.ts";
import { ADMIN, openMosquittoWorld } from "../support/world.ts";

const OPEN_FILES = 70;

it.skipIf(!hasMosquitto || process.platform !== "linux")(
  "few file descriptors, and a crowd at the port: an alarm comes, is stored and shown, also over a new link to the broker",
  async () => {
    const settings = { TELEGRAM_ALARM_CHAT_IDS: String(ADMIN) };
    const { mosquitto, world: w } = await openMosquittoWorld(settings, {}, { openFiles: OPEN_FILES });
    await w.start();
    let most = 0;
    const look = (): boolean => {
      most = Math.max(most, readdirSync(`/proc/${w.app.pid}/fd`).length);
      return true;
    };
    const port = Number(new URL(w.app.url()).port);
    const crowd: Socket[] = Array.from({ length: 200 }, () => connect(port, "127.0.0.1").on("error", () => undefined));
    onTestFinished(() => crowd.forEach((socket) => socket.destroy()));
    await until("the port hangs up on the rest", () => look() && crowd.some(({ destroyed }) => destroyed));
    const said = (): string =>
      w.telegram
        .messages(ADMIN)
        .map(({ text }) => text)
        .join("\n");
    await w.warn({ id: "a", message: "Coil hot.", severity: "critical" });
    await until("its card", () => look() && said().includes("Coil hot."));
    await mosquitto.stop();
    await mosquitto.start();
    await w.warn({ id: "b", message: "Oil low.", severity: "critical" });
    await until("the card of what came over the new link", () => said().includes("Oil low."));
    w.telegram.say({ chatId: ADMIN, userId: ADMIN, text: "/plot 24h" });
    await until("a plot", () => w.telegram.messages(ADMIN).some(({ photo }) => photo !== null));
    expect(most).toBeLessThan(OPEN_FILES - 10);
  },
  60_000,
);
