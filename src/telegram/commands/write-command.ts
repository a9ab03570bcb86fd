import { Composer, type Context } from "grammy";
import type { InlineKeyboardButton } from "grammy/types";
import type { Clock } from "../../lib/time/clock.ts";
import type { Devices } from "../../devices/devices.ts";
import type { Device, DevicePresence, Member } from "../../devices/types.ts";
import { findMembers, type FoundMember } from "../../devices/find-device.ts";
import { isPermitted, type Asker } from "../../devices/permitted.ts";
import { readBack } from "../../devices/read-back.ts";
import { isWhatWasWritten, readWrite } from "../../devices/write.ts";
import type { Logger } from "../../lib/log.ts";
import type { KeyValue } from "../../store/sql/facts.ts";
import { answering } from "../api/answering.ts";
import { toast } from "../access/card-buttons.ts";
import type { Command } from "../access/command.ts";
import { nameOfMember, nameOfDevice, valueOf, visibleMembers } from "./device-views.ts";
import type { Note } from "../access/noting.ts";
import { handled, type Done, type Handled } from "../access/outcome.ts";
import { actorOf, groupOf, servedIn } from "../access/person.ts";
import { createProposals, type Proposal } from "./proposals.ts";
import { html, join, lines, type Html } from "../api/render.ts";
import { decline, reply, turn } from "../access/reply.ts";

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
  readonly facts: KeyValue;
  readonly clock: Clock;
  readonly log: Logger;
}

const WRITE_PRESS = "write";
const MAX_CHOICES = 8;
const USAGE = "Write the device, the member and the value: /set AMB cooling 60";

/**
 * `/set`: a question that shows what is and what is to be, and what came of it, read back from the plant. Only what its program lets be
 * written, within its limits; where the plants file says `confirm: 2`, somebody else has to agree.
 */
export function createWriteCommand(options: WriteOptions): {
  readonly command: Command;
  readonly buttons: Composer<Context>;
  /** Takes up what the last run knew. */
  resume(): Promise<void>;
} {
  const { devices, presences, askerOf, clock, log } = options;
  const { now } = clock;
  const proposals = createProposals(options);

  function find(ctx: Context, words: readonly string[]): readonly FoundMember[] {
    const asker = askerOf(ctx);
    const all = devices.list().filter(({ permittedUsers }) => isPermitted(permittedUsers, asker));
    return findMembers(words, all, (device) => visibleMembers(device, asker));
  }

  async function propose(ctx: Context, args: string): Promise<Handled> {
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
    const wanted = valueOf({ ...member, value: read.value });
    const names = { member: nameOfMember(member), device: nameOfDevice(device), wanted };
    const proposal = { root, group, path, names, old, value: read.value, userId, chatId: servedIn(ctx).chatId };
    const id = await proposals.add(proposal);
    const question = lines(
      html`Set ${titleOf(device, member)} from <b>${valueOf(member)}</b> to <b>${wanted}</b>?`,
      options.confirm() === 2 ? html`${by} asks for it; somebody else has to agree.` : null,
    );
    return {
      result: `asked: ${wordsOf(proposal)}`,
      tell: () => reply(ctx, question, { reply_markup: { inline_keyboard: buttonsOf(id) } }),
    };
  }

  function awayWords({ root }: Pick<Device, "root">): string | null {
    const isUp = presences().find((one) => one.root === root)?.isUp ?? null;
    return isUp === true
      ? null
      : isUp === false
        ? "The device is offline."
        : "Nobody can tell whether the device is there.";
  }

  /** Why a proposal cannot be written any more; `null`: it can. */
  function obstacleTo(ctx: Context, proposal: Proposal): string | null {
    const device = devices.get(proposal.root);
    const member = device?.members.find(({ group, path }) => group === proposal.group && path === proposal.path);
    if (!device || !member) return "The device is not known any more.";
    const asker = askerOf(ctx);
    if (!isPermitted(device.permittedUsers, asker) || !visibleMembers(device, asker).includes(member))
      return "It is not for you.";
    if (!isWhatWasWritten(member, proposal.old, member.value)) return `It is ${valueOf(member)} by now. Ask again.`;
    return awayWords(device) ?? problemOf(readWrite(member, String(proposal.value)));
  }

  async function agree(ctx: Context, id: string, isAgreed: boolean): Promise<Done> {
    const { update_id: update } = ctx.update;
    const proposal = proposals.get(id);
    /** The last run took this very press, and did not live to tell what came of it. */
    const isAgain = proposal?.answered?.update === update;
    if (!proposal || (proposal.answered && !isAgain) || proposal.chatId !== ctx.chatId) {
      return {
        result: "not done: no open question",
        tell: () => toast(ctx, "This question is too old. Ask again with /set"),
      };
    }
    const { userId, name } = actorOf(ctx);
    if (isAgreed && options.confirm() === 2 && userId === proposal.userId) {
      return { result: "not done: needs a second person", tell: () => toast(ctx, "Somebody else has to agree.") };
    }
    // Before anything is waited for: a second press finds nothing.
    if (!isAgain) await proposals.answer(id, update);
    const obstacle = isAgreed && !isAgain ? obstacleTo(ctx, proposal) : null;
    if (isAgreed && obstacle === null) return write(ctx, proposal, { name, writtenAt: proposal.answered?.at ?? null });
    const words = obstacle === null ? html`Not changed (${name}).` : html`Not changed. ${obstacle}`;
    return answered(ctx, `not written: ${wordsOf(proposal)}`, words);
  }

  /** The words take the question's place. */
  const answered = (ctx: Context, result: string, words: Html): Done => ({
    result,
    async tell() {
      await toast(ctx, "");
      await turn(ctx, words, []);
    },
  });

  /** @param by.writtenAt when the last run wrote it, or was about to: it is not written again; `null`: it is to be written now */
  async function write(
    ctx: Context,
    proposal: Proposal,
    { name, writtenAt }: { readonly name: string; readonly writtenAt: number | null },
  ): Promise<Done> {
    const { member, device, wanted } = proposal.names;
    const title = html`<b>${member}</b> of ${device}`;
    const beganAt = now();
    try {
      if (writtenAt === null) await options.write(proposal.root, proposal.path, proposal.value);
    } catch (error) {
      log.warn({ err: error, device: proposal.root }, "a value was not written");
      const words = html`⚠️ The broker does not confirm that it has it: nobody knows whether ${title} is changed. Look at /live`;
      return answered(ctx, `may not be written: ${wordsOf(proposal)}`, words);
    }
    log.info({ device: proposal.root, member: proposal.path, userId: ctx.from?.id }, "a value was written");
    const what = writtenAt === null ? "The plant is told:" : "Valvomo was cut off while it told the plant:";
    const words = html`⏳ ${what} ${title}: <b>${wanted}</b> (by ${name}). Its answer comes here.`;
    const done = answered(ctx, `${writtenAt === null ? "written" : "written before"}: ${wordsOf(proposal)}`, words);
    // After that: a plant is quicker than a chat, and what it says is to stay.
    const told = (how: string): Html => html`${how} ${title}: <b>${wanted}</b> (by ${name})`;
    const readOn = () => answering(tellOutcome(ctx, proposal, writtenAt ?? beganAt, told));
    return { ...done, tell: () => done.tell().finally(readOn) };
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
  buttons.callbackQuery(
    new RegExp(`^${WRITE_PRESS}:([0-9a-z]{1,12}):(yes|no)$`),
    handled((ctx) => agree(ctx, ctx.match[1] ?? "", ctx.match[2] === "yes")),
  );
  return {
    buttons,
    resume: proposals.resume,
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

const titleOf = (device: Device, member: Member): Html =>
  html`<b>${nameOfMember(member)}</b> of ${nameOfDevice(device)}`;

/** For the audit log. */
const wordsOf = ({ root, path, old, value }: Pick<Proposal, "root" | "path" | "old" | "value">): string =>
  `${root.replace(/\/TcIotCommunicator\/$/, "")} ${path} ${JSON.stringify(old)} → ${JSON.stringify(value)}`;

const buttonsOf = (id: string): InlineKeyboardButton[][] => [
  [
    { text: "Set it", callback_data: `${WRITE_PRESS}:${id}:yes` },
    { text: "No", callback_data: `${WRITE_PRESS}:${id}:no` },
  ],
];
