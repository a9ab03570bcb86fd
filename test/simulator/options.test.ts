import { describe, expect, it } from "vitest";
import { ConfigError } from "../../src/lib/errors.ts";
import { readOptions } from "../../src/simulator/options.ts";
import { USUAL_PLANT } from "../../src/simulator/plant.ts";

const NOW = Date.UTC(2026, 10, 25, 15);
const read = (line: string) =>
  readOptions(
    line.split(" ").filter((word) => word !== ""),
    NOW,
  );

function problemsOf(line: string): readonly string[] {
  try {
    read(line);
  } catch (error) {
    if (error instanceof ConfigError) return error.problems;
  }
  return [];
}

describe("the command line of npm run plant", () => {
  it("takes a broker, and is the thesis' plant then, from now on", () => {
    expect(read("--broker mqtt://localhost")).toEqual({
      plant: USUAL_PLANT,
      broker: { url: "mqtt://localhost", username: null, password: null, ca: null, cert: null, key: null },
      from: NOW,
      forMs: Infinity,
      speed: 1,
    });
  });

  it("takes the rest", () => {
    const options = read(
      "--broker mqtts://b:8883 --send bulk,warnings --seed 7 --from 7d --for 2d --speed 1000 --every 1s --bulk-every 15s --machine A --troubles daily",
    );
    expect(options).toMatchObject({
      plant: {
        seed: 7,
        machine: "A",
        troubles: "daily",
        everyMs: 1_000,
        bulkEveryMs: 15_000,
        send: new Set(["bulk", "warnings"]),
      },
      from: NOW - 7 * 86_400_000,
      forMs: 2 * 86_400_000,
      speed: 1_000,
    });
    expect(read("--broker mqtt://b --from 2026-11-20T06:00:00Z")?.from).toBe(Date.UTC(2026, 10, 20, 6));
  });

  it("asks for help", () => expect(read("--help")).toBeNull());

  it.each([
    ["", /^--broker is missing/],
    ["--broker http://b", /^--broker is an address such as mqtt:\/\/localhost/],
    // A password in an address would be told with it.
    ["--broker mqtt://u:secret@b", /^--broker is an address/],
    ["--broker mqtt://b --speed 0", /^--speed is a number from 1/],
    ["--broker mqtt://b --speed x", /^--speed is a number from 1/],
    ["--broker mqtt://b --from 2027-01-01", /^--from is a date that has passed/],
    ["--broker mqtt://b --from yesterday", /^--from is a date that has passed/],
    ["--broker mqtt://b --send bulk,fax", /^--send is some of points,bulk,warnings,twincat/],
    ["--broker mqtt://b --every 20s --bulk-every 1m --every 25s", /^--bulk-every is a multiple/],
    ["--broker mqtt://b --machine a/b", /^--machine is one level/],
    ["--broker mqtt://b --machine a+", /^--machine is part of a topic/],
    ["--broker mqtt://b --ca /nowhere", /^--ca is a file that can be read, not “\/nowhere”/],
    ["--broker mqtt://b --bulk", /Unknown option '--bulk'.*--help tells/],
    ["--broker mqtt://b plenty", /--help tells/],
  ])("says what is wrong with: %s", (line, problem) => {
    expect(problemsOf(line)).toHaveLength(1);
    expect(problemsOf(line)[0]).toMatch(problem);
  });

  it("says everything that is wrong at once", () => expect(problemsOf("--speed 0 --seed x")).toHaveLength(3));
});
