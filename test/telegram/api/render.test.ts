import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  fit,
  folded,
  html,
  join,
  lines,
  MAX_ENTITIES,
  ours,
  timeView,
  toPlain,
} from "../../../src/telegram/api/render.ts";
import { annaId, setUp } from "../../demo/telegram/support.ts";
import { JOINER, rejoined } from "../../../src/telegram/api/unlinked.ts";

describe("html", () => {
  it("escapes what is put in, and keeps the template", () => {
    expect(html`<b>${'<i> & "x"'}</b>`.html).toBe("<b>&lt;i&gt; &amp; &quot;x&quot;</b>");
  });
  it("breaks what is put in where Telegram would link it, and leaves alone what the template says, code, and tags", () => {
    const [command, topic] = ["/leave", "a/+/b"];
    expect(html`/help ${command}`.html).toBe(`/help /${JOINER}leave`);
    expect(html`<code>${topic}</code> ${topic} <pre>${command}</pre>`.html).toBe(
      `<code>a/+/b</code> a/+/${JOINER}b <pre>/leave</pre>`,
    );
    expect(html`<a href="${"https://t.me/x"}">${"t.me/x"}</a>`.html).toBe(
      `<a href="https://t.me/x">t.${JOINER}me/x</a>`,
    );
    expect(html`<b>${ours("/leave <x>")}</b>`.html).toBe("<b>/leave &lt;x&gt;</b>");
    // Sent without markup, nothing is code any more.
    expect(toPlain(html`<code>${topic}</code>: ${"<x>"}`)).toBe(`a/+/${JOINER}b: <x>`);
  });
  it("takes HTML as it is", () => {
    expect(lines(html`a`, null, join([html`<b>${1}</b>`, html`2`], " & ")).html).toBe("a\n<b>1</b> &amp; 2");
  });
  it("lets no text change the markup, and gives it back as plain text", () => {
    fc.assert(
      fc.property(fc.string({ unit: "binary" }), (text) => {
        const made = html`<b>${text}</b>`;
        expect(made.html.slice(3, -4)).not.toMatch(/[<>"]|&(?!lt;|gt;|amp;|quot;)/);
        expect(rejoined(toPlain(made))).toBe(rejoined(text.toWellFormed()));
      }),
      { numRuns: 1_000 },
    );
  });
});

describe("fit", () => {
  const item = (i: number) => html`${i} <${"x".repeat(100)}>`;

  it("keeps what fits as it is", () => {
    expect(fit(html`<b>head</b>`, [html`a`, html`b`]).html).toBe("<b>head</b>\na\nb");
  });
  it("drops whole items, counts them, and never exceeds what Telegram takes", () => {
    const text = fit(
      html`<b>head</b>`,
      Array.from({ length: 500 }, (_, i) => item(i)),
    ).html;
    expect(text.length).toBeLessThanOrEqual(4_096);
    const shown = text.split("\n").length - 2;
    expect(shown).toBeGreaterThan(30);
    expect(text.split("\n").at(-1)).toBe(`+${500 - shown} more`);
  });
  it("counts what was never handed over", () => {
    expect(fit(html`h`, [html`a`], 10).html).toBe("h\na\n+9 more");
  });
  it.each([
    [MAX_ENTITIES, "all of it"],
    [MAX_ENTITIES + 1, "what is over is dropped, and counted"],
  ])("with %i forms and commands in a message shows %s", async (count) => {
    const { telegram, api } = await setUp();
    // A head, a quotation, and two in each row: a command and a time.
    const rows = Array.from(
      { length: (MAX_ENTITIES - 2) / 2 },
      (_, i) => html`/alarm_${i} ${timeView(0, "time", "T")}`,
    );
    const more = Array.from({ length: count - MAX_ENTITIES }, () => html`<i>one more</i>`);
    await api.sendMessage(annaId, folded(html`<b>head</b>`, [...rows, ...more]).html, { parse_mode: "HTML" });
    const { text, entities } = telegram.messages(annaId).at(-1)!;
    expect(entities).toHaveLength(MAX_ENTITIES);
    expect(entities.filter(({ type }) => type === "bot_command")).toHaveLength(rows.length);
    expect(text.endsWith("+1 more")).toBe(count > MAX_ENTITIES);
  });
});
