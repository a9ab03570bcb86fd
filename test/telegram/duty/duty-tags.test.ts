import { describe, expect, it } from "vitest";
import { DutyTags } from "../../../src/telegram/duty/duty-tags.ts";
import { refusedWith, setUp } from "../../demo/telegram/support.ts";
import { silentLog } from "../../support/log.ts";

const [ANNA, BEN] = [21, 22];
const SUPERGROUP = -1_000_000_000_777;
const members = [
  { id: ANNA, firstName: "Anna" },
  { id: BEN, firstName: "Ben" },
];

async function open(isBotAdmin: boolean) {
  const { telegram, api } = await setUp();
  telegram.addGroup({ id: SUPERGROUP, title: "Hall", members, isBotAdmin });
  const state = { on: ANNA as number | null };
  const kept = new Map<string, unknown>();
  const create = () =>
    new DutyTags({
      api,
      duty: {
        isKept: () => true,
        current: () =>
          state.on === null ? null : { startAt: 0, endAt: 9e15, who: { chatId: state.on, threadId: null, name: "x" } },
      },
      chatIds: () => [SUPERGROUP, ANNA],
      keyValue: {
        read: async (name) => kept.get(name) ?? null,
        write: async (name, content) => void kept.set(name, JSON.parse(JSON.stringify(content))),
      },
      log: silentLog,
    });
  const called = () =>
    telegram.calls
      .filter(({ method }) => method === "setChatMemberTag")
      .map(({ params, status }) => [params["user_id"], params["tag"], status]);
  return { api, state, create, called };
}

describe("the tag “on duty”", () => {
  it("goes from who goes to who comes, once, over a restart, and is taken away while nobody is on duty", async () => {
    const { state, create, called } = await open(true);
    const tags = create();
    await tags.look();
    await tags.look();
    expect(called()).toEqual([[ANNA, "on duty", 200]]);
    state.on = BEN;
    await create().look();
    expect(called().slice(1)).toEqual([
      [ANNA, "", 200],
      [BEN, "on duty", 200],
    ]);
    state.on = null;
    await create().look();
    expect(called().slice(3)).toEqual([[BEN, "", 200]]);
  });

  it("is left out where the group refuses it, and tried again when the duty changes", async () => {
    const { state, create, called } = await open(false);
    const tags = create();
    await tags.look();
    await tags.look();
    expect(called()).toEqual([[ANNA, "on duty", 400]]);
    state.on = BEN;
    await tags.look();
    expect(called()).toHaveLength(2);
  });

  it("has 16 characters and no emoji at most, in supergroups, where the bot is an admin", async () => {
    const { api } = await open(true);
    expect(await api.setChatMemberTag(SUPERGROUP, ANNA, "x".repeat(16))).toBe(true);
    expect(await refusedWith(api.setChatMemberTag(SUPERGROUP, ANNA, "x".repeat(17)))).toContain("TAG_INVALID");
    expect(await refusedWith(api.setChatMemberTag(SUPERGROUP, ANNA, "👷"))).toContain("TAG_INVALID");
    expect(await refusedWith(api.setChatMemberTag(SUPERGROUP, 99, "x"))).toContain("member not found");
    expect(await refusedWith(api.setChatMemberTag(ANNA, ANNA, "x"))).toContain("Bad Request");
  });
});
