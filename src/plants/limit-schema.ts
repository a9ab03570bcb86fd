import type { Parsed } from "../lib/text/parsed.ts";
import { z } from "zod";
import { RATE_TIMES, type LimitRule } from "../limits/rule.ts";
import { duration, finite, readBy, section, severity, text } from "./schema-parts.ts";

/** A value that jumps over a limit for a moment is no alarm. */
const DEFAULT_HOLD_MS = 10_000;
const DEFAULT_HYSTERESIS = { share: 0.02 } as const;

/** `2%` of the limit, or an amount. */
export const hysteresis = readBy((given): Parsed<{ readonly share: number } | { readonly by: number }> => {
  const [, percent] = /^(\d{1,2}(?:\.\d+)?)\s?%$/.exec(String(given)) ?? [];
  if (percent !== undefined) return { value: { share: Number(percent) / 100 } };
  const isAmount = typeof given === "number" && Number.isFinite(given) && given >= 0;
  return isAmount
    ? { value: { by: given } }
    : { problem: "must be a number that is not negative, or a share such as 2%" };
});

const RATE_UNITS = ["s", "min", "h"] as const satisfies readonly (keyof typeof RATE_TIMES)[];

/** `5/min`: by so much in a second, a minute or an hour. */
const rate = readBy((given): Parsed<{ readonly value: number; readonly per: keyof typeof RATE_TIMES }> => {
  const [, amount, unit] = /^(\d+(?:\.\d+)?)\s?\/\s?(s|min|h)$/.exec(String(given)) ?? [];
  const per = RATE_UNITS.find((one) => one === unit);
  return per !== undefined && Number(amount) > 0
    ? { value: { value: Number(amount), per } }
    : { problem: "is not a rate: write a number above 0, a slash and s, min or h, for example 5/min" };
});

/** Under `devices`: that the limits of a device's own members are alarms. */
export const deviceLimits = section({
  device: text,
  limits: severity,
  for: duration.default(DEFAULT_HOLD_MS),
  hysteresis: hysteresis.default(DEFAULT_HYSTERESIS),
}).transform(({ device, limits, for: holdMs, hysteresis: given }) => ({
  device,
  severity: limits,
  holdMs,
  hysteresisOf: (limit: number): number => hysteresisOf(given, limit),
}));

const hysteresisOf = (given: { readonly share: number } | { readonly by: number }, limit: number): number =>
  "share" in given ? Math.abs(limit) * given.share : given.by;

/** One limit of a field: a value or a rate that is not to be passed, and whether that is an alarm. */
export const limit = section({
  above: finite.optional(),
  below: finite.optional(),
  rises: rate.optional(),
  falls: rate.optional(),
  severity: severity.default("warning"),
  for: duration.default(DEFAULT_HOLD_MS),
  hysteresis: hysteresis.default(DEFAULT_HYSTERESIS),
  alarm: z.boolean("must be true or false").default(true),
  predict: duration.optional(),
})
  .refine(
    ({ above, below, rises, falls }) => [above, below, rises, falls].filter((one) => one !== undefined).length === 1,
    // Without one of them there is no limit to look at any further.
    { error: "needs one of above, below, rises and falls", abort: true },
  )
  .refine(({ predict, rises, falls }) => predict === undefined || (rises ?? falls) === undefined, {
    error: "cannot predict a rate: predict goes with above or below",
    abort: true,
  })
  .refine(({ alarm, predict }) => alarm || predict === undefined, {
    error: "predicts an alarm that it does not raise",
    abort: true,
  })
  .transform(({ above, below, rises, falls, severity, for: holdMs, hysteresis: given, alarm, predict = null }) => {
    const change = rises ?? falls;
    const value = change?.value ?? above ?? below ?? 0;
    const base = { severity, holdMs, value, hysteresis: hysteresisOf(given, value) };
    const rule: LimitRule =
      change === undefined
        ? { ...base, kind: "level", side: above === undefined ? "below" : "above", predictMs: predict }
        : {
            ...base,
            kind: "rate",
            side: rises ? "rises" : "falls",
            per: change.per,
            withinMs: RATE_TIMES[change.per],
          };
    return { rule, isAlarm: alarm };
  });
