import type { Webhook } from "../state/delivery.ts";
import { type Params, readBoolean, readInteger, readJsonParam, readString } from "../state/params.ts";
import { badRequest } from "../state/refusal.ts";
import type { Method } from "../state/service.ts";

/** Bots may fetch files up to this size (FACTS: C1). */
const maxDownloadBytes = 20 * 1024 * 1024;
const maxAnswerLength = 200;

/** The methods about the bot itself: who it is, its updates, its commands, its answers to presses. */
export const botMethods: Readonly<Record<string, Method>> = {
  getMe: (_params, { bot }) => bot,

  getUpdates: (params, { updates }, signal) =>
    updates.poll({
      offset: readInteger(params, "offset") ?? 0,
      limit: readInteger(params, "limit") ?? 100,
      timeoutSeconds: readInteger(params, "timeout") ?? 0,
      allowedUpdates: readKinds(params),
      signal,
    }),

  setWebhook: (params, { updates }) => {
    if (readBoolean(params, "drop_pending_updates")) updates.clear();
    const url = readString(params, "url") ?? "";
    updates.sendTo(url === "" ? null : readWebhook(url, readString(params, "secret_token")), readKinds(params));
    return true;
  },

  deleteWebhook: (params, { updates }) => {
    if (readBoolean(params, "drop_pending_updates")) updates.clear();
    updates.sendTo(null);
    return true;
  },

  getWebhookInfo: (_params, { updates }) => updates.info(),

  setMyCommands: (params, { commands, changes }) => {
    commands.set(params);
    changes.publish({ type: "commands" });
    return true;
  },

  getMyCommands: (params, { commands }) => commands.get(params),

  deleteMyCommands: (params, { commands, changes }) => {
    commands.remove(params);
    changes.publish({ type: "commands" });
    return true;
  },

  answerCallbackQuery: (params, { queries, changes }) => {
    const text = readString(params, "text") || null;
    if (text !== null && text.length > maxAnswerLength) throw badRequest("MESSAGE_TOO_LONG");
    const showAlert = readBoolean(params, "show_alert");
    const answer = queries.answer(readString(params, "callback_query_id") ?? "", { text, showAlert });
    changes.publish({ type: "answer", answer });
    return true;
  },

  getFile: (params, { media }) => {
    const file = media.find(readString(params, "file_id") ?? "");
    if (!file) throw badRequest("invalid file_id");
    if (file.bytes.length > maxDownloadBytes) throw badRequest("file is too big");
    return {
      file_id: file.fileId,
      file_unique_id: file.fileUniqueId,
      file_size: file.bytes.length,
      file_path: file.path,
    };
  },
};

/** As a Bot API server of one's own (`--local`), this one delivers to http:// on this machine, too. */
function readWebhook(url: string, secretToken: string | undefined): Webhook {
  const { protocol, hostname } = URL.parse(url) ?? {};
  const isLocal = protocol === "http:" && (hostname === "127.0.0.1" || hostname === "localhost");
  if (protocol !== "https:" && !isLocal) throw badRequest("bad webhook: An HTTPS URL must be provided for webhook");
  if (secretToken !== undefined && !/^[\w-]{1,256}$/.test(secretToken)) {
    throw badRequest("secret token contains unallowed characters");
  }
  return { url, secretToken };
}

function readKinds(params: Params): readonly string[] | undefined {
  const kinds = readJsonParam(params, "allowed_updates");
  return Array.isArray(kinds) ? kinds.map(String) : undefined;
}
