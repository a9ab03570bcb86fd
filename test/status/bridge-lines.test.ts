import { describe, expect, it } from "vitest";
import type { BridgeStatus, ChannelStatus } from "../../src/bridge/bridge.ts";
import { bridgeLines } from "../../src/status/bridge-lines.ts";

const NOW = Date.UTC(2026, 10, 26, 3);
const link = {
  isConnected: true,
  since: NOW,
  broker: "broker:8883",
  error: null,
  passedOver: [],
  refusedTopics: new Map<string, string>(),
  subscriptions: [{ topic: "bulkWrite/#", qos: 1, isLive: false }],
  isContested: false,
  storeError: null,
};
const channel: ChannelStatus = {
  channelId: 7,
  calledAt: NOW,
  result: "1 entry taken",
  failures: 0,
  nextAt: 0,
  parked: null,
  year: 2026,
  taken: 1,
  waiting: 0,
  unsettled: 0,
  bulk: 0,
  oldestAt: null,
  hasKey: true,
};
const read = async (channels: readonly Partial<ChannelStatus>[], changes: Partial<typeof link> & object = {}) => {
  const status: BridgeStatus = {
    channels: channels.map((one) => ({ ...channel, ...one })),
    bad: { count: 0, newest: [] },
  };
  const source = { bridge: { status: async () => status }, mqtt: () => ({ ...link, ...changes }) };
  return (await bridgeLines(source, NOW)).map(({ level, detail }) => `${level} ${detail}`);
};

describe("/status about the way to ThingSpeak", () => {
  it("says nothing where it is off, and that nothing waits where nothing does", async () => {
    expect(await bridgeLines({ bridge: null, mqtt: () => null }, NOW)).toEqual([]);
    expect(await read([{}])).toEqual(["ok nothing waits"]);
  });

  it("counts what waits over all channels, and worries after an hour", async () => {
    const [young, old] = [NOW - 60_000, NOW - 2 * 3_600_000];
    expect(await read([{ waiting: 3, oldestAt: young }])).toEqual(["ok 3 entries wait, the oldest for 1 min"]);
    expect(
      await read([
        { waiting: 3, oldestAt: young },
        { waiting: 4, oldestAt: old },
      ]),
    ).toEqual(["warning 7 entries wait, the oldest for 2 h"]);
  });

  it("names channels that nothing is written to, and what is wrong with its link", async () => {
    const stuck = [
      { channelId: 8, parked: "401" },
      { channelId: 9, hasKey: false, waiting: 1, oldestAt: NOW },
      { hasKey: false },
    ];
    expect((await read(stuck))[0]).toBe("error nothing is written to 8, 9: /bridge says why");
    expect((await read([{}], { isConnected: false }))[0]).toBe("error no link to the broker: connecting");
    const refused = { subscriptions: [{ topic: "bulkWrite/#", qos: 0, isLive: false }] };
    expect((await read([{}], refused))[0]).toBe("error not granted with QoS 1 by the broker: bulkWrite/#");
  });
});
