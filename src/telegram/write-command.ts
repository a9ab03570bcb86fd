import { Composer, type Context } from "grammy";
import type { InlineKeyboardButton } from "grammy/types";
import type { Clock } from "../clock.ts";
import type { Device, DevicePresence, Devices, Member } from "../devices/types.ts";
import { findMembers, type FoundMember } from "../devices/find-device.ts";
import { isPermitted, type Asker } from "../devices/permitted.ts";
import { readBack } from "../devices/read-back.ts";
import { isSame, readWrite } from "../devices/write.ts";
import type { Logger } from "../log.ts";
import { toast } from "./card-buttons.ts";
import type { Command } from "./commands.ts";
import { nameOf, nameOfDevice, valueOf, visibleMembers } from "./device-views.ts";
import type { Note } from "./noting.ts";
import { noteOutcome } from "./outcome.ts";
import { actorOf, groupOf } from "./person.ts";
import { html, join, lines, type Html } from "./render.ts";
import { decline, reply, turn } from "./reply.ts";

/** What writing needs. */
export interface WriteOptions {
  readonly devices: Pick<Devices, "list" | "get">;
  readonly presences: () => readonly DevicePresence[];
  /** What somebody may see where they ask. */
  readonly askerOf: (ctx: Context) => Asker;
  /** Tells a device; rejects when the broker does not have it. It is never sent later. */
  readonly write: (root: string, path: string, value: number | boolean | string) => Promise<void>;
  /** Asks a device for all its values. */
  readonly ask: (root: string) => void;
  /** How many people have to agree: 1 or 2. */
  readonly confirm: () => 1 | 2;
  readonly note: Note;
  readonly clock: Clock;
  readonly log: Logger;
}

/** What somebody wants to write, until it is agreed to. */
interface Proposal {
  readonly root: string;
  readonly group: string;
  readonly path: string;
  readonly old: Member["value"];
  readonly value: number | boolean | string;
  readonly userId: number;
  readonly chatId: number;
  readonly by: string;
  /** Epoch ms. */
  readonly until: number;
}

const WRITE_PRESS = "write";
const OPEN_MS = 5 * 60_000;
const MAX_OPEN = 100;
const MAX_CHOICES = 8;
const USAGE = "Write the device, the member and the value: /set AMB cooling 60";

/**
 * `/set`: a question that shows what is and what is to be, and what came of it, read back from the plant. Only what its program lets be
 * written, within its limits; where the plants file says `confirm: 2`, somebody else has to agree.
 */
export function createWriteCommand(options: WriteOptions): {
  readonly command: Command;
  readonly buttons: Composer<Context>;
} {
  const { devices, presences, askerOf, clock, log } = options;
  const { now } = clock;
  const open = new Map<string, Proposal>();
  /** No number of an earlier run is one of this. */
  let lastId = now();

  function find(ctx: Context, words: readonly string[]): readonly FoundMember[] {
    const asker = askerOf(ctx);
    const all = devices.list().filter(({ permittedUsers }) => isPermitted(permittedUsers, asker));
    return findMembers(words, all, (device) => visibleMembers(device, asker));
  }

  async function propose(ctx: Context, args: string): Promise<void> {
    const words = args.trim().split(/\s+/);
    const typed = words.pop() ?? "";
    if (words.length < 2 || words.length > 30) return decline(ctx, html`${USAGE}`);
    const [found, ...others] = find(ctx, words);
    if (found === undefined) return decline(ctx, html`There is no such member. ${USAGE}`);
    if (others.length > 0) {
      const names = [found, ...others].slice(0, MAX_CHOICES).map(({ device, member }) => titleOf(device, member));
      return decline(ctx, html`More than one member fits: ${join(names, ", ")}`);
    }
    const { device, member } = found;
    const problem = awayWords(device) ?? problemOf(readWrite(member, typed));
    if (problem !== null) return decline(ctx, html`${titleOf(device, member)} was not changed. ${problem}`);
    const read = readWrite(member, typed);
    if (!("value" in read)) return;
    if (options.confirm() === 2 && groupOf(ctx) === null)
      return decline(ctx, html`A second person has to agree: ask for that in a group, where they can.`);
    const { userId, name: by } = actorOf(ctx);
    const { root } = device;
    const { group, path, value: old } = member;
    const id = (++lastId).toString(36);
    for (const [known, { until }] of open) if (until < now() || open.size >= MAX_OPEN) open.delete(known);
    const proposal = {
      root,
      group,
      path,
      old,
      value: read.value,
      userId,
      by,
      chatId: ctx.chatId ?? 0,
      until: now() + OPEN_MS,
    };
    open.set(id, proposal);
    noteOutcome(ctx, `asked: ${wordsOf(proposal)}`);
    await reply(
      ctx,
      lines(
        html`Set ${titleOf(device, member)} from <b>${valueOf(member)}</b> to <b>${valueOf({ ...member, value: read.value })}</b>?`,
        options.confirm() === 2 ? html`${by} asks for it; somebody else has to agree.` : null,
      ),
      { reply_markup: { inline_keyboard: buttonsOf(id) } },
    );
  }

  function awayWords({ root }: Pick<Device, "root">): string | null {
    const isUp = presences().find((one) => one.root === root)?.isUp ?? null;
    return isUp === true
      ? null
      : isUp === false
        ? "The device is off line."
        : "Nobody can tell whether the device is there.";
  }

  /** What is known now of what a proposal is about; a sentence if it cannot be written any more. */
  function present(ctx: Context, proposal: Proposal): { device: Device; member: Member } | string {
    const device = devices.get(proposal.root);
    const member = device?.members.find(({ group, path }) => group === proposal.group && path === proposal.path);
    if (!device || !member) return "The device is not known any more.";
    const asker = askerOf(ctx);
    if (!isPermitted(device.permittedUsers, asker) || !visibleMembers(device, asker).includes(member))
      return "It is not for you.";
    if (!isSame(member, proposal.old, member.value)) return `It is ${valueOf(member)} by now. Ask anew.`;
    const read = readWrite(member, String(proposal.value));
    return awayWords(device) ?? problemOf(read) ?? { device, member };
  }

  async function agree(ctx: Context, id: string, isAgreed: boolean): Promise<void> {
    const proposal = open.get(id);
    if (!proposal || proposal.until < now() || proposal.chatId !== ctx.chatId) {
      noteOutcome(ctx, "not done: no open question");
      return toast(ctx, "This question is too old. Ask anew with /set");
    }
    const { userId, name } = actorOf(ctx);
    if (isAgreed && options.confirm() === 2 && userId === proposal.userId) {
      noteOutcome(ctx, "not done: needs a second person");
      return toast(ctx, "Somebody else has to agree.");
    }
    // Before anything is waited for: a second press finds nothing.
    open.delete(id);
    if (!isAgreed) {
      noteOutcome(ctx, `not written: ${wordsOf(proposal)}`);
      await toast(ctx, "");
      return turn(ctx, html`Not changed (${name}).`, []);
    }
    const found = present(ctx, proposal);
    if (typeof found === "string") {
      noteOutcome(ctx, `not written: ${wordsOf(proposal)}`);
      await toast(ctx, "");
      return turn(ctx, html`Not changed. ${found}`, []);
    }
    const { device, member } = found;
    const title = titleOf(device, member);
    const wanted = valueOf({ ...member, value: proposal.value });
    const writtenAt = now();
    try {
      await options.write(proposal.root, proposal.path, proposal.value);
    } catch (error) {
      noteOutcome(ctx, `may not be written: ${wordsOf(proposal)}`);
      log.warn({ err: error, device: proposal.root }, "a value was not written");
      await toast(ctx, "");
      return turn(
        ctx,
        html`⚠️ The broker does not confirm that it has it: nobody knows whether ${title} is changed. Look at /live`,
        [],
      );
    }
    noteOutcome(ctx, `written: ${wordsOf(proposal)}`);
    log.info({ device: proposal.root, member: proposal.path, userId }, "a value was written");
    try {
      await toast(ctx, "");
      await turn(
        ctx,
        html`⏳ The plant is told: ${title}: <b>${wanted}</b> (by ${name}). What it says of it comes here.`,
        [],
      );
    } finally {
      // After that: a plant is quicker than a chat, and what it says is to stay.
      void tellOutcome(ctx, proposal, writtenAt, (words) => html`${words} ${title}: <b>${wanted}</b> (by ${name})`);
    }
  }

  /** Says what the plant made of it; never rejects. */
  async function tellOutcome(
    ctx: Context,
    proposal: Proposal,
    writtenAt: number,
    tell: (words: string) => Html,
  ): Promise<void> {
    const { result, member } = await readBack({ ...options, ...proposal, writtenAt });
    const words =
      result === "taken"
        ? tell("✅ The plant took it:")
        : result === "not taken" && member !== null
          ? html`${tell("⚠️ The plant did not take")} It says ${valueOf(member)}.`
          : html`${tell("⚠️ The plant says nothing of")} Nobody knows whether it took it; look at /live`;
    await options.note(ctx, { action: "write read back", details: "", result: `${result}: ${wordsOf(proposal)}` });
    await turn(ctx, words, []).catch((error: unknown) =>
      log.warn({ err: error }, "what came of a write was not shown"),
    );
  }

  const buttons = new Composer<Context>();
  buttons.callbackQuery(new RegExp(`^${WRITE_PRESS}:([0-9a-z]{1,12}):(yes|no)$`), (ctx) =>
    agree(ctx, ctx.match[1] ?? "", ctx.match[2] === "yes"),
  );
  return {
    buttons,
    command: {
      name: "set",
      description: "Write a value to a device, after a question",
      usage: ["/set AMB cooling 60"],
      right: { role: "operator" },
      run: propose,
    },
  };
}

const problemOf = (read: ReturnType<typeof readWrite>): string | null => ("problem" in read ? read.problem : null);

const titleOf = (device: Device, member: Member): Html => html`<b>${nameOf(member)}</b> of ${nameOfDevice(device)}`;

/** For the audit log. */
const wordsOf = ({ root, path, old, value }: Proposal): string =>
  `${root.replace(/\/TcIotCommunicator\/$/, "")} ${path} ${JSON.stringify(old)} → ${JSON.stringify(value)}`;

const buttonsOf = (id: string): InlineKeyboardButton[][] => [
  [
    { text: "Set it", callback_data: `${WRITE_PRESS}:${id}:yes` },
    { text: "No", callback_data: `${WRITE_PRESS}:${id}:no` },
  ],
];
