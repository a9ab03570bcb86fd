import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout } from "node:timers/promises";
import type { Browser, Locator, Page } from "playwright-core";
import { withDemo, ZONE } from "./demo.ts";
import { chosenScreens, FILE_SCREENS, SCREENS, type ChatScreen } from "./screen-list.ts";

/**
 * `npm run screens`: every screen of the chat as a phone shows it, light and dark beside each other, and the page that shows them; or, by
 * name, some of them, with those in which they begin.
 */

const [WIDTH, HEIGHT] = [360, 740];
/** The plant overheats within a few minutes. */
const PATIENCE_MS = 6 * 60_000;
/** Nothing has changed for so long: it is all there. */
const REST_MS = 700;

/** Without a font for them there are boxes in the pictures, all of one colour. */
const HAS_EMOJI = `(() => {
  const context = document.createElement("canvas").getContext("2d");
  context.fillText("\u{1F7E0}", 0, 20);
  return context.getImageData(0, 0, 40, 40).data.some((value, i) => i % 4 < 3 && value > 0);
})()`;

const folder = new URL("../docs/screens/", import.meta.url);
mkdirSync(folder, { recursive: true });

const only = process.argv.slice(2);
const unknown = only.filter((name) => ![...SCREENS, ...FILE_SCREENS].some((screen) => screen.name === name));
if (unknown.length > 0) throw new Error(`There is no screen ${unknown.join(", ")}.`);
const missing: string[] = [];
const own = mkdtempSync(join(tmpdir(), "valvomo-screens-"));
const FEED_FILE = join(own, "pumpe.csv");
writeFileSync(FEED_FILE, "Zeit,Kühler (°C),Druck (bar),Bemerkung\n2026-11-27 02:00:00,61.5,4.2,ok\n");
await takeIn(chosenScreens(SCREENS, only));
await takeIn(chosenScreens(FILE_SCREENS, only), { FEED_FILE });
rmSync(own, { recursive: true });
writeFileSync(new URL("../docs/screens.md", import.meta.url), pageOf([...SCREENS, ...FILE_SCREENS]));
if (missing.length > 0) throw new Error(missing.join("\n"));

/** Takes them from a demo of their own. */
async function takeIn(screens: readonly ChatScreen[], settings: Readonly<Record<string, string>> = {}): Promise<void> {
  if (screens.length > 0) await withDemo((browser, address) => takeAll(browser, address, screens), settings);
}

async function takeAll(browser: Browser, address: string, screens: readonly ChatScreen[]): Promise<void> {
  const [light, dark] = await Promise.all([openPhone(browser, address, "light"), openPhone(browser, address, "dark")]);
  const desk = await browser.newPage();
  for (const screen of screens) {
    try {
      for (const phone of [light, dark]) await lookAt(phone, screen);
      await act(light, screen);
      const pictures = [await take(light, screen)];
      if (screen.says !== undefined) await act(dark, screen);
      pictures.push(await take(dark, screen));
      writeFileSync(new URL(`${screen.name}.webp`, folder), await beside(desk, pictures));
    } catch (error) {
      missing.push(`${screen.name}: ${String(error).split("\n")[0]}`);
    }
  }
}

async function openPhone(browser: Browser, address: string, colorScheme: "light" | "dark"): Promise<Page> {
  const page = await browser.newPage({
    viewport: { width: WIDTH, height: HEIGHT },
    colorScheme,
    locale: "en-GB",
    timezoneId: ZONE,
  });
  page.setDefaultTimeout(15_000);
  await page.goto(address);
  if (!(await page.evaluate<boolean>(HAS_EMOJI)))
    throw new Error("No font here has emoji. On Debian: apt-get install fonts-noto-color-emoji");
  return page;
}

function messagesOf(page: Page): Locator {
  return page.getByRole("log").locator(".message");
}

/** Looks as somebody at a chat, with the panel above it open or not. */
async function lookAt(page: Page, { by, chat, isPanelOpen = false }: ChatScreen): Promise<void> {
  const among = (name: string) => page.getByRole(name === "Chats" ? "navigation" : "group", { name });
  if (by !== undefined) await among("Who looks").getByRole("button", { name: by }).click();
  if (chat !== undefined) await among("Chats").getByRole("button", { name: chat }).click();
  const panel = page.getByText("What to try in the next minutes");
  const isOpen = await page.getByRole("group", { name: "Troubles" }).isVisible();
  if (isOpen !== isPanelOpen) await panel.click();
}

async function act(page: Page, { say, press, shows }: ChatScreen): Promise<void> {
  if (say !== undefined) {
    await page.getByRole("textbox", { name: "Message" }).fill(say);
    await page.keyboard.press("Enter");
    return messagesOf(page).filter({ hasText: shows }).last().waitFor();
  }
  const found = messagesOf(page).filter(
    press === undefined ? { hasText: shows } : { has: page.getByRole("button", { name: press }) },
  );
  await found.last().waitFor({ timeout: PATIENCE_MS });
  if (press !== undefined) await found.last().getByRole("button", { name: press }).first().click();
}

/** The newest message that shows it, with its beginning, once the chat is at rest. */
async function take(page: Page, { shows, says }: ChatScreen): Promise<Buffer> {
  const message = messagesOf(page).filter({ hasText: shows }).last();
  await message.waitFor();
  for (let before = ""; ; await setTimeout(REST_MS)) {
    const now = (await message.innerText()) + String(await message.getByRole("img").count());
    if (now === before) break;
    before = now;
  }
  if (says === undefined) await page.evaluate("document.getElementById('toast').hidePopover()");
  else await page.getByText(says).waitFor();
  await page.evaluate("document.activeElement.blur()");
  const box = await message.boundingBox();
  const isTall = (box?.height ?? 0) > HEIGHT / 2;
  await message.evaluate(
    (element: { scrollIntoView(options: object): void }, block) => element.scrollIntoView({ block }),
    isTall ? "start" : "end",
  );
  return page.screenshot({ animations: "disabled" });
}

/** The pictures in a row, as WebP. */
async function beside(page: Page, pictures: readonly Buffer[]): Promise<Buffer> {
  const sources = pictures.map((bytes) => `data:image/png;base64,${bytes.toString("base64")}`);
  const drawn = await page.evaluate(`(async () => {
    const canvas = new OffscreenCanvas(${WIDTH * pictures.length}, ${HEIGHT});
    for (const [i, source] of ${JSON.stringify(sources)}.entries())
      canvas.getContext("2d").drawImage(await createImageBitmap(await (await fetch(source)).blob()), i * ${WIDTH}, 0);
    const blob = await canvas.convertToBlob({ type: "image/webp", quality: 0.7 });
    return new Promise((resolve) => {
      const reader = new FileReader();
      reader.onload = () => resolve(reader.result);
      reader.readAsDataURL(blob);
    });
  })()`);
  return Buffer.from(String(drawn).split(",")[1] ?? "", "base64");
}

/** The page that shows them. */
function pageOf(screens: readonly ChatScreen[]): string {
  const parts = screens.map(({ name, title, say }) => {
    const how = say === undefined ? "" : ` (\`${say}\`)`;
    return `## ${title}${how}\n\n![${title}](screens/${name}.webp)\n`;
  });
  const about =
    "For whoever wants to see the chat before running it: each screen on a phone of 360 × 740, light and dark. `npm run screens` takes them from the demo.";
  return `# Screens\n\n${about}\n\n${parts.join("\n")}`;
}
