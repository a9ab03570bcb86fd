import { describe, expect, it } from "vitest";
import { parseHtml } from "../../../../src/demo/telegram/state/html.ts";

describe("parseHtml", () => {
  it("reads tags into entities, counted in UTF-16 units", () => {
    expect(parseHtml("🔥 <b>Coil <i>1</i></b> &lt;80&#176;C&gt; &nbsp;")).toEqual({
      text: "🔥 Coil 1 <80°C> &nbsp;",
      entities: [
        { type: "bold", offset: 3, length: 6 },
        { type: "italic", offset: 8, length: 1 },
      ],
    });
  });

  it("reads what tags say in attributes", () => {
    const html =
      '<a href="https://a.example/?x=1&amp;y=2">link</a> <tg-time unix="1647531900" format="wDT">22:45</tg-time> ' +
      '<blockquote expandable>more</blockquote> <span class="tg-spoiler">who</span>';
    expect(parseHtml(html).entities).toEqual([
      { type: "text_link", url: "https://a.example/?x=1&y=2", offset: 0, length: 4 },
      { type: "date_time", unix_time: 1647531900, date_time_format: "wDT", offset: 5, length: 5 },
      { type: "expandable_blockquote", offset: 11, length: 4 },
      { type: "spoiler", offset: 16, length: 3 },
    ]);
  });

  it("keeps nothing inside of code, and drops a link that leads nowhere and an empty tag", () => {
    expect(parseHtml('<pre><code>a</code></pre><code><b>b</b></code><a href="x">c</a><i></i>').entities).toEqual([
      { type: "pre", offset: 0, length: 1 },
      { type: "code", offset: 1, length: 1 },
    ]);
  });

  it.each([
    ["°<x>y</x>", 'Unsupported start tag "x" at byte offset 2'],
    ["a < b", 'Unsupported start tag "" at byte offset 2'],
    ["<b", "Unclosed start tag at byte offset 0"],
    ['<a href="x', "Unexpected end of name token at byte offset 8"],
    ["<a href=", 'Unclosed start tag "a" at byte offset 0'],
    ["<b>a", 'Can\'t find end tag corresponding to start tag "b"'],
    ["a</b>", "Unexpected end tag at byte offset 1"],
    ["<b>a</i>", 'Unmatched end tag at byte offset 4, expected "</b>", found "</i>"'],
    ["<b>a</b", "Unclosed end tag at byte offset 4"],
    ["<b class>a</b>", 'Expected equal sign in declaration of an attribute of the tag "b" at byte offset 0'],
    ['<b ="x">a</b>', 'Empty attribute name in the tag "b" at byte offset 0'],
    ['<span class="x">a</span>', 'Tag "span" must have class "tg-spoiler" at byte offset 0'],
    ["<tg-time>now</tg-time>", "Invalid Unix time specified"],
  ])("refuses %s", (html, reason) => {
    expect(() => parseHtml(html)).toThrow(`Bad Request: can't parse entities: ${reason}`);
  });
});
