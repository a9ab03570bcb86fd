import { describe, expect, it } from "vitest";
import { findTimeZone } from "../../../src/lib/time/time-zone.ts";

describe("findTimeZone", () => {
  it.each([
    ["Europe/Helsinki", "Europe/Helsinki"],
    ["europe/helsinki", "Europe/Helsinki"],
    ["Helsinki", "Europe/Helsinki"],
    ["  HELSINKI ", "Europe/Helsinki"],
    ["new york", "America/New_York"],
    ["America/New York", "America/New_York"],
    ["São Paulo", "America/Sao_Paulo"],
    ["UTC", "UTC"],
  ])("finds %s", (text, zone) => {
    expect(findTimeZone(text)).toEqual({ kind: "found", zone });
  });

  it("finds names that are not listed any more", () => {
    expect(findTimeZone("EET")).toEqual({ kind: "found", zone: "EET" });
  });

  it("tells what a slip of the finger may have meant, and takes nothing for it", () => {
    expect(findTimeZone("Helsnki")).toEqual({ kind: "unclear", zones: ["Europe/Helsinki"] });
    expect(findTimeZone("Europe/Helsinky")).toEqual({ kind: "unclear", zones: ["Europe/Helsinki"] });
  });

  it.each(["Mars", "+02:00", "UTC+2", "", "x".repeat(4_096), "constructor"])("finds nothing like %.20j", (text) => {
    expect(findTimeZone(text)).toEqual({ kind: "unclear", zones: [] });
  });
});
