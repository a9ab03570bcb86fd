import { describe, expect, it } from "vitest";
import { diagnose, type WatchFacts } from "../../src/watchdog/diagnose.ts";
import { bridge, device, field, fine, link, MINUTE, NOW, thingspeak, topic } from "./facts.ts";

const find = (changes: Partial<WatchFacts>) => diagnose({ ...fine, ...changes });
const messages = (changes: Partial<WatchFacts>) => find(changes).troubles.map(({ message }) => message);
const subjects = (changes: Partial<WatchFacts>) => find(changes).troubles.map(({ id }) => id.replace("silence: ", ""));

describe("the cause", () => {
  it("is none while all is well, and all is decided", () => {
    expect(find({})).toEqual({ troubles: [], undecided: new Set() });
    expect(find({ thingspeak: null, fields: [], topics: [] })).toEqual({ troubles: [], undecided: new Set() });
  });

  const all = [topic("a", 2), topic("b", 2.1), topic("c", 2.2)];
  it.each<[string, Partial<WatchFacts>, string[]]>([
    ["one topic, while others come", { topics: [topic("a", 2), topic("b", 0.1)] }, ["topic a"]],
    ["the only topic", { topics: [topic("a", 2)] }, ["topic a"]],
    ["all topics", { topics: all }, ["plant"]],
    [
      "the first of all that is silent, when others are late too",
      { topics: [topic("a", 1.5), topic("b", 1)] },
      ["plant"],
    ],
    ["… or may be late any moment", { topics: [topic("a", 1.6), topic("b", 1.6, 2)] }, []],
    ["… or come so rarely that they cannot tell", { topics: [topic("a", 3), topic("b", 20, 60)] }, ["topic a"]],
    ["one that was silent before all others", { topics: [topic("a", 90), ...all.slice(1)] }, ["plant", "topic a"]],
    ["the broker, down for a moment", { link: link("down", 0.5), topics: all }, []],
    ["the broker", { link: link("down", 0.6), topics: all, bridges: [bridge("n", false)] }, ["broker"]],
    ["a broker that refuses live topics", { link: link("deaf", 5), topics: all }, ["live topics"]],
    ["a bridge", { topics: all, bridges: [bridge("n", false, 0.7)] }, ["bridge n"]],
    ["a bridge that may be down", { topics: [topic("a", 1.6), topic("b", 1.6)], bridges: [bridge("n", true)] }, []],
    ["… also with a single topic", { topics: [topic("a", 1.6)], bridges: [bridge("n", true)] }, []],
    ["all topics, but no bridge", { topics: all, bridges: [bridge("n", true)] }, ["plant"]],
    [
      "one of two bridges",
      {
        topics: [topic("a", 5), topic("b", 0.1)],
        bridges: [bridge("n", false, 4.5), bridge("m", true)],
      },
      ["bridge n"],
    ],
    [
      "a bridge, and a topic that came after it went",
      {
        topics: [topic("a", 5), topic("b", 0.1), topic("c", 2)],
        bridges: [bridge("n", false, 4.5)],
      },
      ["bridge n", "topic c"],
    ],
    [
      "a bridge, and a topic that was silent before",
      {
        topics: [topic("a", 90), topic("b", 0.1)],
        bridges: [bridge("n", false, 4.5)],
      },
      ["bridge n", "topic a"],
    ],
    [
      "a device",
      {
        topics: [
          topic("p/AMB/TcIotCommunicator/Desc", 5),
          topic("p/AMB/TcIotCommunicator/Json/Tx/Data", 5),
          topic("b", 0.1),
        ],
        devices: [device("p/AMB", false, 5), device("p/X", true)],
      },
      ["device p/AMB/TcIotCommunicator/Desc"],
    ],
    ["one field", { fields: [field(1, 9), field(2, 1)] }, ["field 1"]],
    ["all fields", { fields: [field(1, 9), field(2, 9)] }, ["channel"]],
    ["ThingSpeak, away for a moment", { thingspeak: thingspeak(false, 4), fields: [field(1, 9)] }, []],
    ["ThingSpeak", { thingspeak: thingspeak(false, 6), fields: [field(1, 9), field(2, 9)] }, ["ThingSpeak"]],
    ["ThingSpeak that was not asked yet", { thingspeak: thingspeak(null), fields: [field(1, 9)] }, []],
    ["all topics and all fields", { topics: all, fields: [field(1, 3), field(2, 3)] }, ["plant"]],
    ["a bridge, and fields", { bridges: [bridge("n", false, 3)], fields: [field(1, 4), field(2, 4)] }, ["bridge n"]],
    ["fields long before the plant", { topics: all, fields: [field(1, 60), field(2, 60)] }, ["plant", "channel"]],
    ["the broker and all fields", { link: link("down", 9), fields: [field(1, 9), field(2, 9)] }, ["broker", "channel"]],
    ["nothing: just started", { topics: [topic("a", 99, 0.5, NOW - MINUTE), topic("b", 99, 0.5, NOW - MINUTE)] }, []],
  ])("is %s", (_, changes, expected) => {
    expect(subjects(changes)).toEqual(expected);
  });

  it("is told in plain words, with its time", () => {
    expect(messages({ link: link("down", 5) })).toEqual([
      "The MQTT broker broker:8883 has been out of reach since 04:55:00 EET: ECONNREFUSED. Until it is back, no alarm can come from the plant.",
    ]);
    expect(messages({ link: link("deaf", 5) })[0]).toContain("has given us none of the live topics since 04:55:00 EET");
    expect(messages({ topics: all })).toEqual([
      "Nothing has come from the plant, on any topic, since 04:58:00 EET. The broker broker:8883 is up: look at the plant's power, network and bridge.",
    ]);
    expect(messages({ topics: [topic("a", 2), topic("b", 0.1)], bridges: [bridge("n", false, 600)] })).toEqual([
      "The plant's bridge “n” is down, since 2026-11-22 19:00:00 EET at the latest. Nothing comes over it until it is back.",
      "“a” is silent: the last message came at 04:58:00 EET, and one is due every 30 s.",
    ]);
    expect(messages({ devices: [device("p/AMB", false, 5)] })).toEqual([
      "The device “p/AMB” is offline, since 04:55:00 EET at the latest. No alarm can come from it until it is back.",
    ]);
    expect(messages({ topics: [{ ...topic("a", 2), lastAt: null }] })).toEqual([
      "“a” is silent: nothing has come since 04:58:00 EET, and one is due every 30 s.",
    ]);
    expect(messages({ thingspeak: thingspeak(false, 6) })).toEqual([
      "ThingSpeak cannot be reached, since 04:54:00 EET.",
    ]);
    expect(messages({ fields: [field(1, 9), field(2, 1)] })).toEqual([
      "“Field 1” on ThingSpeak is not updating: its newest entry is from 04:51:00 EET, and one is due every 1 min.",
    ]);
  });

  it("is critical, and for everybody, where it stops alarms; else for those who get the alarms of its topic", () => {
    const first = (changes: Partial<WatchFacts>) => diagnose({ ...fine, ...changes }).troubles[0];
    for (const changes of [{ link: link("down", 5) }, { bridges: [bridge("north", false)] }]) {
      expect(first(changes)).toMatchObject({ severity: "critical", isForEverybody: true });
    }
    expect(first({ devices: [device("p/AMB", false)] })).toMatchObject({
      severity: "critical",
      about: "p/AMB/TcIotCommunicator/Messages/0",
    });
  });

  it("says where to look when ThingSpeak is not updating, if that is known", () => {
    const fields = [field(1, 9), field(2, 9)];
    const words = "ThingSpeak is not updating: its newest entry is from 04:51:00 EET.";
    expect(messages({ fields })).toEqual([
      `${words} The plant is alive on MQTT, so look at the way from the plant to the cloud.`,
    ]);
    expect(messages({ fields, topics: [] })).toEqual([words]);
    expect(messages({ fields, topics: [], link: link("down", 0.1) })).toEqual([words]);
  });
});

describe("what is undecided", () => {
  const undecided = (changes: Partial<WatchFacts>) =>
    [...find(changes).undecided].map((id) => id.replace("silence: ", ""));

  it.each<[string, Partial<WatchFacts>, string[]]>([
    [
      "all behind a broker that is down",
      { link: link("down", 1), bridges: [bridge("n", true)] },
      ["broker", "live topics", "plant", "bridge n", "topic a", "topic b", "topic c"],
    ],
    [
      "all but the broker when it refuses live topics",
      { link: link("deaf"), topics: [topic("a", 0.1)] },
      ["live topics", "plant", "topic a"],
    ],
    [
      "what has not been heard since we listen again",
      {
        topics: [topic("a", 9, 5, NOW - MINUTE), topic("b", 0.1, 0.5, NOW - MINUTE)],
      },
      ["topic a"],
    ],
    ["the plant, when nothing has", { topics: [topic("a", 9, 5, NOW - MINUTE)] }, ["plant", "topic a"]],
    [
      "what is hidden by a bridge",
      { topics: [topic("a", 5), topic("b", 5)], bridges: [bridge("n", false, 5)] },
      ["plant", "topic a", "topic b"],
    ],
    [
      "a bridge and a device that nobody has spoken of",
      { bridges: [bridge("n", null)], devices: [device("d", null)] },
      ["bridge n", "device d/TcIotCommunicator/Desc"],
    ],
    [
      "all fields while ThingSpeak is away",
      { thingspeak: thingspeak(false), fields: [field(1, 1)] },
      ["ThingSpeak", "channel", "field 1"],
    ],
  ])("%s", (_, changes, expected) => {
    expect(undecided(changes)).toEqual(expected);
  });
});
