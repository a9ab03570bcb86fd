import { secondPathPayload, type SecondPath } from "../alarms/second-path.ts";
import { listUntold } from "../store/alarms/due-alarms.ts";
import { sendOut } from "../store/outbox.ts";
import { saveChange, SILENT } from "./change.ts";
import { MAX_DUE, type EngineContext } from "./context.ts";

/** Sends by the second path what no chat could be told of in time; resolves with the chats whose cards are to say so. */
export const fallBack = (context: EngineContext, { afterMs, topic, url }: SecondPath): Promise<readonly number[]> =>
  context.ledgers.change(async (ledger) => {
    const { queries } = ledger;
    const change = { ...context, now: context.now() };
    const chatIds = new Set<number>();
    for (const alarm of await listUntold(queries, change.now - afterMs, MAX_DUE)) {
      const { id, occurrence } = alarm;
      const row = {
        target: "",
        payload: secondPathPayload(alarm, change.now),
        isRetained: false,
        createdAt: change.now,
        alarm: { id, occurrence },
      };
      if (topic !== null) await sendOut(queries, { kind: "secondTopic", ...row });
      if (url !== null) await sendOut(queries, { kind: "secondUrl", ...row });
      const fallenBack = { ...alarm, secondPathAt: change.now, version: alarm.version + 1 };
      for (const chatId of await saveChange(ledger, alarm, fallenBack, change, SILENT)) chatIds.add(chatId);
    }
    return [...chatIds];
  });
