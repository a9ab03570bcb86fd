import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { dayAt } from "../../../src/telegram/dialogues/plot-screens.ts";
import { firstState, screenOf, takeAnswer } from "../../../src/telegram/dialogues/plot-steps.ts";
import type { PlotState, PlotStep } from "../../../src/telegram/dialogues/plot-steps.ts";
import { NO_ANCHORS } from "../../../src/queries/time-words.ts";

const ZONE = "Europe/Helsinki";
const NOW = Date.parse("2026-11-23T13:00:00Z");
const COIL = { number: 1, label: "Coil temperature (°C)" };
const SPEED = { number: 4, label: "Speed" };
const SUBJECT = { fields: [COIL, SPEED], zone: ZONE, now: NOW, anchors: NO_ANCHORS, createdAt: null, weekStart: 1 };
const START: PlotState = { field: SPEED, startAt: null, endAt: null };
const END: PlotState = { field: SPEED, startAt: Date.parse("2018-08-19T21:00:00Z"), endAt: null };
const RANGE: PlotState = { ...END, endAt: Date.parse("2018-08-22T21:00:00Z") };

const press = (data: string) => ({ kind: "press", data: `plot:${data}` }) as const;
const text = (text: string) => ({ kind: "text", text }) as const;

/** Whether a step from `state` can be carried out. */
function isSound(step: PlotStep, state: PlotState): boolean {
  switch (step.kind) {
    case "complete":
      return step.period.startAt < step.period.endAt && step.period.endAt <= NOW;
    case "ask":
      return step.screen.buttons.flat().length <= 100;
    case "refuse":
      return step.state === state && step.screen.text.length <= 1_000;
    case "cancel":
    case "nothing":
      return true;
  }
}

/** The month and the year that a calendar shows. */
const titleOf = ({ buttons: [first] }: ReturnType<typeof screenOf>) => [first?.[1]?.text, first?.[4]?.text];

describe("takeAnswer", () => {
  it("does not ask for the field where there is only one", () => {
    expect(firstState([SPEED])).toEqual(START);
    expect(firstState([COIL, SPEED])).toEqual({ ...START, field: null });
  });

  it("takes a field by press and by its label", () => {
    const state = firstState(SUBJECT.fields);
    expect(takeAnswer(state, press("field:4"), SUBJECT)).toMatchObject({ kind: "ask", state: START });
    expect(takeAnswer(state, text("coil"), SUBJECT)).toMatchObject({ state: { field: COIL } });
    expect(takeAnswer(state, text("pressure"), SUBJECT)).toMatchObject({ kind: "refuse", state });
  });

  it("opens the calendar at this month for the start, at the month of the start for the end", () => {
    const start = takeAnswer(START, press("days"), SUBJECT);
    expect(start.kind === "ask" && titleOf(start.screen)).toEqual(["Nov", "2026"]);
    expect(titleOf(screenOf(END, SUBJECT))).toEqual(["Aug", "2018"]);
    expect(screenOf(END, SUBJECT).buttons.flat()).toContainEqual({ text: "✓20", callback_data: "plot:d:2018-08-20" });
  });

  it("counts a pressed end day to its end, shows the range, and draws it when that is confirmed", () => {
    const step = takeAnswer(END, press("d:2018-08-22"), SUBJECT);
    expect(step).toMatchObject({ kind: "ask", state: RANGE });
    const week = step.kind === "ask" ? step.screen.buttons[1]?.map(({ text }) => text) : [];
    expect(week).toEqual(["✓20", "•21", "✓22", "23", "24", "25", "26"]);
    const period = { startAt: END.startAt, endAt: RANGE.endAt };
    expect(takeAnswer(RANGE, press("draw"), SUBJECT)).toEqual({ kind: "complete", field: SPEED, period });
  });

  it("takes another end until it is confirmed, pressed or typed, and goes back question by question", () => {
    const other = { ...RANGE, endAt: Date.parse("2018-08-21T21:00:00Z") };
    expect(takeAnswer(RANGE, press("d:2018-08-21"), SUBJECT)).toMatchObject({ kind: "ask", state: other });
    expect(takeAnswer(RANGE, text("2018-08-21"), SUBJECT)).toMatchObject({
      kind: "complete",
      period: { endAt: other.endAt },
    });
    expect(takeAnswer(RANGE, press("m:2018-09"), SUBJECT)).toMatchObject({ kind: "ask", state: RANGE });
    expect(takeAnswer(RANGE, press("back"), SUBJECT)).toMatchObject({ kind: "ask", state: END });
    expect(takeAnswer(END, press("back"), SUBJECT)).toMatchObject({ kind: "ask", state: START });
  });

  it("ends a range with today at now", () => {
    expect(takeAnswer(END, press("d:2026-11-23"), SUBJECT)).toMatchObject({ state: { endAt: NOW } });
  });

  it("offers no day before the channel was made, in the reader's zone", () => {
    const subject = { ...SUBJECT, createdAt: Date.parse("2026-11-09T22:30:00Z") };
    const daysOf = (step: PlotStep) =>
      step.kind === "ask" ? (JSON.stringify(step.screen.buttons).match(/plot:d:[\d-]+/g) ?? []) : [];
    expect(daysOf(takeAnswer(START, press("days"), subject))[0]).toBe("plot:d:2026-11-10");
    expect(takeAnswer(START, press("d:2026-11-09"), subject)).toEqual({ kind: "nothing" });
    // A start that was typed may lie before it: there the calendar opens with the channel's first days.
    expect(titleOf(screenOf(END, subject))).toEqual(["Nov", "2026"]);
    // A clock that is ahead leaves today.
    const ahead = { ...subject, createdAt: NOW + 86_400_000 };
    expect(daysOf(takeAnswer(START, press("days"), ahead))).toEqual(["plot:d:2026-11-23"]);
  });

  it.each([
    ["a field when it is known", START, "field:1"],
    ["the end's button at the start", START, "now"],
    ["a preset at the end", END, "last:24h"],
    ["Draw without an end", END, "draw"],
    ["Draw without a start", START, "draw"],
    ["a day before the start", END, "d:2018-08-19"],
    ["a day to come", START, "d:2026-11-24"],
    ["a field that is not there", firstState(SUBJECT.fields), "field:9"],
    ["a calendar's title", START, "-"],
    ["nonsense", START, "\u0000"],
  ])("does nothing about a press on %s", (_what, state, data) => {
    expect(takeAnswer(state, press(data), SUBJECT)).toEqual({ kind: "nothing" });
  });

  it("asks, completes with a period, refuses or does nothing, whatever comes", () => {
    const state = fc.constantFrom(firstState(SUBJECT.fields), START, END, RANGE);
    const answer = fc.oneof(fc.string().map(text), fc.string().map(press), fc.constantFrom(text("1h"), press("days")));
    fc.assert(
      fc.property(state, answer, (state, answer) => {
        expect(takeAnswer(state, answer, SUBJECT)).toSatisfy((step: PlotStep) => isSound(step, state));
      }),
    );
  });
});

describe("dayAt", () => {
  it("is the reader's day", () => {
    expect(dayAt(Date.parse("2018-08-19T21:00:00Z"), ZONE)).toBe("2018-08-20");
  });
});
