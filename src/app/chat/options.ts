import type { Bridge } from "../../bridge/bridge.ts";
import type { MemberAccess } from "../../devices/member-access.ts";
import type { Drill } from "../../engine/drill.ts";
import type { QualityReports } from "../../reports/quality-reports.ts";
import type { Pace } from "../../pace/pace.ts";
import type { Answers } from "../../store/people/answers.ts";
import type { ChatAccessOptions } from "./access-options.ts";
import type { Feed } from "../measurements/feed.ts";
import type { FileColumns } from "../../sources/file-columns.ts";
import type { StatusLine } from "../../lib/status-line.ts";
import type { DeviceCommandOptions } from "../../telegram/commands/device-commands.ts";
import type { ApiHealth } from "../../telegram/api/api-health.ts";
import type { WriteOptions } from "../../telegram/commands/write-command.ts";

/** What the chat side is made from. */
export interface ChatOptions extends Omit<ChatAccessOptions, "api" | "allCommands" | "stopIn"> {
  readonly answers: Answers;
  /** See sent-messages.ts. */
  readonly onAhead: (of: "alarm" | "board" | "person", number: number) => void;
  readonly drill: Drill;
  readonly bridge: Bridge | null;
  readonly apiHealth: ApiHealth;
  readonly pace: Pace;
  readonly feed: Feed;
  /** What the columns of the file hold; `null`: no file is plotted. */
  readonly fileColumns: FileColumns | null;
  /** IANA name: whose clock a plant's times may be of. */
  readonly timeZone: string;
  /** TwinCAT's devices; `null`: none are listened to. */
  readonly devices:
    | (Pick<DeviceCommandOptions, "devices" | "presences" | "numberOf"> &
        Pick<WriteOptions, "write" | "ask"> & { readonly isWritable: boolean })
    | null;
  readonly members: MemberAccess;
  readonly status: (timeZone: string) => Promise<readonly StatusLine[]>;
  /** Whether anything is shown in a chat: it gets alarms, or its person has a role. */
  readonly isServed: (chatId: number) => boolean;
  readonly quality: QualityReports;
  /** A chat that is served wrote something, or took the bot in again. */
  readonly onSignOfLife: (chatId: number) => void;
}
