import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Browser, Page } from "playwright-core";
import { hasBrowser, launchBrowser } from "../support/browser.ts";
import { startDemo, type Demo } from "../support/demo.ts";

describe.skipIf(!hasBrowser)(
  "npm run demo, as a newcomer sees it",
  () => {
    let demo: Demo;
    let browser: Browser;
    let page: Page;

    beforeAll(async () => {
      demo = await startDemo();
      browser = await launchBrowser();
      page = await browser.newPage();
      page.setDefaultTimeout(15_000);
      await page.goto(demo.url);
    });
    afterAll(async () => {
      await browser?.close();
      expect(await demo.stop()).toBe(0);
    });

    const chat = () => page.getByRole("log");
    const write = async (text: string): Promise<void> => {
      await page.getByRole("textbox", { name: "Message" }).fill(text);
      await page.keyboard.press("Enter");
    };

    it("greets, with the keys there, and says what comes and what may be tried", async () => {
      await chat().getByText("This is Valvomo").waitFor();
      for (const name of ["Get Figure", "Status", "Help"]) {
        expect(await page.getByRole("button", { name, exact: true }).isVisible(), `${name} is there`).toBe(true);
      }
      await page.getByText("The plant has its troubles within seven minutes").waitFor();
    });

    it("draws the last 24 h of what is chosen", async () => {
      await page.getByRole("button", { name: "Get Figure", exact: true }).click();
      await page.getByRole("button", { name: "Coil temperature (°C)" }).click();
      await page.getByRole("button", { name: "Last 24 h" }).click();
      await chat()
        .getByText(/ °C .* to .*, mean over time .* °C/)
        .waitFor();
      const width = await chat()
        .getByRole("img")
        .last()
        .evaluate(async (image: { decode(): Promise<void>; naturalWidth: number }) => {
          await image.decode();
          return image.naturalWidth;
        });
      expect(width).toBe(1280);
    });

    it("says that everything is alive", async () => {
      await page.getByRole("button", { name: "Status", exact: true }).click();
      const status = chat().getByText(/Broker.*connected/);
      await status.waitFor();
      expect(await status.last().innerText()).not.toContain("❌");
    });

    it("says who is on duty", async () => {
      await write("/duty");
      await chat().getByText("On duty: you").waitFor();
    });

    it("lets Anna in by a link that is tapped, after which she may press", async () => {
      const hall = page.getByRole("navigation", { name: "Chats" }).getByRole("button", { name: "AMB hall" });
      await write("/invite operator 1h");
      const link = chat().getByRole("link", { name: /t\.me/ });
      await link.waitFor();
      const url = await link.innerText();
      await hall.click();
      await write(`Anna, please join: ${url}`);
      await page.getByRole("button", { name: "Anna", exact: true }).click();
      await chat().getByText(/Why\?/).first().click();
      await page.getByText("Only people whom an admin has invited can press this.").waitFor();
      await chat().getByRole("link", { name: url }).click();
      await chat().getByText("You are an operator").waitFor();
      await chat().getByRole("button", { name: "No", exact: true }).click();
      await chat().getByText("No alarms come here.").waitFor();
      await hall.click();
      await chat().getByRole("button", { name: "Acknowledge" }).last().click();
      await page.getByText(/^Acknowledged #\d/).waitFor();
      await chat().getByText("Acknowledged by Anna").first().waitFor();
      await page.getByRole("button", { name: /^You/ }).click();
    });

    it("causes a trouble by a press, which comes as an alarm that names its machine", async () => {
      await page.getByRole("group", { name: "Troubles" }).getByRole("button", { name: "Trip the drive" }).click();
      await page.getByText("The drive has tripped").waitFor();
      await chat()
        .getByText(/CRITICAL.*AMB-1/s)
        .first()
        .waitFor({ timeout: 20_000 });
      await page.getByRole("button", { name: "Mend the machine" }).click();
      await page.getByText("Nothing is wrong any more").waitFor();
    });

    it("prints no warning of an admin who has not written, as the page does so for them", () => {
      expect(demo.printed()).not.toMatch(/have not written/);
    });

    it("gets a warning by itself, without a reload", async () => {
      await chat()
        .getByText(/WARNING|ERROR|CRITICAL/)
        .first()
        .waitFor({ timeout: 20_000 });
      expect(await page.evaluate("performance.getEntriesByType('navigation').length")).toBe(1);
    });
  },
  60_000,
);
