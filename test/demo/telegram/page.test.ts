import { once } from "node:events";
import { get, type IncomingMessage } from "node:http";
import { Bot, InlineKeyboard, InputFile, Keyboard } from "grammy";
import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from "vitest";
import type { Telegram } from "../../../src/demo/telegram/server.ts";
import { hasBrowser, launchBrowser } from "../../support/browser.ts";
import { annaId, groupId, png, setUp, token } from "./support.ts";
import { clientOf } from "../../../src/telegram/api/client.ts";
import { outgoing } from "../../support/outgoing.ts";

/** A bot with a reply keyboard, an inline button and a picture to send; it echoes all else. */
async function startEchoBot(telegram: Telegram): Promise<Bot> {
  const bot = new Bot(token, { client: clientOf(telegram.url, outgoing) });
  await bot.api.setMyCommands([{ command: "start", description: "Begin" }]);
  bot.command("start", (ctx) =>
    ctx.reply("<b>Welcome</b> to the <i>plant</i>: <code>a < b</code>".replace(" < ", " &lt; "), {
      parse_mode: "HTML",
      reply_markup: new Keyboard().text("Get Figure").text("Status").resized(),
    }),
  );
  bot.hears("Get Figure", async (ctx) => {
    await ctx.replyWithChatAction("upload_photo");
    await ctx.replyWithPhoto(new InputFile(png(320, 180)), { caption: "Coil temperature" });
  });
  bot.hears("Status", (ctx) =>
    ctx.reply("All is well", { reply_markup: new InlineKeyboard().text("Refresh", "refresh") }),
  );
  bot.callbackQuery("refresh", async (ctx) => {
    await ctx.editMessageText("All is still well");
    await ctx.answerCallbackQuery("Refreshed");
  });
  bot.on("message:text", (ctx) => ctx.reply(`You said: ${ctx.message.text}`));
  const polling = bot.start();
  onTestFinished(async () => {
    await bot.stop();
    await polling;
  });
  return bot;
}

describe.skipIf(!hasBrowser)("the chat page", () => {
  let browser: Browser;
  beforeAll(async () => {
    browser = await launchBrowser();
  });
  afterAll(() => browser?.close());

  async function openPage(telegram: Telegram, viewport = { width: 1100, height: 760 }): Promise<Page> {
    const page = await browser.newPage({ viewport });
    onTestFinished(() => page.close());
    const failures: string[] = [];
    page.on("pageerror", (error) => failures.push(error.message));
    page.on("console", (line) => {
      // That a server is away is no failure of the page.
      if (line.type() === "error" && !line.text().includes("net::ERR_")) failures.push(line.text());
    });
    onTestFinished(() => expect(failures).toEqual([]));
    await page.goto(telegram.pageUrl);
    await page.getByText("@valvomo_demo_bot").waitFor();
    return page;
  }

  it("lets one type, press keys and buttons, and see edits and pictures arrive", async () => {
    const { telegram } = await setUp();
    await startEchoBot(telegram);
    const page = await openPage(telegram);
    const log = page.getByRole("log");

    await page.getByRole("textbox", { name: "Message" }).fill("/start");
    await page.getByRole("button", { name: "Send" }).click();
    await log.getByText("a < b").waitFor();
    expect(await log.locator("strong", { hasText: "Welcome" }).count()).toBe(1);

    await page.getByRole("button", { name: "Status", exact: true }).click();
    await log.getByRole("button", { name: "Refresh" }).click();
    await log.getByText("All is still well").waitFor();
    await log.getByText("edited").waitFor();
    await page.getByText("Refreshed").waitFor();

    await page.getByRole("button", { name: "Get Figure" }).click();
    const photo = log.getByRole("img", { name: "Coil temperature" });
    await photo.waitFor();
    await expect
      .poll(() => photo.evaluate((image) => (image as unknown as { naturalWidth: number }).naturalWidth))
      .toBe(320);

    await page.getByRole("button", { name: "Menu" }).click();
    await page.getByRole("button", { name: "Begin" }).click();
    await expect.poll(() => log.getByText("Welcome").count()).toBe(2);
  });

  it("shows markup in a text as text", async () => {
    const { telegram } = await setUp();
    await startEchoBot(telegram);
    const page = await openPage(telegram);
    const script = "<img src=x onerror=alert(1)> & <b>b</b>";
    telegram.say({ chatId: annaId, text: script });
    await page.getByRole("log").getByText(`You said: ${script}`, { exact: false }).waitFor();
    expect(await page.getByRole("log").getByRole("img").count()).toBe(0);
  });

  it("counts what is unread elsewhere, and answers in a group so that the bot hears it", async () => {
    const { telegram } = await setUp();
    const bot = await startEchoBot(telegram);
    const page = await openPage(telegram);
    await bot.api.sendMessage(groupId, "Coil 1 overheats", {
      disable_notification: true,
      reply_markup: { force_reply: true, input_field_placeholder: "What was done?" },
    });
    const group = page.getByRole("navigation", { name: "Chats" }).getByRole("button", { name: "AMB alarms" });
    await group.getByLabel("1 unread").waitFor();
    await group.click();
    await page.getByTitle("Sent without a sound").waitFor();
    await page.getByPlaceholder("What was done?").fill("Pump restarted");
    await page.getByPlaceholder("What was done?").press("Enter");
    await page.getByRole("log").getByText("You said: Pump restarted").waitFor();
    expect(await group.getByLabel(/unread/).count()).toBe(0);
  });

  it("takes a press during which a message comes, as it redraws what is pressed", async () => {
    const { telegram, api } = await setUp();
    const page = await openPage(telegram);
    const devTools = await page.context().newCDPSession(page);
    await devTools.send("Network.enable");
    const group = page.getByRole("navigation", { name: "Chats" }).getByRole("button", { name: "AMB alarms" });
    await group.hover();
    await page.mouse.down();
    const came = new Promise((resolve) => devTools.once("Network.eventSourceMessageReceived", resolve));
    await api.sendMessage(groupId, "Coil 1 overheats");
    await came;
    await page.mouse.up();
    await page.getByRole("log").getByText("Coil 1 overheats").waitFor();
  });

  it("lets one answer a message with a text or a photo", async () => {
    const { telegram, api } = await setUp();
    const page = await openPage(telegram);
    const log = page.getByRole("log");
    await api.sendMessage(annaId, "Coil 1 overheats");
    const card = log.getByRole("listitem").filter({ hasText: "Coil 1 overheats" }).first();
    const choose = async () => {
      await card.hover();
      await card.getByRole("button", { name: "Reply" }).click();
      await page.getByText("Valvomo: Coil 1 overheats").waitFor();
    };
    await choose();
    await page.getByPlaceholder("Message").fill("Fan replaced");
    await page.getByPlaceholder("Message").press("Enter");
    await log.getByText("Fan replaced").waitFor();
    await choose();
    await page.getByPlaceholder("Message").fill("The old fan");
    const opened = page.waitForEvent("filechooser");
    await page.getByRole("button", { name: "Attach a photo" }).click();
    const photo = png(32, 18);
    await (await opened).setFiles({ name: "fan.png", mimeType: "image/png", buffer: Buffer.from(photo) });
    await log.getByRole("img", { name: "The old fan" }).waitFor();
    expect(await page.getByText("Valvomo: Coil 1 overheats").isVisible()).toBe(false);
    expect(telegram.messages(annaId).slice(1)).toEqual([
      expect.objectContaining({ text: "Fan replaced", replyTo: 1 }),
      expect.objectContaining({ caption: "The old fan", replyTo: 1, photo: { bytes: photo, width: 32, height: 18 } }),
    ]);
  });

  it("shows on a phone what is pinned, uploaded and deleted", async () => {
    const { telegram, api } = await setUp();
    const page = await openPage(telegram, { width: 390, height: 780 });
    await api.sendMessage(annaId, "3 alarms are active");
    await api.pinChatMessage(annaId, 1);
    await page.getByRole("button", { name: "📌 3 alarms are active" }).waitFor();
    await page.getByRole("log").getByText("Valvomo pinned “3 alarms are active”").waitFor();
    await api.editMessageText(annaId, 1, "2 alarms are active");
    await page.getByRole("button", { name: "📌 2 alarms are active" }).waitFor();
    await api.sendChatAction(annaId, "upload_photo");
    await page.getByText("Uploading a photo…").waitFor();
    await api.sendMessage(annaId, "x");
    await page.getByText("Uploading a photo…").waitFor({ state: "hidden" });
    await api.deleteMessage(annaId, 1);
    await expect.poll(() => page.getByText(/^\d alarms are active/).count()).toBe(0);
    expect(await page.evaluate("document.documentElement.scrollWidth")).toBe(390);
  });

  it("breaks no day of a calendar and no word of four buttons on a narrow phone", async () => {
    const { telegram, api } = await setUp();
    const page = await openPage(telegram, { width: 360, height: 740 });
    const days = ["23", "24", "✓25", "[26]", "·", "·", "·"];
    const words = ["Reset", "Shelve…", "Trend", "Why?"];
    const inline_keyboard = [days, words].map((row) => row.map((text) => ({ text, callback_data: "x" })));
    await api.sendMessage(annaId, "Which day?", { reply_markup: { inline_keyboard } });
    const heights: (number | undefined)[] = [];
    for (const name of ["✓25", "[26]", "Shelve…"]) {
      const box = await page.getByRole("button", { name, exact: true }).boundingBox();
      heights.push(box?.height);
    }
    // A finger's height; a second line would be more.
    expect(heights).toEqual([40, 40, 40]);
  });

  it("comes back by itself after a restart of the server", async () => {
    const first = await setUp();
    const page = await openPage(first.telegram);
    await first.telegram.stop();
    await page.getByText("Reconnecting…").waitFor();
    const { api } = await setUp({ port: Number(new URL(first.telegram.url).port) });
    await api.sendMessage(annaId, "Here again");
    await expect.poll(() => page.getByRole("log").getByText("Here again").count()).toBe(1);
  });

  it("is not for pages of other hosts", async () => {
    const { telegram } = await setUp();
    const body = JSON.stringify({ chatId: annaId, text: "x" });
    const asForm = await fetch(`${telegram.pageUrl}say`, { method: "POST", body });
    expect(asForm.status).toBe(415);
    expect(telegram.messages(annaId)).toEqual([]);
    expect((await fetch(`${telegram.pageUrl}server.ts`)).status).toBe(404);
    // A name of somebody else's that points here (DNS rebinding).
    const [response] = await once(get(telegram.pageUrl, { headers: { host: "evil.example" } }), "response");
    expect((response as IncomingMessage).resume().statusCode).toBe(403);
  });
});
