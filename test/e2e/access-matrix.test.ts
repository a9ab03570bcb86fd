import { beforeAll, describe, expect, it } from "vitest";
import { startBroker } from "../../src/demo/broker.ts";
import { ROLES, type Role } from "../../src/people/role.ts";
import { BUTTON_RIGHTS } from "../../src/telegram/access/button-rights.ts";
import { ADMIN, createWorld, GROUP, TOKEN } from "../support/world.ts";

/**
 * Every command and button, for every role and for nobody, in private and in a group, through the real program. The commands are
 * those that it shows in Telegram's menu, and the buttons those of its table: what is new must be added here.
 */

type Least = Role | "nobody";
interface Rights {
  readonly private: Least;
  readonly group: Least;
}

const look: Rights = { private: "viewer", group: "viewer" };
const act: Rights = { private: "operator", group: "operator" };
const decide: Rights = { private: "admin", group: "admin" };
const setting: Rights = { private: "viewer", group: "admin" };
const secret: Rights = { private: "admin", group: "nobody" };

const COMMANDS: Readonly<Record<string, Rights>> = {
  start: look,
  plot: look,
  status: look,
  latest: look,
  devices: look,
  live: look,
  set: act,
  stats: look,
  export: look,
  report: setting,
  quality: setting,
  alarms: look,
  shelved: look,
  history: look,
  alarm: look,
  why: look,
  shelve: act,
  close: act,
  duty: look,
  handover: look,
  quiet: setting,
  bridge: look,
  columns: decide,
  routes: look,
  route: decide,
  unroute: decide,
  leave: setting,
  people: secret,
  invite: secret,
  forget: secret,
  audit: secret,
  timezone: setting,
  cancel: look,
  help: look,
  // The last one, since its alarm comes while others are asked.
  drill: decide,
};

const BUTTONS: Readonly<Record<string, Rights>> = {
  ack: act,
  shelve: act,
  shelves: act,
  unshelve: act,
  card: act,
  close: act,
  reopen: act,
  why: look,
  trend: look,
  alarms: look,
  shelved: look,
  board: look,
  take: act,
  acks: act,
  unack: act,
  reset: act,
  worth: act,
  closes: act,
  reopens: act,
  duty: act,
  handover: act,
  plot: look,
  v: look,
  vl: look,
  vf: look,
  vd: look,
  vn: look,
  vm: look,
  devices: look,
  device: look,
  live: look,
  write: act,
  subscribe: look,
  join: decide,
  leave: setting,
  resend: decide,
  columns: decide,
  quality: look,
  qualityfile: look,
  whatif: look,
  rule: decide,
  ruleyes: decide,
  ruleno: decide,
  ruleback: decide,
  help: look,
  people: secret,
  person: secret,
  role: secret,
  forget: secret,
  // In no table of the program.
  made_up: look,
};

const WHO = [null, ...ROLES] as const;
type Who = (typeof WHO)[number];
const mayUse = (who: Who, least: Least): boolean =>
  who !== null && least !== "nobody" && ROLES.indexOf(who) >= ROLES.indexOf(least);

const DENIED = /^(Only an? \w+ may do that|Others can read that here)/;
/** What is pressed is no button that ever was: who has the right is told so. */
const PASSED =
  /^(This button (is too old|does not work)|This question is no longer open|I do not know this message any more)/;

/** So many people of each role that nobody is told that it was a lot at once: not a multiple of the 8 turns that each thing takes. */
const CROWD = 11;
const idOf = (who: Who, i: number): number => 1_000 * (WHO.indexOf(who) + 1) + (i % CROWD);

describe("access", () => {
  const seen = { commands: new Map<string, string>(), buttons: new Map<string, string>() };
  let menu: readonly string[] = [];
  let strangersHeard: readonly string[] = [];

  beforeAll(async () => {
    const broker = await startBroker();
    const world = await createWorld(broker.url, {
      TELEGRAM_ALARM_CHAT_IDS: String(GROUP),
      TWINCAT_MAIN_TOPICS: "plants",
      TWINCAT_WRITE: "on",
    });
    const { telegram } = world;
    try {
      const crowd = WHO.flatMap((who) => Array.from({ length: CROWD }, (_, i) => ({ id: idOf(who, i), who })));
      const members = [{ id: ADMIN, firstName: "Aino" }, ...crowd.map(({ id }) => ({ id, firstName: `P${id}` }))];
      telegram.addGroup({ id: GROUP, title: "Hall 6", members });
      for (const { id, who } of crowd) {
        telegram.addPrivateChat({ id, firstName: `P${id}` });
        if (who !== null) await world.admit(id, `P${id}`, who);
      }
      await world.start();
      const menuCall = await telegram.waitFor(() =>
        telegram.calls.find(
          ({ method, params }) => method === "setMyCommands" && JSON.stringify(params).includes(`${idOf("admin", 0)}`),
        ),
      );
      menu = (menuCall.params["commands"] as { command: string }[]).map(({ command }) => command);

      const answersIn = (chatId: number) => telegram.messages(chatId).filter(({ from }) => from === "bot");
      let turn = 0;
      for (const name of Object.keys(COMMANDS)) {
        for (const place of ["private", "group"] as const) {
          for (const who of WHO) {
            const userId = idOf(who, turn++);
            const chatId = place === "group" ? GROUP : userId;
            const asked = telegram.say({ chatId, userId, text: name === "help" ? "/help all" : `/${name}` });
            if (who === null) continue;
            const answer = await telegram.waitFor(
              () => answersIn(chatId).find(({ messageId }) => messageId > asked),
              10_000,
            );
            seen.commands.set(`${name} ${place} ${who}`, answer.caption ?? answer.text);
          }
        }
      }

      async function forge(chatId: number, kind: string): Promise<number> {
        const response = await fetch(`${telegram.url}/bot${TOKEN}/sendMessage`, {
          method: "POST",
          headers: { "content-type": "application/json" },
          body: JSON.stringify({
            chat_id: chatId,
            text: "forged",
            reply_markup: { inline_keyboard: [[{ text: kind, callback_data: `${kind}:?` }]] },
          }),
        });
        return ((await response.json()) as { result: { message_id: number } }).result.message_id;
      }
      for (const kind of Object.keys(BUTTONS)) {
        for (const place of ["private", "group"] as const) {
          for (const who of WHO) {
            const userId = idOf(who, turn++);
            const chatId = place === "group" ? GROUP : userId;
            const messageId = await forge(chatId, kind);
            const queryId = telegram.press({ chatId, userId, messageId, label: kind });
            if (who === null && place === "private") continue;
            const answer = await telegram.waitFor(() => telegram.answers.get(queryId), 10_000);
            seen.buttons.set(`${kind} ${place} ${who}`, answer.text ?? "");
          }
        }
      }
      strangersHeard = Array.from({ length: CROWD }, (_, i) => answersIn(idOf(null, i)))
        .flat()
        .map(({ text }) => text)
        .filter((text) => text !== "forged");
    } finally {
      await world.remove();
      await broker.stop();
    }
  }, 60_000);

  it("is decided for every command of the menu and every button of the table", () => {
    expect(menu.toSorted()).toEqual(Object.keys(COMMANDS).toSorted());
    expect(Object.keys(BUTTON_RIGHTS).toSorted()).toEqual(
      Object.keys(BUTTONS)
        .filter((kind) => kind !== "made_up")
        .toSorted(),
    );
  });

  it.each(Object.entries(COMMANDS))("/%s", (name, rights) => {
    for (const place of ["private", "group"] as const) {
      for (const who of ROLES) {
        const answer = seen.commands.get(`${name} ${place} ${who}`) ?? "";
        expect(answer, `${who} in ${place}`).not.toBe("");
        expect(!DENIED.test(answer), `${who} in ${place}: ${answer}`).toBe(mayUse(who, rights[place]));
      }
    }
  });

  it.each(Object.entries(BUTTONS))("button %s", (kind, rights) => {
    for (const place of ["private", "group"] as const) {
      for (const who of ROLES) {
        const toast = seen.buttons.get(`${kind} ${place} ${who}`) ?? "";
        expect(toast, `${who} in ${place}`).toMatch(mayUse(who, rights[place]) ? PASSED : DENIED);
      }
    }
    expect(seen.buttons.get(`${kind} group null`)).toBe("Only people whom an admin has invited can press this.");
  });

  it("is what /help all tells: each sees what they may do where they ask", () => {
    for (const place of ["private", "group"] as const) {
      for (const who of ROLES) {
        const help = seen.commands.get(`help ${place} ${who}`) ?? "";
        const told = Object.keys(COMMANDS).filter((name) => new RegExp(`^· /${name}\\b`, "m").test(help));
        const expected = Object.entries(COMMANDS).filter(([, rights]) => mayUse(who, rights[place]));
        expect(told.toSorted(), `${who} in ${place}`).toEqual(expected.map(([name]) => name).toSorted());
        expect(help.length).toBeLessThan(4_096);
      }
    }
  });

  it("is silence for strangers", () => {
    expect(strangersHeard).toEqual([]);
  });
});
