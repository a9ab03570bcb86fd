import type { Api, Composer, Context } from "grammy";
import { ownEvent } from "../../alarms/payloads/own.ts";
import type { Audience } from "../../dispatch/audience.ts";
import type { Recipients } from "../../dispatch/recipients.ts";
import type { Clock } from "../../lib/time/clock.ts";
import type { Config } from "../../config/config.ts";
import type { Dropped } from "../../health/dropped.ts";
import type { Logger } from "../../lib/log.ts";
import { createBudgets, EACH, IN_GROUPS, type KeptBudgets } from "../../people/budget.ts";
import type { Role } from "../../people/role.ts";
import { createJoinGuard, type WrongCode } from "../../people/join-guard.ts";
import type { SecondFactor } from "../../people/second-factor.ts";
import type { Plants } from "../../plants/plants.ts";
import type { ReportStore } from "../../reports/report-store.ts";
import type { Audit } from "../../store/people/audit.ts";
import type { People } from "../../store/people/people.ts";
import type { Routes } from "../../store/people/routes.ts";
import type { Engine } from "../../engine/engine.ts";
import type { Store } from "../../store/store.ts";
import { Access } from "../../telegram/access/access.ts";
import { createAuditCommand } from "../../telegram/people/audit-command.ts";
import { createDenials } from "../../telegram/access/denials.ts";
import { createCodeCommand } from "../../telegram/people/code-command.ts";
import type { Command } from "../../telegram/access/command.ts";
import { createInviteCommand } from "../../telegram/people/invite-command.ts";
import { Joining } from "../../telegram/people/joining.ts";
import { createLeaveCommand } from "../../telegram/people/leave-command.ts";
import { createMenus, GROUP_MENU } from "../../telegram/people/menus.ts";
import { createNote } from "../../telegram/access/noting.ts";
import { PeopleCommands } from "../../telegram/people/people-commands.ts";
import { actorOf } from "../../telegram/access/person.ts";
import { createStrangers, type Strangers } from "../../telegram/access/strangers.ts";
import { useOf } from "../../telegram/people/use.ts";

/** Who may do what: people, how they come in and go, and what stands between them and everything else. */
export interface Membership {
  readonly access: Access;
  /** Whether an admin has to give a code of the second factor before the next admin action. */
  readonly isLocked: (userId: number) => boolean;
  readonly joining: Joining;
  readonly strangers: Strangers;
  readonly commands: readonly Command[];
  readonly buttons: readonly Composer<Context>[];
  /** Shows everybody the menu of their role. */
  showMenus(): Promise<void>;
  /**
   * Tells the audit log how much of what was not allowed has no line of its own, once the hour is over.
   * @param isLast the program stops: it is told at once
   */
  settle(isLast?: boolean): Promise<void>;
  /** What people have left of their budgets, for the next run. */
  budgets(): PastBudgets;
}

/** The budgets of an earlier run. */
export interface PastBudgets {
  readonly each: KeptBudgets;
  readonly inGroups: KeptBudgets;
}

/** Their name in the store. */
export const BUDGETS = "budgets";
export const NO_BUDGETS: PastBudgets = { each: [], inGroups: [] };

/** What it is made from. */
export interface MembershipOptions {
  readonly config: Config;
  readonly people: People;
  readonly audit: Audit;
  /** The wrong codes of the last hour. */
  readonly wrongCodes: readonly WrongCode[];
  readonly secondFactor: SecondFactor;
  readonly past: PastBudgets;
  readonly plants: Plants;
  readonly routes: Routes;
  readonly store: Store;
  readonly engine: Engine;
  readonly recipients: Recipients;
  readonly audience: Audience;
  readonly reportStore: ReportStore;
  readonly api: Api;
  /** All commands, also these. */
  readonly allCommands: () => readonly Command[];
  /** Ends what goes on by itself in a chat. */
  readonly stopIn: (chatId: number) => void;
  /** Cards of these chats may be out of date. */
  readonly onChange: (chatIds: readonly number[]) => void;
  readonly dropped: Pick<Dropped, "add">;
  readonly clock: Clock;
  readonly log: Logger;
}

/** Wires what people come in by: invitations, groups, roles, the second factor, and the commands about them. */
export function createMembership(options: MembershipOptions): Membership {
  const { config, secondFactor, people, audit, plants, routes, store, engine, recipients, audience, clock, log } =
    options;
  const { now } = clock;
  const { adminIds, alarmChatIds, adminTotp } = config.telegram;
  const { timeZoneOf } = store.chats;

  /** What says that a chat gets alarms, other than itself. */
  function namedIn(chatId: number): readonly string[] {
    const isIt = (id: number): boolean => store.chats.currentId(id) === chatId;
    const isTo = (to: readonly { readonly chatId: number }[]): boolean => to.some((one) => isIt(one.chatId));
    const inFile =
      plants.routes.some(({ to }) => isTo(to)) ||
      Object.values(plants.escalation).some(({ steps }) => isTo(steps.map(({ to }) => to)));
    return [
      ...(alarmChatIds.some(isIt) ? ["TELEGRAM_ALARM_CHAT_IDS"] : []),
      ...(inFile ? ["the plants file"] : []),
      ...routes.list().flatMap(({ id, to }) => (isTo(to) ? [`route ${id} (/unroute ${id})`] : [])),
    ];
  }

  /** Ends what a chat that gets alarms no more has of them; of a private chat the reports and plots stay its person's. */
  async function left(chatId: number): Promise<void> {
    if (chatId < 0) await endIn(chatId);
    await audience.forgetOthers();
    await audience.review();
  }

  /** Ends what goes on by itself in a chat. */
  async function endIn(chatId: number): Promise<void> {
    options.stopIn(chatId);
    await options.reportStore.save(chatId, null);
  }

  /** Ends at once what somebody has no right to any more. @returns the routes that led to their private chat only, and ended with it */
  async function endSessions(userId: number): Promise<readonly number[]> {
    await secondFactor.end(userId);
    showTo(userId);
    if (people.roleOf(userId) !== null) {
      // Who is an admin no more is told no more what only they are.
      await left(userId);
      return [];
    }
    await store.dialogues.deleteOf(userId);
    // A private chat has the id of its person.
    await store.chats.setJoined(userId, null);
    const own = routes.list().filter(({ to }) => to.every(({ chatId }) => chatId === userId));
    for (const { id } of own) await routes.remove(id);
    await endIn(userId);
    await left(userId);
    return own.map(({ id }) => id);
  }

  /** A menu is only a help: whether it is shown or not, rights are what they are. */
  function show(chatId: number, role: Role | null): void {
    menus.showTo(chatId, role).catch((error: unknown) => {
      log.warn({ reason: String(error), chatId }, "a menu could not be shown");
    });
  }
  const showTo = (userId: number): void => show(userId, people.roleOf(userId));

  /** Tells the admins what somebody tries. */
  const warn = (id: string, message: string): Promise<void> =>
    audience.take([ownEvent({ id, message, severity: "warning", state: null, isForAdmins: true }, now())]);

  const note = createNote({ people, audit, log });
  const personOf = (ctx: Context): Promise<number> => people.meet(actorOf(ctx));
  const denials = createDenials({ note, personOf, audit, now });
  const strangers = createStrangers({
    note,
    audit,
    isStranger: (userId) => people.roleOf(userId) === null && !recipients.includes(userId),
    enter: (ctx, code) => joining.enter(ctx, code),
    onDropped: () => options.dropped.add("strangers"),
    now,
    log,
  });
  const joining = new Joining({
    people,
    note,
    guard: createJoinGuard({ past: options.wrongCodes, now, elapsed: clock.elapsed }),
    chats: store.chats,
    isServed: (chatId) => recipients.includes(chatId),
    warn,
    hasRoutes: () => plants.routes.length + routes.list().length > 0,
    namedIn,
    onJoin: (groupId) => show(groupId, GROUP_MENU),
    onLeave: left,
    onRole(userId) {
      showTo(userId);
      // Who was removed, and is named as one who gets alarms, gets them again.
      audience.review().catch((error: unknown) => log.error({ err: error }, "could not update who gets alarms"));
    },
    now,
  });
  const peopleCommands = new PeopleCommands({
    people,
    adminIds,
    namedIn,
    settingsOf: (userId) => [
      ...(adminIds.includes(userId) ? ["TELEGRAM_ADMIN_IDS"] : []),
      ...(adminTotp.has(userId) ? ["TELEGRAM_ADMIN_TOTP"] : []),
    ],
    onRole: endSessions,
    async forget(member) {
      await people.setRole(member.id, null);
      await endSessions(member.userId);
      await secondFactor.forget(member.userId);
      options.onChange(await engine.forgetPerson(member));
      store.chats.drop(member.userId);
    },
    timeZoneOf,
    now,
  });
  const budgets = createBudgets({ ...EACH, ...clock, past: options.past.each });
  const groupBudgets = createBudgets({ ...IN_GROUPS, ...clock, past: options.past.inGroups });
  const access = new Access({
    people,
    note,
    denials,
    isServed: (chatId) => recipients.includes(chatId),
    useOf: (ctx) => useOf(ctx, options.allCommands()),
    budgets,
    groupBudgets,
    secondFactor,
    strangers,
    offerToJoin: (ctx) => joining.offer(ctx),
    log,
  });
  const leaving = createLeaveCommand({ chats: store.chats, namedIn, onLeave: left, serve: access.serve });
  const menus = createMenus({
    api: options.api,
    commands: options.allCommands,
    // Admins by the settings are not known before they write for the first time.
    people: () => [
      ...adminIds.map((userId) => ({ userId, role: "admin" as const })),
      ...people.members().filter(({ userId }) => !adminIds.includes(userId)),
    ],
    groups: () => recipients.chatIds().filter((chatId) => chatId < 0),
  });

  return {
    access,
    isLocked: secondFactor.isNeeded,
    joining,
    strangers,
    commands: [
      leaving.command,
      ...peopleCommands.commands,
      createInviteCommand({ people, timeZoneOf, now }),
      createAuditCommand({ audit, timeZoneOf, now }),
      ...(adminTotp.size === 0
        ? []
        : [
            createCodeCommand({
              secondFactor,
              onLocked: async (ctx) => {
                const id = await personOf(ctx);
                const what = `Person ${id}, an admin, gave five wrong codes of the second factor`;
                await warn(
                  `second factor of person ${id}`,
                  `${what}: their codes are refused for a quarter of an hour. /audit shows who.`,
                );
              },
            }),
          ]),
    ],
    buttons: [joining.buttons, leaving.buttons, peopleCommands.buttons],
    showMenus: () => menus.showAll(),
    budgets: () => ({ each: budgets.kept(), inGroups: groupBudgets.kept() }),
    async settle(isLast) {
      await strangers.settle(isLast);
      await denials.settle(isLast);
    },
  };
}
