import { Composer, type Context } from "grammy";
import { OWN_ENDS, type FormerClock } from "../../lib/time/former-clock.ts";
import type { InlineKeyboardButton } from "grammy/types";
import type { Device, DevicePresence, Member } from "../../devices/types.ts";
import { findMembers, type FoundMember } from "../../devices/find-device.ts";
import { isPermitted, type Asker } from "../../devices/permitted.ts";
import { isWhatWasWritten, readWrite } from "../../devices/write.ts";
import type { KeyValue } from "../../store/sql/key-value.ts";
import { ACT } from "../../people/right.ts";
import { toast } from "../access/card-buttons.ts";
import type { Command } from "../access/command.ts";
import { nameOfMember, nameOfDevice, valueOf, visibleMembers } from "./device-views.ts";
import { handled, type Done, type Handled } from "../access/outcome.ts";
import { actorOf, groupOf, servedIn } from "../access/person.ts";
import { answered, DeviceWriter, wordsOfWrite, type DeviceWriterOptions } from "./device-writer.ts";
import { createProposals, type Proposal, type Proposals } from "./proposals.ts";
import { html, join, lines, type Html } from "../api/render.ts";
import { decline, reply } from "../access/reply.ts";

/** What writing needs. */
export interface WriteOptions extends DeviceWriterOptions {
  readonly presences: () => readonly DevicePresence[];
  /** What somebody may see where they ask. */
  readonly askerOf: (ctx: Context) => Asker;
  /** How many people have to agree: 1 or 2. */
  readonly confirm: () => 1 | 2;
  readonly keyValue: KeyValue;
}

const WRITE_PRESS = "write";
const MAX_CHOICES = 8;
const USAGE = "Write the device, the member and the value: /set AMB cooling 60";

/**
 * `/set`: a question that shows what is and what is to be, and what came of it, read back from the plant. Only what its program lets be
 * written, within its limits; where the plants file says `confirm: 2`, somebody else has to agree.
 */
export class WriteCommand {
  readonly buttons = new Composer<Context>();
  readonly command: Command = {
    name: "set",
    description: "Write a value to a device, after a question",
    topic: "plant",
    usage: ["/set AMB cooling 60"],
    right: ACT,
    run: (ctx, args) => this.#propose(ctx, args),
  };
  readonly #options: WriteOptions;
  readonly #proposals: Proposals;
  readonly #writer: DeviceWriter;

  constructor(options: WriteOptions) {
    this.#options = options;
    this.#proposals = createProposals(options);
    this.#writer = new DeviceWriter(options);
    this.buttons.callbackQuery(
      new RegExp(`^${WRITE_PRESS}:([0-9a-z]{1,12}):(yes|no)$`),
      handled((ctx) => this.#agree(ctx, ctx.match[1] ?? "", ctx.match[2] === "yes")),
    );
  }

  /** Takes up what the last run knew. */
  resume(former: Pick<FormerClock, "ends"> = OWN_ENDS): Promise<void> {
    return this.#proposals.resume(former);
  }

  async #propose(ctx: Context, args: string): Promise<Handled> {
    const words = args.trim().split(/\s+/);
    const typed = words.pop() ?? "";
    if (words.length < 2 || words.length > 30) return decline(ctx, html`${USAGE}`);
    const [found, ...others] = this.#find(ctx, words);
    if (found === undefined) return decline(ctx, html`There is no such member. ${USAGE}`);
    if (others.length > 0) {
      const names = [found, ...others].slice(0, MAX_CHOICES).map(({ device, member }) => titleOf(device, member));
      return decline(ctx, html`More than one member fits: ${join(names, ", ")}`);
    }
    const { device, member } = found;
    const problem = this.#awayWords(device) ?? problemOf(readWrite(member, typed));
    if (problem !== null) return decline(ctx, html`${titleOf(device, member)} was not changed. ${problem}`);
    const read = readWrite(member, typed);
    if (!("value" in read)) return;
    if (this.#options.confirm() === 2 && groupOf(ctx) === null)
      return decline(ctx, html`A second person has to agree: ask for that in a group, where they can.`);
    return this.#ask(ctx, device, member, read.value);
  }

  async #ask(ctx: Context, device: Device, member: Member, value: Proposal["value"]): Promise<Done> {
    const { userId, name: by } = actorOf(ctx);
    const { root } = device;
    const { group, path, value: old } = member;
    const wanted = valueOf({ ...member, value });
    const names = { member: nameOfMember(member), device: nameOfDevice(device), wanted };
    const proposal = { root, group, path, names, old, value, userId, chatId: servedIn(ctx).chatId };
    const id = await this.#proposals.add(proposal);
    const question = lines(
      html`Set ${titleOf(device, member)} from <b>${valueOf(member)}</b> to <b>${wanted}</b>?`,
      this.#options.confirm() === 2 ? html`${by} asks for it; somebody else has to agree.` : null,
    );
    return {
      result: `asked: ${wordsOfWrite(proposal)}`,
      tell: () => reply(ctx, question, { reply_markup: { inline_keyboard: buttonsOf(id) } }),
    };
  }

  async #agree(ctx: Context, id: string, isAgreed: boolean): Promise<Done> {
    const { update_id: update } = ctx.update;
    const proposal = this.#proposals.get(id);
    /** The last run took this very press, and did not live to tell what came of it. */
    const isAgain = proposal?.answered?.update === update;
    if (!proposal || (proposal.answered && !isAgain) || proposal.chatId !== ctx.chatId) {
      return {
        result: "not done: no open question",
        tell: () => toast(ctx, "This question is too old. Ask again with /set"),
      };
    }
    const { userId, name } = actorOf(ctx);
    if (isAgreed && this.#options.confirm() === 2 && userId === proposal.userId) {
      return { result: "not done: needs a second person", tell: () => toast(ctx, "Somebody else has to agree.") };
    }
    // Before anything is waited for: a second press finds nothing.
    if (!isAgain) await this.#proposals.answer(id, update);
    const obstacle = isAgreed && !isAgain ? this.#obstacleTo(ctx, proposal) : null;
    if (isAgreed && obstacle === null)
      return this.#writer.write(ctx, proposal, { name, writtenAt: proposal.answered?.at ?? null });
    const words = obstacle === null ? html`Not changed (${name}).` : html`Not changed. ${obstacle}`;
    return answered(ctx, `not written: ${wordsOfWrite(proposal)}`, words);
  }

  #find(ctx: Context, words: readonly string[]): readonly FoundMember[] {
    const { devices, askerOf } = this.#options;
    const asker = askerOf(ctx);
    const all = devices.list().filter(({ permittedUsers }) => isPermitted(permittedUsers, asker));
    return findMembers(words, all, (device) => visibleMembers(device, asker));
  }

  /** Why a proposal cannot be written any more; `null`: it can. */
  #obstacleTo(ctx: Context, proposal: Proposal): string | null {
    const { devices, askerOf } = this.#options;
    const device = devices.get(proposal.root);
    const member = device?.members.find(({ group, path }) => group === proposal.group && path === proposal.path);
    if (!device || !member) return "The device is not known any more.";
    const asker = askerOf(ctx);
    if (!isPermitted(device.permittedUsers, asker) || !visibleMembers(device, asker).includes(member))
      return "It is not for you.";
    if (!isWhatWasWritten(member, proposal.old, member.value)) return `It is ${valueOf(member)} by now. Ask again.`;
    return this.#awayWords(device) ?? problemOf(readWrite(member, String(proposal.value)));
  }

  #awayWords({ root }: Pick<Device, "root">): string | null {
    const isUp = this.#options.presences().find((one) => one.root === root)?.isUp ?? null;
    return isUp === true
      ? null
      : isUp === false
        ? "The device is offline."
        : "Nobody can tell whether the device is there.";
  }
}

const problemOf = (read: ReturnType<typeof readWrite>): string | null => ("problem" in read ? read.problem : null);

const titleOf = (device: Device, member: Member): Html =>
  html`<b>${nameOfMember(member)}</b> of ${nameOfDevice(device)}`;

const buttonsOf = (id: string): InlineKeyboardButton[][] => [
  [
    { text: "Set it", callback_data: `${WRITE_PRESS}:${id}:yes` },
    { text: "No", callback_data: `${WRITE_PRESS}:${id}:no` },
  ],
];
