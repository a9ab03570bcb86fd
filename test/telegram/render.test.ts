import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { html, join, lines, toPlain } from "../../src/telegram/render.ts";

describe("html", () => {
  it("escapes what is put in, and keeps the template", () => {
    expect(html`<b>${'<i> & "x"'}</b>`.html).toBe("<b>&lt;i&gt; &amp; &quot;x&quot;</b>");
  });
  it("takes HTML as it is", () => {
    expect(lines(html`a`, null, join([html`<b>${1}</b>`, html`2`], " & ")).html).toBe("a\n<b>1</b> &amp; 2");
  });
  it("lets no text change the markup, and gives it back as plain text", () => {
    fc.assert(
      fc.property(fc.string({ unit: "binary" }), (text) => {
        const made = html`<b>${text}</b>`;
        expect(made.html.slice(3, -4)).not.toMatch(/[<>"]|&(?!lt;|gt;|amp;|quot;)/);
        expect(toPlain(made)).toBe(text.toWellFormed());
      }),
      { numRuns: 1_000 },
    );
  });
});
