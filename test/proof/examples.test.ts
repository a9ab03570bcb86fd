import { globSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";
import { startDemo, type Demo, type PageMessage } from "../support/demo.ts";
import { until } from "../support/until.ts";

/** Every command that README, docs and /help print, as it stands there, in the world that a newcomer has: the demo. */

const ROOT = join(import.meta.dirname, "..", "..");
/** Of the demo: an admin, who gets alarms too, and somebody in the hall, who is invited as operator. */
const YOU = 1001;
const ANNA = 1002;
const PATIENCE_MS = 20_000;

/** These pages tell of what was refused, and of what was. */
const OF_THE_PAST = /field-cases|CHANGELOG/;
/** What is to be had over HTTP, or goes behind a topic. */
const PATHS: ReadonlySet<string> = new Set(["active", "healthz", "metrics", "status.json", "ack", "data"]);
/** There only with a second factor, which the demo has none of. */
const ELSEWHERE = "code 123456";
/** An answer that says that something was not read, or is not there. */
const NOT_READ =
  /cannot (read|find)|(do not|don't) (know|understand)|I know no|there is no (field|alarm|route)|is no (field|time|number)|no field|went wrong|Write it|Write its|needs? an? /i;
/** Commands whose number is an alarm's, a route's, a person's; the pages take any. */
const OF_ALARMS: ReadonlySet<string> = new Set(["alarm", "why", "shelve", "close"]);
const OF_PEOPLE: ReadonlySet<string> = new Set(["people", "forget"]);
/** How a card begins, which comes unasked. */
const CARD = /^\S+ (INFO|WARNING|ERROR|CRITICAL|CLEARED|SHELVED|ACKNOWLEDGED)\b/;

/** Commands in backticks of the pages. */
function commandsIn(text: string): string[] {
  return [...text.matchAll(/`\/([a-z]+(?:[ ][^`\n]+)?)`/g)].map((match) => match[1] ?? "");
}

let demo: Demo;
let annasNumber: string;
let alarmNumber: string;
beforeAll(async () => {
  demo = await startDemo();
  const invitation = wordsOf(await ask(YOU, "/invite operator 1h", (message) => wordsOf(message).includes("t.me")));
  const code = /start=([\w-]+)/.exec(invitation)?.[1] ?? "";
  expect(wordsOf(await ask(ANNA, `/start ${code}`))).toContain("operator");
  annasNumber = /^(\d+) Anna/m.exec(wordsOf(await ask(YOU, "/people")))?.[1] ?? "none";
  // Nothing can be shelved before the plant has said something.
  alarmNumber = await until(
    "an alarm is shown",
    async () => /\/alarm_(\d+)/.exec(wordsOf(await ask(ANNA, "/alarms")))?.[1],
    60_000,
  );
}, 120_000);
afterAll(async () => {
  expect(await demo.stop()).toBe(0);
});

const wordsOf = ({ text, caption }: PageMessage): string => caption ?? text;
const lastOf = (chatId: number): number => demo.messages(chatId).at(-1)?.messageId ?? 0;
/** Alarms ring or answer their cards, and come to who gets alarms; nobody else is told anything unasked. */
const isAnswer = (chatId: number, message: PageMessage): boolean =>
  message.from === "bot" &&
  !message.isService &&
  (chatId === ANNA || (message.isSilent && message.replyTo === null && !CARD.test(wordsOf(message))));

/** Writes something; resolves with what the bot answers. Whoever asks too quickly is told to wait, and waits. */
async function ask(
  userId: number,
  text: string,
  isWanted: (message: PageMessage) => boolean = () => true,
): Promise<PageMessage> {
  for (;;) {
    const before = lastOf(userId);
    await demo.say(userId, userId, text);
    const answer = await until(
      `${text} is answered`,
      () =>
        demo
          .messages(userId)
          .find((message) => message.messageId > before && isAnswer(userId, message) && isWanted(message)),
      PATIENCE_MS,
    );
    const waitS = /^That was a lot at once\. Wait (\d+) s/.exec(answer.text)?.[1];
    if (waitS === undefined) return answer;
    const overAt = Date.now() + Number(waitS) * 1_000;
    await until("the time that the bot named is over", () => Date.now() >= overAt, 60_000);
  }
}

const nameOf = (command: string): string => command.split(" ")[0] ?? "";

/** Puts a number that is there in the place of the text's own. */
function withNumber(command: string): string {
  const name = nameOf(command);
  if (!/^\w+ \d+\b/.test(command) || !(OF_ALARMS.has(name) || OF_PEOPLE.has(name) || name === "unroute"))
    return command;
  const number = OF_PEOPLE.has(name) ? annasNumber : OF_ALARMS.has(name) ? alarmNumber : 1;
  return command.replace(/ \d+/, ` ${number}`);
}

it("is read, and answered with what it asks for", async () => {
  const pages = ["README.md", ...globSync("docs/*.md", { cwd: ROOT })].filter((page) => !OF_THE_PAST.test(page));
  const printed = pages.flatMap((page) => commandsIn(readFileSync(join(ROOT, page), "utf8")));
  const help = async (userId: number): Promise<string[]> =>
    wordsOf(await ask(userId, "/help all"))
      .split("\n")
      .flatMap((line) => /^· \/(.+)$/.exec(line)?.[1] ?? []);
  const [hers, yours] = [await help(ANNA), await help(YOU)];
  const herNames = new Set(hers.map(nameOf));
  const known = new Set(yours.map(nameOf));
  const commands = [...new Set([...printed, ...yours])].filter(
    (command) => !PATHS.has(command) && command !== ELSEWHERE,
  );
  expect(commands.length).toBeGreaterThan(50);
  expect(commands.filter((command) => !known.has(nameOf(command)))).toEqual([]);

  // What ends something comes last.
  const order = (command: string): number =>
    ["unroute", "leave", "people", "forget"].indexOf(nameOf(command)) + (command.endsWith(" remove") ? 1 : 0);
  const misread: string[] = [];
  for (const command of commands.toSorted((a, b) => order(a) - order(b))) {
    const asked = withNumber(command);
    // Each has a budget, of which plots take most.
    const userId = herNames.has(nameOf(command)) && nameOf(command) !== "plot" ? ANNA : YOU;
    const answer = await ask(userId, `/${asked}`);
    const words = wordsOf(answer);
    const isPlot = nameOf(command) === "plot" && command !== "plot";
    if (NOT_READ.test(words) || (isPlot && answer.photo === null)) misread.push(`/${asked} → ${words}`);
    if (command === "plot") await ask(userId, "/cancel");
  }
  expect(misread).toEqual([]);
}, 240_000);

it("would be seen if it were not", async () => {
  for (const command of ["plot", "stats", "timezone", "quiet", "report", "shelve", "history"]) {
    expect(wordsOf(await ask(YOU, `/${command} qzx`))).toMatch(NOT_READ);
  }
}, 60_000);
