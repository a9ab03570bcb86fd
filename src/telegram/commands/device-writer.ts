import type { Context } from "grammy";
import { readBack } from "../../devices/read-back.ts";
import type { Devices } from "../../devices/devices.ts";
import type { Clock } from "../../lib/time/clock.ts";
import type { Logger } from "../../lib/log.ts";
import { toast } from "../access/card-buttons.ts";
import type { WriteAuditLine } from "../access/audit-writer.ts";
import type { Done } from "../access/outcome.ts";
import { turnPage } from "../access/reply.ts";
import { answering } from "../api/answering.ts";
import { html, type Html } from "../api/render.ts";
import { valueOf } from "./device-views.ts";
import type { Proposal } from "./proposals.ts";

/** What telling a device needs. */
export interface DeviceWriterOptions {
  readonly devices: Pick<Devices, "list" | "get">;
  /** Tells a device; rejects when the broker does not have it. It is never sent later. */
  readonly write: (root: string, path: string, value: number | boolean | string) => Promise<void>;
  /** Asks a device for all its values. */
  readonly ask: (root: string) => void;
  readonly writeAuditLine: WriteAuditLine;
  readonly clock: Clock;
  readonly log: Logger;
}

/** Writes what was agreed to, and says what the plant made of it. */
export class DeviceWriter {
  readonly #options: DeviceWriterOptions;

  constructor(options: DeviceWriterOptions) {
    this.#options = options;
  }

  /** @param by.writtenAt when the last run wrote it, or was about to: it is not written again; `null`: it is to be written now */
  async write(
    ctx: Context,
    proposal: Proposal,
    { name, writtenAt }: { readonly name: string; readonly writtenAt: number | null },
  ): Promise<Done> {
    const { clock, log } = this.#options;
    const { member, device, wanted } = proposal.names;
    const title = html`<b>${member}</b> of ${device}`;
    const beganAt = clock.now();
    try {
      if (writtenAt === null) await this.#options.write(proposal.root, proposal.path, proposal.value);
    } catch (error) {
      log.warn({ err: error, device: proposal.root }, "a value was not written");
      const words = html`⚠️ The broker has not confirmed it: ${title} may have changed or not. Look at /live`;
      return answered(ctx, `may not be written: ${wordsOfWrite(proposal)}`, words);
    }
    log.info({ device: proposal.root, member: proposal.path, userId: ctx.from?.id }, "a value was written");
    const what = writtenAt === null ? "The plant is told:" : "Valvomo was cut off while it told the plant:";
    const words = html`⏳ ${what} ${title}: <b>${wanted}</b> (by ${name}). Its answer comes here.`;
    const done = answered(
      ctx,
      `${writtenAt === null ? "written" : "written before"}: ${wordsOfWrite(proposal)}`,
      words,
    );
    // After that: a plant is quicker than a chat, and what it says is to stay.
    const told = (how: string): Html => html`${how} ${title}: <b>${wanted}</b> (by ${name})`;
    const readOn = () => answering(this.#tellOutcome(ctx, proposal, writtenAt ?? beganAt, told));
    return { ...done, tell: () => done.tell().finally(readOn) };
  }

  /** Says what the plant made of it; never rejects. */
  async #tellOutcome(
    ctx: Context,
    proposal: Proposal,
    writtenAt: number,
    tell: (words: string) => Html,
  ): Promise<void> {
    const { result, member } = await readBack({ ...this.#options, ...proposal, writtenAt });
    const words =
      result === "taken"
        ? tell("✅ The plant took it:")
        : result === "not taken" && member !== null
          ? html`${tell("⚠️ The plant did not take")} It says ${valueOf(member)}.`
          : html`${tell("⚠️ No answer from the plant about")} It may have changed or not: look at /live`;
    await this.#options.writeAuditLine(ctx, {
      action: "write read back",
      details: "",
      result: `${result}: ${wordsOfWrite(proposal)}`,
    });
    await turnPage(ctx, words, []).catch((error: unknown) =>
      this.#options.log.warn({ err: error }, "what came of a write was not shown"),
    );
  }
}

/** Words that take the place of the question. */
export const answered = (ctx: Context, result: string, words: Html): Done => ({
  result,
  async tell() {
    await toast(ctx, "");
    await turnPage(ctx, words, []);
  },
});

/** For the audit log. */
export const wordsOfWrite = ({ root, path, old, value }: Pick<Proposal, "root" | "path" | "old" | "value">): string =>
  `${root.replace(/\/TcIotCommunicator\/$/, "")} ${path} ${JSON.stringify(old)} → ${JSON.stringify(value)}`;
