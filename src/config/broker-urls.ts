import { z } from "zod";
import type { Broker } from "../mqtt/settings.ts";
import { isPercentEncoded } from "./percent.ts";

const PROTOCOLS: ReadonlySet<string> = new Set(["mqtt:", "mqtts:", "ws:", "wss:"]);

/** Where the brokers are, comma-separated, each with its own login or without. */
export const brokerUrls = z.string().transform((text, context): readonly string[] => {
  const parts = text.split(",").map((part) => part.trim());
  const problems = parts.flatMap((part, index) => {
    const problem = problemOf(part, parts.slice(0, index));
    // One that is wrong is named by its place: its text may hold a password.
    return problem === null
      ? []
      : [parts.length === 1 ? problem : `(broker ${index + 1} of ${parts.length}) ${problem}`];
  });
  for (const problem of problems) context.addIssue(problem);
  return problems.length > 0 ? z.NEVER : parts;
});

function problemOf(text: string, earlier: readonly string[]): string | null {
  const url = URL.parse(text);
  // A URL ends a password at the first # / ? or @, and what remains may look like another host.
  const isCutShort = url === null || [url.pathname, url.search, url.hash].some((part) => part.includes("@"));
  if (text.includes("@") && isCutShort) {
    return (
      "cannot be read: is there a # / ? or , in the password? Put it in MQTT_PASSWORD, as it is " +
      "(in a URL, write # as %23, / as %2F, ? as %3F, a comma as %2C)"
    );
  }
  if (url === null || !PROTOCOLS.has(url.protocol) || url.hostname === "") {
    return "is not a URL that starts with mqtt:// or mqtts:// or ws:// or wss:// and names a host";
  }
  if (![url.username, url.password].every(isPercentEncoded)) {
    return "has a user name or password that is not percent-encoded: write % as %25, or use MQTT_USERNAME and MQTT_PASSWORD";
  }
  const isThere = earlier.some((other) => URL.parse(other)?.host === url.host);
  return isThere ? "names the same host and port as one before it" : null;
}

/** The brokers, each with its own login or with the one of all. */
export function brokersOf(
  urls: readonly string[],
  username: string | null,
  password: string | null,
): readonly Broker[] {
  return urls.map((text) => {
    const url = new URL(text);
    const [ownUser, ownPassword] = [url.username, url.password].map((part) => decodeURIComponent(part) || null);
    url.password = "";
    return {
      // What is kept under this name is found by it: as it was written, where that may be read.
      url: ownPassword === null ? text : url.href,
      username: ownUser ?? username,
      password: ownPassword ?? password,
    };
  });
}

/** Whether each URL holds a password of its own. */
export const haveAllPasswords = (urls: readonly string[]): boolean =>
  urls.every((text) => new URL(text).password !== "");
