import { spawn } from "node:child_process";
import { once } from "node:events";
import { chromium, type Browser } from "playwright-core";

/** The zone of every picture's times. */
export const ZONE = "Europe/Helsinki";

/**
 * Runs `npm run demo` and a browser (`CHROMIUM_PATH`, else /usr/bin/chromium) for as long as the work takes.
 * @param settings what the demo finds in its environment besides
 */
export async function withDemo(
  work: (browser: Browser, address: string) => Promise<void>,
  settings: Readonly<Record<string, string>> = {},
): Promise<void> {
  const demo = spawn(process.execPath, [new URL("../src/demo/main.ts", import.meta.url).pathname], {
    stdio: ["ignore", "pipe", "inherit"],
    env: { ...process.env, TIME_ZONE: ZONE, ...settings },
  });
  const browser = await chromium.launch({
    executablePath: process.env["CHROMIUM_PATH"] ?? "/usr/bin/chromium",
    args: ["--no-sandbox", "--disable-gpu"],
  });
  try {
    await work(browser, await addressOf(demo.stdout));
  } finally {
    await browser.close();
    const end = once(demo, "exit");
    demo.kill("SIGINT");
    await end;
  }
}

/** What the demo prints: where its chat is. */
async function addressOf(output: AsyncIterable<Buffer>): Promise<string> {
  let printed = "";
  for await (const chunk of output) {
    printed += chunk.toString();
    const address = /http:\/\/\S+/.exec(printed)?.[0];
    if (address !== undefined) return address;
  }
  throw new Error(`the demo ended: ${printed}`);
}
