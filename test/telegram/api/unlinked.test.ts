import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { foundEntities } from "../../../src/demo/telegram/state/found-entities.ts";
import { JOINER, rejoined, unlinked } from "../../../src/telegram/api/unlinked.ts";
import { check, inTime, repeated } from "../../fuzz/cases.ts";

/** What of a text the stand-in, which finds it by Telegram's rules, would make tappable. */
const linked = (text: string): string[] =>
  foundEntities(text).map(({ type, offset, length }) => `${type} ${text.slice(offset, offset + length)}`);

describe("what Telegram makes of plain text", () => {
  it.each([
    ["/leave", ["bot_command /leave"]],
    ["press /leave@valvomo_bot now", ["bot_command /leave@valvomo_bot"]],
    ["lut/+/warnings", ["bot_command /warnings"]],
    ["lut/AMBsystem/warnings/coil", []],
    ["</b> //leave 3/4 /ä /leave/x", []],
    ["@aino and a@b", ["mention @aino"]],
    ["#coil #42 #4a x#y", ["hashtag #coil", "hashtag #4a"]],
    ["$SYS/broker $UPM US$ $100", ["cashtag $SYS", "cashtag $UPM"]],
    ["aino@plant.fi", ["email aino@plant.fi"]],
    ["t.me/joinchat/x, see www.evil.example.", ["url t.me/joinchat/x", "url www.evil.example"]],
    ["http://plc.local:80/a?b#c", ["url http://plc.local:80/a?b#c"]],
    ["tg://resolve?domain=x", ["url tg://resolve?domain=x"]],
    ["пример.рф", ["url пример.рф"]],
    ["PLC 192.168.0.10 is off", ["url 192.168.0.10"]],
    ["82.1 °C at 20.8.2018, 1.012.040 rpm, v2.0.11", []],
    ["call +358 40 123 4567", ["phone_number +358 40 123 4567"]],
    ["+82.1 °C, +1 to +3", []],
  ])("%s", (text, found) => {
    expect(linked(text)).toEqual(found);
    // None of it is left, and it looks the same.
    expect(linked(unlinked(text))).toEqual([]);
    expect(rejoined(unlinked(text))).toBe(text);
    if (found.length === 0) expect(unlinked(text)).toBe(text);
  });
});

describe("what people copy", () => {
  it.each([
    "#42",
    "GVL.bAlarm.nState",
    "lut/AMBsystem/warnings/coil",
    "82.1 °C",
    "12:34:56",
    "2026-11-26 03:00",
    "P-101/A",
    "a/#",
  ])("stays as it is: %s", (text) => expect(unlinked(text)).toBe(text));
});

describe("words from outside", () => {
  const word = fc.constantFrom(
    ..."/ // @ # $ . .. : :// http https ftp tg ton t.me www com fi рф xn--p1ai leave a b9 _ - ~ + 358 40 1234567 192 168 é 🔥 ( ) ' \" < > \n \u200C \u00B7".split(
      " ",
    ),
    " ",
    JOINER,
  );
  const words = fc.array(word, { maxLength: 24 }).map((parts) => parts.join(""));

  it("link nothing, whatever stands together, and look the same", () => {
    check(
      fc.oneof(
        words,
        fc.string({ unit: "binary" }).map((text) => text.toWellFormed()),
      ),
      (text) => {
        const broken = unlinked(text);
        expect(linked(broken)).toEqual([]);
        expect(rejoined(broken)).toBe(rejoined(text));
        expect(unlinked(broken)).toBe(broken);
      },
    );
  });

  it("are broken in the time that their length needs", () => {
    for (const pattern of [
      ...["/a", "@a", "#1", "a.", ".a", "$A", "+1 ", "tg:", "a-.", "/_"].map((one) => one.repeat(16_000)),
      "a".repeat(64_000),
      `#${"1".repeat(64_000)}`,
      `/${"a".repeat(64_000)}`,
    ])
      expect(rejoined(inTime(() => unlinked(pattern)))).toBe(pattern);
    fc.assert(
      fc.property(repeated(32_000), (text) => void inTime(() => unlinked(text))),
      { numRuns: 50 },
    );
  });
});
