import { LOST_END_MS } from "../alarms/lifecycle/lifecycle.ts";
import { rankOf, type Severity, SEVERITIES } from "../alarms/types.ts";
import type { KnownAlarm, MeasuredSpan, EventState } from "./types.ts";

/** One time that an alarm stood, and what was done about it. */
export interface Occasion {
  readonly alarm: KnownAlarm;
  /** When it came; by our clock, as all that follows. */
  readonly from: number;
  /** Whether it came before the span began. */
  readonly isFormer: boolean;
  /** `null`: it goes on. */
  to: number | null;
  peak: Severity;
  rungAt: number | null;
  acknowledgedAt: number | null;
  isPassedOn: boolean;
}

/** What is told of the courses of alarms, as it happens. */
export interface CourseListener {
  /** An alarm came. */
  came(occasion: Occasion): void;
  /** It got worse than it had been this time. */
  rose(occasion: Occasion): void;
  /** Nothing more will be known of a time that an alarm stood; `before` and `next`: when it came the times around it, in the span. */
  settled(occasion: Occasion, before: number | null, next: number | null): void;
}

interface Course {
  readonly alarm: KnownAlarm;
  newest: Occasion | null;
  /** When it came the time before. */
  before: number | null;
  lastAt: number;
  /** Whether the plant ever said a state of it. */
  tellsState: boolean;
}

/**
 * Follows each alarm through its events, as the lifecycle does: information is none; it comes when it is told active and was not, or after so
 * long a silence that its end must have been lost.
 */
export class Courses {
  readonly #listener: CourseListener;
  readonly #returnAfterMs: number;
  readonly #courses: ReadonlyMap<number, Course>;

  constructor(
    alarms: readonly KnownAlarm[],
    { startAt, returnAfterMs }: Pick<MeasuredSpan, "startAt"> & { readonly returnAfterMs: number },
    listener: CourseListener,
  ) {
    this.#returnAfterMs = returnAfterMs;
    this.#listener = listener;
    this.#courses = new Map(alarms.map((alarm) => [alarm.id, courseOf(alarm, startAt)]));
  }

  /** Its name; `null`: there is no such alarm. */
  nameOf(id: number): string | null {
    return this.#courses.get(id)?.alarm.name ?? null;
  }

  /** The time that an alarm stands, or stood last. */
  newest(id: number): Occasion | null {
    return this.#courses.get(id)?.newest ?? null;
  }

  /** @returns whether there is such an alarm */
  event(id: number, at: number, rank: number, state: EventState): boolean {
    const course = this.#courses.get(id);
    if (!course) return false;
    const occasion = course.newest?.to === null ? course.newest : null;
    if (state === "cleared") {
      if (occasion) occasion.to = at;
    } else if (occasion === null) {
      if (rank > 0) this.#begin(course, at, rank);
    } else if (state !== "unclear" && at - course.lastAt > this.#silence(course)) {
      occasion.to = course.lastAt;
      if (rank > 0) this.#begin(course, at, rank);
    } else if (rank > rankOf(occasion.peak)) {
      occasion.peak = severityOf(rank);
      this.#listener.rose(occasion);
    }
    course.lastAt = at;
    if (state !== null) course.tellsState = true;
    return true;
  }

  /** Somebody ended it. */
  end(id: number, at: number): void {
    const occasion = this.newest(id);
    if (occasion?.to === null) occasion.to = at;
  }

  /** Settles what is not yet. What was ended otherwise than by its events, or in a later span, is known from the alarm. */
  finish({ endAt }: Pick<MeasuredSpan, "endAt">): void {
    for (const course of this.#courses.values()) {
      const { newest, before } = course;
      if (newest === null) continue;
      const { endedAt } = newest.alarm;
      if (newest.to === null && endedAt !== null && endedAt < endAt) newest.to = Math.max(endedAt, newest.from);
      this.#listener.settled(newest, before, null);
    }
  }

  #silence({ tellsState }: Course): number {
    return tellsState ? Math.max(LOST_END_MS, this.#returnAfterMs) : this.#returnAfterMs;
  }

  #begin(course: Course, at: number, rank: number): void {
    const { newest, alarm } = course;
    if (newest) {
      this.#listener.settled(newest, course.before, at);
      course.before = newest.isFormer ? null : newest.from;
    }
    course.newest = begun(alarm, at, severityOf(rank));
    this.#listener.came(course.newest);
  }
}

/** As the span begins. */
function courseOf(alarm: KnownAlarm, startAt: number): Course {
  const { activeSince, endedAt, severity } = alarm;
  const isActive = activeSince !== null && (endedAt === null || endedAt >= startAt);
  return {
    alarm,
    newest: isActive ? { ...begun(alarm, activeSince, severity), isFormer: true } : null,
    before: null,
    lastAt: startAt,
    tellsState: isActive,
  };
}

const begun = (alarm: KnownAlarm, from: number, peak: Severity): Occasion => ({
  alarm,
  from,
  isFormer: false,
  to: null,
  peak,
  rungAt: null,
  acknowledgedAt: null,
  isPassedOn: false,
});

/** What is not known is taken for the worst. */
const severityOf = (rank: number): Severity => SEVERITIES[rank] ?? "critical";
