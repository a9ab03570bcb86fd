import { TOTP, Secret } from "otpauth";
import { describe, expect, it, onTestFinished } from "vitest";
import { BUDGETS, NO_BUDGETS, type PastBudgets } from "../../src/app/chat/access-options.ts";
import { countRows, factAt, PROGRAM_DATABASES } from "../support/databases.ts";
import { hasMosquitto, startMosquitto } from "../support/mosquitto.ts";
import { HOT, openScene, type Scene } from "../support/scene.ts";
import { until } from "../support/until.ts";
import { ADMIN, GROUP, OTHER } from "../support/world.ts";

const BRIDGE = "bridge/hall6/state";
/** A reminder is due while nobody runs, and the bridge of the plant is watched. */
const PLANTS = `
chats: { hall: ${GROUP} }
routes: [ { to: hall } ]
escalation: { error: { remind: 8s } }
bridges: [ { name: hall6, topic: ${BRIDGE} } ]
`;

/** Kills the program as soon as Telegram has got a call that it will not answer, and starts it again; before that, `between`. */
async function dieAnswering(
  s: Scene,
  method: string,
  ask: () => void,
  between: () => Promise<unknown> = async () => undefined,
) {
  const before = s.telegram.calls.length;
  s.telegram.fault({ method, failure: "hang" });
  ask();
  await until(`${method} is not answered`, () =>
    s.telegram.calls.slice(before).some((call) => call.method === method && call.status === null),
  );
  await between();
  await s.app.kill();
  await s.start();
}

describe.skipIf(!hasMosquitto).each(PROGRAM_DATABASES)(
  "after kill -9, on %s, a new process goes on with",
  (_, database) => {
    async function open(settings: Readonly<Record<string, string>> = {}): Promise<Scene> {
      const mosquitto = await startMosquitto();
      onTestFinished(() => mosquitto.remove());
      return openScene({
        settings: { ...(await database()), ...settings },
        plants: PLANTS,
        brokerUrl: async () => mosquitto.url,
        prepare: (telegram) => telegram.addPrivateChat({ id: OTHER, firstName: "Boris" }),
      });
    }
    const restart = async (s: Scene): Promise<void> => {
      await s.app.kill();
      await s.start();
    };
    const pictures = (s: Scene, chatId: number) => s.said(chatId).filter(({ photo }) => photo !== null);

    it("dialogues, live plots, budgets, the second factor, reminders and what is known to be silent", async () => {
      const secret = new Secret();
      const s = await open({ TELEGRAM_ADMIN_TOTP: `${ADMIN}:${secret.base32}` });
      await s.warn("0", BRIDGE);
      await s.see(ADMIN, "hall6", 20_000);
      const code = new TOTP({ secret }).generate();
      expect((await s.ask(ADMIN, `/code ${code}`)).text).toContain("Right");
      await s.ask(ADMIN, "/plot 1 2h");
      const plot = await s.telegram.waitFor(() => pictures(s, ADMIN)[0], 15_000);
      await s.press(plot, "More…");
      await s.press(plot, "Live");
      await s.buttonsOf(plot, "⏹ Live");
      const question = await s.ask(ADMIN, "Get Figure");
      await s.press(question, "Rotor speed (rpm)");
      await s.buttonsOf(question, "Last 24 h");
      await s.warn(HOT);
      const card = await s.see(GROUP, "Coil hot");
      // The last, so that it does not come back before it is asked for.
      for (let i = 0; i < 45; i++) s.say(OTHER, "/alarm 99", { userId: OTHER });
      await s.see(OTHER, "That was a lot at once");
      // What was used in the last second is lost.
      await until("it is kept that Boris has no budget", async () => {
        const { each } = ((await factAt(s.app.databaseUrl, BUDGETS)) ?? NO_BUDGETS) as PastBudgets;
        return each.some(([userId, fullAt]) => userId === OTHER && fullAt > Date.now() + 35_000);
      });
      const asked = s.said(OTHER).length;

      await restart(s);
      for (let i = 0; i < 40; i++) s.say(OTHER, "/alarm 99", { userId: OTHER });
      await s.telegram.waitFor(
        () =>
          s
            .said(OTHER)
            .slice(asked)
            .some(({ text }) => text.includes("That was a lot")),
        10_000,
      );
      const edits = () => s.telegram.calls.filter(({ method }) => method === "editMessageMedia").length;
      const editsBefore = edits();
      await s.press(question, "Last 24 h");
      await s.telegram.waitFor(() => pictures(s, ADMIN).length === 2, 15_000);
      expect((await s.ask(ADMIN, `/code ${code}`)).text).toContain("used already");
      expect((await s.ask(ADMIN, "/invite viewer 1h")).caption).toContain("Invitation");
      expect(await s.see(GROUP, "⏰ Nobody has acknowledged this", 20_000)).toMatchObject({ replyTo: card.messageId });
      await s.telegram.waitFor(() => edits() > editsBefore, 30_000);
      expect(s.said(ADMIN).filter(({ text }) => text.includes("hall6"))).toHaveLength(1);
      await s.warn("1", BRIDGE);
      await s.see(ADMIN, "✅ CLEARED", 20_000);
    }, 120_000);

    it("what was asked for and not answered, and does nothing of it twice", async () => {
      const s = await open();
      await dieAnswering(s, "sendPhoto", () => s.say(ADMIN, "/plot 1 2h"));
      await s.telegram.waitFor(() => pictures(s, ADMIN).length === 1, 15_000);

      await s.warn(HOT);
      // A take-over has a number, too.
      const [, number = ""] = /#(\d+)/.exec((await s.see(GROUP, "Coil hot")).text) ?? [];
      const shelve = () => s.say(GROUP, `/shelve ${number} 4h bearing is being changed`);
      await dieAnswering(s, "sendMessage", shelve, () =>
        until("it is stored", async () => (await countRows(s.app.databaseUrl, "actions")) === 1),
      );
      await s.see(GROUP, `#${number} is shelved until`);
      await dieAnswering(
        s,
        "sendMessage",
        () => s.say(ADMIN, "/route error lut/# here"),
        async () => until("it is stored", async () => (await countRows(s.app.databaseUrl, "routes")) === 1),
      );
      await s.see(ADMIN, "Added:");
      expect(await countRows(s.app.databaseUrl, "actions")).toBe(1);
      expect(await countRows(s.app.databaseUrl, "routes")).toBe(1);

      s.say(ADMIN, "Get Figure");
      const question = await s.see(ADMIN, "What shall I draw?");
      await s.press(question, "Rotor speed (rpm)");
      await s.buttonsOf(question, "Last 24 h");
      const { messageId } = question;
      const press = () => void s.telegram.press({ chatId: ADMIN, userId: ADMIN, messageId, label: "Last 24 h" });
      await dieAnswering(s, "sendPhoto", press);
      await s.telegram.waitFor(() => pictures(s, ADMIN).length === 2, 15_000);
      // All that was asked for is answered, and nothing of it stands anywhere.
      await until("all is answered", async () => (await s.ask(ADMIN, "/status")).text !== "");
      expect(s.app.log.filter(({ msg }) => msg.includes("is given up"))).toEqual([]);
    }, 120_000);
  },
);
