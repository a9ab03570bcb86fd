import { describe, expect, it } from "vitest";
import { readDescription } from "../../src/devices/description.ts";
import { emojiOf } from "../../src/devices/icons.ts";
import { isPermitted } from "../../src/devices/permitted.ts";

const read = (payload: string) => readDescription(Buffer.from(payload, "latin1"));

const usersIn = (payload: string) => {
  const description = read(payload);
  return description === null || description === "cleared" ? null : description.permittedUsers;
};

describe("a description", () => {
  it("is read, padded or not", () => {
    const text =
      '{"Timestamp":"2026-11-23T05:00:00","Online":true,"Icon":"Lightbulb","PermittedUsers":"anna; @ben"}\0\0\0';
    expect(read(text)).toEqual({ isOnline: true, icon: "Lightbulb", permittedUsers: ["anna", "@ben"] });
  });

  it("that is a last will says nothing but that the device is gone", () => {
    expect(read('{"Online": false}')).toEqual({ isOnline: false, icon: null, permittedUsers: null });
  });

  it.each(["", "  ", "\0\0\0"])("that is empty is taken back: %j", (payload) => {
    expect(read(payload)).toBe("cleared");
  });

  it.each(["hello", "[1]", "null", `{"Online":true,"Icon":"${"x".repeat(70_000)}"}`])("is not %.20j", (payload) => {
    expect(read(payload)).toBeNull();
  });

  it.each([
    ['"*"', ["*"]],
    ['""', ["*"]],
    ["null", ["*"]],
    ['"anna,*"', ["*"]],
    ['["anna","ben"]', ["anna", "ben"]],
  ])("permits by %s %j", (said, users) => {
    expect(usersIn(`{"PermittedUsers":${said}}`)).toEqual(users);
  });

  it.each(["7", "{}", "false", `"${"anna,".repeat(1_000)}"`])(
    "permits nobody by what cannot be read: %.12s",
    (said) => {
      const users = usersIn(`{"PermittedUsers":${said}}`);
      expect(isPermitted(users, { userId: 7, username: "anna", isAdmin: false })).toBe(false);
      expect(isPermitted(users, { userId: 7, username: "anna", isAdmin: true })).toBe(true);
    },
  );
});

describe("who is permitted", () => {
  const anna = { userId: 1002, username: "Anna", isAdmin: false };
  it.each([
    [["*"], true],
    [["anna"], true],
    [["@ANNA"], true],
    [["1002"], true],
    [["ann", "annabel"], false],
    [[], false],
    [null, false],
  ])("by %j, Anna: %s", (users, isLet) => {
    expect(isPermitted(users, anna)).toBe(isLet);
  });

  it("is nobody by the name that a chat shows", () => {
    expect(isPermitted(["anna"], { ...anna, username: null })).toBe(false);
  });
});

describe("an icon", () => {
  it.each([
    ["Lightbulb", "💡"],
    ["HeatPump", "🌡️"],
    ["room_temperature", "🌡️"],
    ["Fan", "🌀"],
    ["🏗️", "🏗️"],
    ["Quux", "📟"],
    ["x".repeat(5_000), "📟"],
    [null, "📟"],
  ])("of the app, %.20s, is %s", (name, emoji) => {
    expect(emojiOf(name)).toBe(emoji);
  });
});
