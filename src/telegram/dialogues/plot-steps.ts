import type { Problem } from "../../lib/text/parsed.ts";
import type { Field } from "../../measurements/source.ts";
import { tooMuch } from "../../lib/text/typed-bounds.ts";
import { parseEnd, parsePeriod, parseStart, PRESETS } from "../../queries/period.ts";
import type { Period } from "../../queries/period.ts";
import { findField } from "../../queries/find-field.ts";
import { howToType, problem } from "../../queries/problem.ts";
import { parseCalendarPress } from "./calendar.ts";
import {
  calendarOf,
  dayAt,
  endScreen,
  fieldScreen,
  PLOT_PREFIX,
  PRESS,
  rangeScreen,
  startDayScreen,
  startScreen,
  withProblem,
} from "./plot-screens.ts";
import type { PlotSubject } from "./plot-screens.ts";
import type { QuestionAnswer, Screen } from "./question.ts";

/** What is known so far; the first `null` is what is asked for. Epoch ms. */
export interface PlotState {
  readonly field: Field | null;
  readonly startAt: number | null;
  /** Of the day that was pressed as the end; it may be another one until it is confirmed. */
  readonly endAt: number | null;
}

/** What an answer leads to. */
export type PlotStep =
  /** The next question, or another page of the same one. */
  | { readonly kind: "ask"; readonly state: PlotState; readonly screen: Screen }
  /** The answer is no use; the same question again, with the reason. */
  | { readonly kind: "refuse"; readonly state: PlotState; readonly screen: Screen }
  | { readonly kind: "complete"; readonly field: Field; readonly period: Period }
  | { readonly kind: "cancel" }
  /** A press that means nothing here: on a title, or twice. */
  | { readonly kind: "nothing" };

/** How a dialogue begins: the field is asked for only if there is a choice. */
export function firstState(fields: readonly Field[]): PlotState {
  const [field = null, ...others] = fields;
  return startOf(others.length === 0 ? field : null);
}

/** The question that belongs to a state. */
export function screenOf(state: PlotState, subject: PlotSubject): Screen {
  const { field, startAt, endAt } = state;
  if (field === null) return fieldScreen(subject);
  if (startAt === null) return startScreen(subject, field);
  const month = endAt === null ? calendarOf(subject, startAt).earliest : dayAt(endAt - 1, subject.zone);
  return calendarScreen(state, field, subject, month.slice(0, 7));
}

/** The state in which the start is asked for, or the field if there is none. */
function startOf(field: Field | null): PlotState {
  return { field, startAt: null, endAt: null };
}

/** Takes one answer. Pure: the same arguments always lead to the same step. */
export function takeAnswer(state: PlotState, answer: QuestionAnswer, subject: PlotSubject): PlotStep {
  return answer.kind === "text" ? takeText(state, answer.text, subject) : takePress(state, answer.data, subject);
}

function takeText(state: PlotState, text: string, subject: PlotSubject): PlotStep {
  const { field, startAt } = state;
  const { fields, zone, now, anchors } = subject;
  const excess = tooMuch(text);
  if (excess !== null) return refuse(problem(`${excess} ${howToType(zone, now)}`), state, subject);
  if (field === null) {
    const found = findField(text, fields);
    return "value" in found ? ask(startOf(found.value), subject) : refuse(found, state, subject);
  }
  const read = startAt === null ? parseStart(text, zone, now, anchors) : parseEnd(text, startAt, zone, now);
  if ("problem" in read) return refuse(read, state, subject);
  const { endAt, ...rest } = read.value;
  return endAt === null
    ? ask({ field, startAt: rest.startAt, endAt: null }, subject)
    : complete(field, { ...rest, endAt });
}

/** Reads a press with suspicion: buttons of an earlier page may still be pressed, and data can be forged. */
function takePress(state: PlotState, data: string, subject: PlotSubject): PlotStep {
  const { field, startAt, endAt } = state;
  const press = data.startsWith(PLOT_PREFIX) ? data.slice(PLOT_PREFIX.length) : "";
  if (press === PRESS.cancel) return { kind: "cancel" };
  if (field === null) {
    const chosen = subject.fields.find(({ number }) => press === `${PRESS.field}${number}`);
    return chosen ? ask(startOf(chosen), subject) : { kind: "nothing" };
  }
  if (press === PRESS.back) return ask(endAt === null ? startOf(field) : { ...state, endAt: null }, subject);
  if (press === PRESS.draw && startAt !== null && endAt !== null) {
    // Of today, more has passed by now.
    const period = parseEnd(dayAt(endAt - 1, subject.zone), startAt, subject.zone, subject.now);
    return "value" in period ? complete(field, period.value) : refuse(period, state, subject);
  }
  if (press === PRESS.now && startAt !== null) return takeText(state, "now", subject);
  if (startAt === null) {
    const preset = PRESETS.find(({ id }) => press === `${PRESS.preset}${id}`);
    if (preset !== undefined) {
      const period = parsePeriod(preset.id, subject.zone, subject.now, subject.anchors);
      return "value" in period ? complete(field, period.value) : refuse(period, state, subject);
    }
    if (press === PRESS.days) {
      const month = dayAt(subject.now, subject.zone).slice(0, 7);
      return { kind: "ask", state, screen: calendarScreen(state, field, subject, month) };
    }
  }
  return takeCalendarPress(state, field, data, subject);
}

function takeCalendarPress(state: PlotState, field: Field, data: string, subject: PlotSubject): PlotStep {
  const { startAt } = state;
  const press = parseCalendarPress(data, PLOT_PREFIX, calendarOf(subject, startAt));
  if (press?.kind === "month")
    return { kind: "ask", state, screen: calendarScreen(state, field, subject, press.month) };
  if (press?.kind !== "day") return { kind: "nothing" };
  if (startAt === null) return takeText(state, press.day, subject);
  const period = parseEnd(press.day, startAt, subject.zone, subject.now);
  return "value" in period ? ask({ ...state, endAt: period.value.endAt }, subject) : refuse(period, state, subject);
}

/** The calendar that a state asks by, at a month. */
function calendarScreen(state: PlotState, field: Field, subject: PlotSubject, month: string): Screen {
  const { startAt, endAt } = state;
  if (startAt === null) return startDayScreen(subject, field, month);
  if (endAt === null) return endScreen(subject, field, startAt, month);
  return rangeScreen(subject, field, { startAt, endAt }, month);
}

function ask(state: PlotState, subject: PlotSubject): PlotStep {
  return { kind: "ask", state, screen: screenOf(state, subject) };
}

function complete(field: Field, { startAt, endAt, goesOn }: Period): PlotStep {
  return { kind: "complete", field, period: { startAt, endAt, ...(goesOn && { goesOn }) } };
}

function refuse({ problem }: Problem, state: PlotState, subject: PlotSubject): PlotStep {
  return { kind: "refuse", state, screen: withProblem(problem, screenOf(state, subject)) };
}
