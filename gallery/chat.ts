import { spawn } from "node:child_process";
import { once } from "node:events";
import { writeFileSync } from "node:fs";
import { chromium, type Page } from "playwright-core";

/**
 * `npm run pictures`: the README's two pictures, taken from `npm run demo` in a browser (`CHROMIUM_PATH`, else /usr/bin/chromium). It waits
 * until the plant overheats, which it does within a few minutes.
 */

const PATIENCE_MS = 15 * 60_000;
const ZONE = "Europe/Helsinki";
/** What is seen of the chat around the card, in pixels of the page. */
const MARGIN = 5;
const folder = new URL("../docs/images/", import.meta.url);

const demo = spawn(process.execPath, [new URL("../src/demo/main.ts", import.meta.url).pathname], {
  stdio: ["ignore", "pipe", "inherit"],
  env: { ...process.env, TIME_ZONE: ZONE },
});
const browser = await chromium.launch({
  executablePath: process.env["CHROMIUM_PATH"] ?? "/usr/bin/chromium",
  args: ["--no-sandbox", "--disable-gpu"],
});
try {
  const page = await browser.newPage({
    viewport: { width: 900, height: 1000 },
    deviceScaleFactor: 2,
    locale: "en-GB",
    timezoneId: ZONE,
  });
  page.setDefaultTimeout(PATIENCE_MS);
  await page.goto(await addressOf(demo.stdout));
  await takeCard(page);
  await takePlot(page);
} finally {
  await browser.close();
  const end = once(demo, "exit");
  demo.kill("SIGINT");
  await end;
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

/** The newest card of the coil that is critical and has its trend. */
async function takeCard(page: Page): Promise<void> {
  const card = page
    .getByRole("log")
    .locator(".message", { has: page.locator(".with-photo"), hasText: /CRITICAL/ })
    .last();
  await card.waitFor();
  await card.scrollIntoViewIfNeeded();
  const box = await card.boundingBox();
  if (box === null) throw new Error("the card is gone");
  const clip = {
    x: box.x - MARGIN,
    y: box.y - MARGIN,
    width: box.width + 2 * MARGIN,
    height: box.height + 2 * MARGIN,
  };
  await page.screenshot({ path: new URL("card.png", folder).pathname, clip, animations: "disabled" });
}

/** What `/plot` draws of the last day, as Telegram gets it. */
async function takePlot(page: Page): Promise<void> {
  await page.getByRole("textbox", { name: "Message" }).fill("/plot temperature 24h");
  await page.keyboard.press("Enter");
  const plot = page.getByRole("log").getByRole("img").last();
  await page
    .getByRole("log")
    .getByText(/mean over time .* °C/)
    .waitFor();
  const source = await plot.getAttribute("src");
  const response = await page.request.get(new URL(source ?? "", page.url()).href);
  writeFileSync(new URL("plot.png", folder), await response.body());
}
