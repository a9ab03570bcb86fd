import { writeFileSync } from "node:fs";
import type { Page } from "playwright-core";
import { withDemo, ZONE } from "./demo.ts";

/**
 * `npm run pictures`: the README's two pictures, taken from `npm run demo` in a browser (`CHROMIUM_PATH`, else /usr/bin/chromium). It waits
 * until the plant overheats, which it does within a few minutes.
 */

const PATIENCE_MS = 15 * 60_000;
/** What is seen of the chat around the card, in pixels of the page. */
const MARGIN = 5;
const folder = new URL("../docs/images/", import.meta.url);

await withDemo(async (browser, address) => {
  const page = await browser.newPage({
    viewport: { width: 900, height: 1000 },
    deviceScaleFactor: 2,
    locale: "en-GB",
    timezoneId: ZONE,
  });
  page.setDefaultTimeout(PATIENCE_MS);
  await page.goto(address);
  await takeCard(page);
  await takePlot(page);
});

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
