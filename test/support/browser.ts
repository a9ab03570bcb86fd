import { existsSync } from "node:fs";
import { type Browser, chromium } from "playwright-core";

const executablePath = process.env["CHROMIUM_PATH"] ?? "/usr/bin/chromium";

/** Sandbox and GPU are not to be had in a container; the rest keeps the browser from calling home. */
const args = [
  "--no-sandbox",
  "--disable-gpu",
  "--disable-quic",
  "--no-first-run",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
];

/** Whether there is a Chromium (`CHROMIUM_PATH`, else /usr/bin/chromium). CI must have it; elsewhere its tests are skipped with a loud line. */
export const hasBrowser = existsSync(executablePath);
if (!hasBrowser) {
  const missing = `there is no Chromium at ${executablePath} (CHROMIUM_PATH)`;
  if (process.env["CI"]) throw new Error(`${missing}: CI must test the chat page`);
  process.stderr.write(`\n*** ${missing}: the tests of the chat page are SKIPPED ***\n\n`);
}

/** Starts headless Chromium; whoever starts it closes it. */
export function launchBrowser(): Promise<Browser> {
  return chromium.launch({ executablePath, args });
}
