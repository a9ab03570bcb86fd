import type { Composer, Context } from "grammy";
import { ownEvent } from "../../alarms/payloads/own.ts";
import { createBudgets, EACH, IN_GROUPS } from "../../people/budget.ts";
import type { Role } from "../../people/role.ts";
import { createJoinGuard } from "../../people/join-guard.ts";
import { Access } from "../../telegram/access/access.ts";
import { createAuditCommand } from "../../telegram/people/audit-command.ts";
import { createDenials } from "../../telegram/access/denials.ts";
import { createCodeCommand } from "../../telegram/people/code-command.ts";
import type { Command } from "../../telegram/access/command.ts";
import { createInviteCommand } from "../../telegram/people/invite-command.ts";
import { Joining } from "../../telegram/people/joining.ts";
import { LeaveCommand } from "../../telegram/people/leave-command.ts";
import { createMenus, GROUP_MENU } from "../../telegram/people/menus.ts";
import { createAuditWriter } from "../../telegram/access/audit-writer.ts";
import { PeopleCommands } from "../../telegram/people/people-commands.ts";
import { actorOf } from "../../telegram/access/person.ts";
import { createStrangers, type Strangers } from "../../telegram/access/strangers.ts";
import { priced } from "../../telegram/quality/quality-price.ts";
import { requestedActionOf } from "../../telegram/people/requested-action.ts";
import type { ChatAccessOptions, PastBudgets } from "./access-options.ts";
import { Offboarding } from "./offboarding.ts";

/** Who may do what: people, how they come in and go, and what stands between them and everything else. */
export interface ChatAccess {
  readonly access: Access;
  readonly joining: Joining;
  readonly strangers: Strangers;
  readonly commands: readonly Command[];
  readonly buttons: readonly Composer<Context>[];
  /** Shows everybody the menu of their role. */
  readonly showMenus: () => Promise<void>;
  /**
   * Tells the audit log how much of what was not allowed has no line of its own, once the hour is over.
   * @param isLast the program stops: it is told at once
   */
  settle(isLast?: boolean): Promise<void>;
  /** What people have left of their budgets, for the next run. */
  readonly budgets: () => PastBudgets;
}

/** Wires what people come in by: invitations, groups, roles, the second factor, and the commands about them. */
export function createChatAccess(options: ChatAccessOptions): ChatAccess {
  const { secondFactor, people, audit, store, recipients, clock, log } = options;
  const { now } = clock;
  const menus = menusOf(options);
  const offboarding = new Offboarding(options, menus.show);
  const writeAuditLine = createAuditWriter({ people, audit, log });
  const personOf = (ctx: Context): Promise<number> => people.meet(actorOf(ctx));
  const denials = createDenials({ writeAuditLine, personOf, audit, now });
  const joining = joiningOf(options, writeAuditLine, offboarding, menus.show);
  const strangers = createStrangers({
    writeAuditLine,
    audit,
    isStranger: (userId) => people.roleOf(userId) === null && !recipients.includes(userId),
    enter: joining.enter,
    onDropped: () => options.dropped.add("strangers"),
    now,
    log,
  });
  const budgets = createBudgets({ ...EACH, ...clock, past: options.past.each });
  const groupBudgets = createBudgets({ ...IN_GROUPS, ...clock, past: options.past.inGroups });
  const access = new Access({
    people,
    writeAuditLine,
    denials,
    isServed: (chatId) => recipients.includes(chatId),
    requestedActionOf(ctx) {
      const requested = requestedActionOf(ctx, options.allCommands());
      const press = { data: ctx.callbackQuery?.data ?? "", chatId: ctx.chatId ?? 0 };
      return requested && priced(requested, press, options.quality);
    },
    budgets,
    groupBudgets,
    secondFactor,
    strangers,
    offerToJoin: (ctx) => joining.offer(ctx),
    log,
  });
  const { namedIn, left } = offboarding;
  const leaving = new LeaveCommand({ chats: store.chats, namedIn, onLeave: left, serve: access.serve });
  const about = peopleCommandsOf(options, offboarding);
  return {
    access,
    joining,
    strangers,
    commands: [leaving.command, ...about.commands, ...otherCommandsOf(options, personOf)],
    buttons: [joining.buttons, leaving.buttons, about.buttons],
    showMenus: () => menus.showAll(),
    budgets: () => ({ each: budgets.kept(), inGroups: groupBudgets.kept() }),
    async settle(isLast) {
      await strangers.settle(isLast);
      await denials.settle(isLast);
    },
  };
}

/** Tells the admins what somebody tries. */
const warn = ({ notifier, clock }: ChatAccessOptions, id: string, message: string): Promise<void> =>
  notifier.take([ownEvent({ id, message, severity: "warning", state: null, isForAdmins: true }, clock.now())]);

/** The menus. One is only a help: whether it is shown or not, rights are what they are. */
function menusOf({ api, allCommands, config, people, recipients, log }: ChatAccessOptions) {
  const { adminIds } = config.telegram;
  const menus = createMenus({
    api,
    commands: allCommands,
    // Admins by the settings are not known before they write for the first time.
    people: () => [
      ...adminIds.map((userId) => ({ userId, role: "admin" as const })),
      ...people.members().filter(({ userId }) => !adminIds.includes(userId)),
    ],
    groups: () => recipients.chatIds().filter((chatId) => chatId < 0),
  });
  function show(chatId: number, role: Role | null = people.roleOf(chatId)): void {
    menus.showTo(chatId, role).catch((error: unknown) => {
      log.warn({ reason: String(error), chatId }, "a menu could not be shown");
    });
  }
  return { showAll: menus.showAll, show };
}

function joiningOf(
  options: ChatAccessOptions,
  writeAuditLine: ReturnType<typeof createAuditWriter>,
  { namedIn, left }: Offboarding,
  showMenu: (chatId: number, role?: Role | null) => void,
): Joining {
  const { people, plants, routes, store, recipients, notifier, clock, log } = options;
  const { now, elapsed } = clock;
  return new Joining({
    people,
    writeAuditLine,
    guard: createJoinGuard({ past: options.wrongCodes, now, elapsed }),
    chats: store.chats,
    isServed: (chatId) => recipients.includes(chatId),
    warn: (id, message) => warn(options, id, message),
    hasRoutes: () => plants.routes.length + routes.list().length > 0,
    namedIn,
    onJoin: (groupId) => showMenu(groupId, GROUP_MENU),
    onLeave: left,
    onRole(userId) {
      showMenu(userId);
      // Who was removed, and is named as one who gets alarms, gets them again.
      notifier.review().catch((error: unknown) => log.error({ err: error }, "could not update who gets alarms"));
    },
    now,
  });
}

function peopleCommandsOf(
  { config, people, store, clock }: ChatAccessOptions,
  offboarding: Offboarding,
): PeopleCommands {
  const { adminIds, adminTotp } = config.telegram;
  return new PeopleCommands({
    people,
    adminIds,
    namedIn: offboarding.namedIn,
    settingsOf: (userId) => [
      ...(adminIds.includes(userId) ? ["TELEGRAM_ADMIN_IDS"] : []),
      ...(adminTotp.has(userId) ? ["TELEGRAM_ADMIN_TOTP"] : []),
    ],
    onRole: offboarding.endSessions,
    forget: offboarding.forget,
    timeZoneOf: store.chats.timeZoneOf,
    now: clock.now,
  });
}

function otherCommandsOf(options: ChatAccessOptions, personOf: (ctx: Context) => Promise<number>): readonly Command[] {
  const { config, people, audit, secondFactor, store, clock } = options;
  const { timeZoneOf } = store.chats;
  const common = [
    createInviteCommand({ people, timeZoneOf, now: clock.now }),
    createAuditCommand({ audit, timeZoneOf, now: clock.now }),
  ];
  if (config.telegram.adminTotp.size === 0) return common;
  async function onLocked(ctx: Context): Promise<void> {
    const id = await personOf(ctx);
    const what = `Person ${id}, an admin, gave five wrong codes of the second factor`;
    const rest = "their codes are refused for a quarter of an hour. /audit shows who.";
    await warn(options, `second factor of person ${id}`, `${what}: ${rest}`);
  }
  return [...common, createCodeCommand({ secondFactor, onLocked })];
}
