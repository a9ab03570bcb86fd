import { expect, it } from "vitest";
import { proposalFor } from "../../src/quality/proposal.ts";

/** Comes ten times, and people see to it. */
const HABIT = {
  count: 10,
  starts: [],
  chatterUntil: 0,
  chatter: 0,
  critical: 0,
  fleeting: 0,
  stale: 0,
  rung: 10,
  unacknowledged: 0,
};
const CAUSE = /^look for its cause/;

it.each([
  ["it chatters", { chatter: 1, fleeting: 10, stale: 1 }, /hysteresis/],
  ["it is over within seconds, mostly", { fleeting: 6 }, /wait 10 s/],
  ["… half of the times", { fleeting: 5 }, CAUSE],
  ["… but was critical once", { fleeting: 6, critical: 1 }, CAUSE],
  ["it stands for days", { stale: 1 }, /mend what it tells/],
  ["nobody acknowledges it, mostly", { unacknowledged: 6 }, /information/],
  ["… three times of three", { count: 3, rung: 3, unacknowledged: 3 }, /information/],
  ["… but it came twice", { count: 2, rung: 2, unacknowledged: 2 }, CAUSE],
  ["… but was critical once, too", { unacknowledged: 10, critical: 1 }, CAUSE],
  ["nothing else is to be said", {}, CAUSE],
])("proposes what helps where %s", (_, habit, proposal) => {
  expect(proposalFor({ ...HABIT, ...habit })).toMatch(proposal);
});
