import { expect, it } from "vitest";
import { BUTTON_RIGHTS } from "../../../src/telegram/access/button-rights.ts";
import { NAMED_BY_BUTTON } from "../../../src/telegram/access/sent-messages.ts";

it("every kind of button has its word on what it names by its number", () => {
  expect(Object.keys(NAMED_BY_BUTTON).toSorted()).toEqual(Object.keys(BUTTON_RIGHTS).toSorted());
});
