import { readFile, rename, writeFile } from "node:fs/promises";
import { z } from "zod";
import type { OwnMessage } from "../alarms/payloads/own.ts";
import type { Logger } from "../lib/log.ts";
import type { Database } from "../store/sql/database.ts";
import { goOnAbove, lastNumbers, NAMED_BY_NUMBER, type LastNumbers } from "../store/sql/numbers.ts";

/** Notices that the database is older than what chats have seen, and prevents that one number means two things in a chat. */
export interface OlderCopy {
  /** To be called before any number is given out: compares with what the run before has left beside the database. */
  check(): Promise<void>;
  /** Somebody names something by a number; if it was never given out, as far as the database knows, it was by a run that it does not know. */
  seen(of: keyof LastNumbers, number: number): Promise<void>;
  /** Says what was found, to the admins; what fails is said the next time. Leaves for the next run what was given out. */
  readonly save: () => Promise<void>;
}

/** Anybody's client can make up a number: so many alarms no run has had that is missing here. */
const MAX_AHEAD = 1_000_000;
const given = z.object({ alarm: z.number(), board: z.number(), person: z.number(), route: z.number() });
const NONE: LastNumbers = { alarm: 0, board: 0, person: 0, route: 0 };

/**
 * Compares the numbers that chats have seen with those that the database knows, at the start and at each press.
 * @param options.path what is kept beside the database: who restores a copy of the one leaves the other as it is. `null`: nothing can be
 */
export function createOlderCopy(options: {
  readonly path: string | null;
  readonly database: Database;
  readonly tell: (message: OwnMessage) => Promise<void>;
  readonly log: Logger;
}): OlderCopy {
  const { path, database, tell, log } = options;
  let written = "";
  let untold: OwnMessage | null = null;

  async function goOn(seen: LastNumbers): Promise<void> {
    const [known, now] = await database.transaction(async (queries) => {
      const before = await lastNumbers(queries);
      await goOnAbove(queries, seen);
      return [before, await lastNumbers(queries)] as const;
    });
    if (NAMED_BY_NUMBER.every((name) => now[name] === known[name])) return;
    log.error({ seen, known, now }, "the database is older than what chats have seen");
    untold = messageOf(seen, known, now);
  }

  /** @returns `null`: nothing that can be read */
  async function left(): Promise<LastNumbers | null> {
    const text = path === null ? "null" : await readFile(path, "utf8").catch(() => "null");
    try {
      return given.parse(JSON.parse(text));
    } catch {
      return null;
    }
  }

  return {
    async check() {
      await goOn((await left()) ?? NONE);
    },
    async seen(of, number) {
      const known = await lastNumbers(database);
      if (number > known[of] && number <= known[of] + MAX_AHEAD) await goOn({ ...NONE, [of]: number });
    },
    async save() {
      if (untold !== null) {
        await tell(untold);
        untold = null;
      }
      if (path === null) return;
      const text = JSON.stringify(await lastNumbers(database));
      if (text === written) return;
      // Never half of it.
      await writeFile(`${path}.new`, text, { mode: 0o600 });
      await rename(`${path}.new`, path);
      written = text;
    },
  };
}

const messageOf = (seen: LastNumbers, known: LastNumbers, now: LastNumbers): OwnMessage => ({
  id: "older copy",
  message:
    `The database is an older copy, or a new one: ${differences(seen, known)}. What was raised, acknowledged, shelved or closed since ` +
    `that copy is not known: look at /alarms, and at the plant. Buttons of that time do nothing, and alarms go on from #${now.alarm + 1}.`,
  severity: "error",
  state: null,
  isForAdmins: true,
});

const WORDS: Readonly<Record<keyof LastNumbers, string>> = {
  alarm: "alarms",
  board: "boards",
  person: "people",
  route: "routes",
};

const differences = (seen: LastNumbers, known: LastNumbers): string =>
  NAMED_BY_NUMBER.filter((name) => seen[name] > known[name])
    .map((name) => `chats have seen ${WORDS[name]} up to ${seen[name]}, it knows them up to ${known[name]}`)
    .join("; ");
