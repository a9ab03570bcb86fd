import { describe, expect, it, onTestFinished } from "vitest";
import { DutyHandover } from "../../../src/telegram/duty/duty-handover.ts";
import { createWriteTo } from "../../../src/telegram/duty/write-to.ts";
import { createVisibleTo } from "../../../src/telegram/access/visible-alarms.ts";
import { openHandover } from "../../../src/duty/handover.ts";
import { openSqlite } from "../../../src/store/sqlite/sqlite.ts";
import { setUp } from "../../demo/telegram/support.ts";
import { silentLog } from "../../support/log.ts";
import { openStore } from "../../support/store.ts";

const [ANNA, BEN] = [21, 22];

/** Ben comes on duty, who has not written to the bot. */
async function open(removed: readonly number[]) {
  const { telegram, api } = await setUp();
  const state = { on: ANNA, now: 1_000_000 };
  const store = await openStore(openSqlite(":memory:"));
  onTestFinished(() => store.close());
  const now = (): number => state.now;
  const current = () => ({ startAt: 0, endAt: 9e15, who: { chatId: state.on, threadId: null, name: `P${state.on}` } });
  const { keyValue } = store;
  const duty = new DutyHandover({
    handover: await openHandover({
      duty: { current, isKept: () => true },
      isRemoved: () => false,
      keyValue,
      now,
      log: silentLog,
    }),
    visibleTo: createVisibleTo(
      store,
      store,
      () => "shared",
      () => false,
    ),
    store,
    write: createWriteTo({ api, isRemoved: (userId) => removed.includes(userId), log: silentLog }),
    tellAdmins: async () => undefined,
    now,
  });
  await duty.look();
  state.on = BEN;
  const tried = () => telegram.calls.filter(({ method }) => method === "sendMessage").map(({ status }) => status);
  return { telegram, state, duty, tried };
}

describe("whoever comes on duty", () => {
  it("is tried once a minute until they write to the bot, and then gets the card", async () => {
    const { telegram, state, duty, tried } = await open([]);
    for (let look = 0; look < 24; look++, state.now += 5_000) await duty.look();
    expect(tried()).toEqual([400, 400]);
    telegram.addPrivateChat({ id: BEN, firstName: "Ben" });
    await duty.look();
    await duty.look();
    expect(tried()).toEqual([400, 400, 200]);
  });

  it("gets nothing if they were removed, whatever still names them", async () => {
    const { telegram, duty, tried } = await open([BEN]);
    telegram.addPrivateChat({ id: BEN, firstName: "Ben" });
    await duty.look();
    expect(tried()).toEqual([]);
  });
});
