import { describe, expect, it } from "vitest";
import { chosenScreens, FILE_SCREENS, SCREENS } from "../../gallery/screen-list.ts";

const namesOf = (names: readonly string[]) => chosenScreens(SCREENS, names).map(({ name }) => name);

describe("the screens that are taken of the demo", () => {
  it("are all, or those that are named with all in which these begin", () => {
    expect(chosenScreens(SCREENS, [])).toEqual(SCREENS);
    expect(namesOf(["calendar"])).toEqual(["get-figure", "period", "calendar"]);
    expect(namesOf(["what-if", "help"])).toEqual(["help", "quality", "quality-ten-worst", "what-if"]);
  });

  it.each([{ screens: SCREENS }, { screens: FILE_SCREENS }])(
    "begin in an earlier one whose button is pressed",
    ({ screens }) => {
      const names = screens.map(({ name }) => name);
      for (const [i, { name, press, after }] of screens.entries()) {
        expect(press === undefined || after !== undefined, `${name} begins somewhere`).toBe(true);
        expect(names.slice(0, i)).toEqual(after === undefined ? expect.anything() : expect.arrayContaining([after]));
      }
    },
  );
});
