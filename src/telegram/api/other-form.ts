import type { Transformer } from "grammy";

/** A call that Telegram refused, as far as one must know it to make it in another form. */
interface RefusedCall {
  readonly description: string;
  readonly parameters?: { readonly migrate_to_chat_id?: number };
}

/** A call of the Bot API. */
interface Call {
  readonly method: string;
  readonly payload: Readonly<Record<string, unknown>>;
}

/** The Bot API as it is: a method's name, and what it is given. grammY's types know the method that was called first only. */
interface Wire {
  call(method: string, payload: object, signal: Parameters<TelegramCall>[2]): ReturnType<TelegramCall>;
}
type TelegramCall = Parameters<Transformer>[0];

/** More forms than this, one after the other, do not help. */
const MAX_FORMS = 6;

/** What a picture is refused with: its sizes, its bytes, or what the chat lets a bot send. Texts as the Bot API server has them. */
const NO_PICTURE =
  /not enough rights to send (?!text)|CHAT_SEND_(?!PLAIN)\w+_FORBIDDEN|IMAGE_|PHOTO_|MEDIA_|too big for a photo/;
/** What a file is refused with, whatever it holds. */
const NO_FILE =
  /not enough rights to send (?!text)|CHAT_SEND_(?!PLAIN)\w+_FORBIDDEN|can't use file of type|MEDIA_|DOCUMENT_|file is too big|Request Entity Too Large/i;
const NO_THREAD = /thread not found|TOPIC_CLOSED|TOPIC_DELETED/;
const NO_REPLY = /message to be replied not found|REPLY_MESSAGE_ID_INVALID/;

const NOT_ALLOWED =
  "I may not send pictures and files here. Let an admin of this group allow it in its settings, under Permissions, or ask me in private.";
const NOT_TAKEN = "Telegram accepts this neither as a picture nor as a file. Ask for less, or for a shorter period.";
const MAX_CAPTION = 1_024;

/**
 * What Telegram refuses to show in one form is shown in another: in the chat that a group became, outside of a thread that is closed, a
 * picture as a file, and in the end a sentence that says why not. For what people asked for, and what goes on by itself; cards have more
 * to lose, and their lane reads refusals itself.
 */
export function inAnotherForm(options: {
  readonly onMigrated: (chatId: number, newChatId: number) => Promise<void>;
}): Transformer {
  return async (call, method, payload, signal) => {
    const wire: Wire = { call };
    let answer = await call(method, payload, signal);
    let form: Call = { method, payload: { ...payload } };
    for (let i = 0; i < MAX_FORMS && !answer.ok; i++) {
      const next = otherForm(form, answer);
      if (next === null) break;
      const newChatId = answer.parameters?.migrate_to_chat_id;
      // Whether that could be noted or not, the answer comes.
      if (newChatId !== undefined)
        await options.onMigrated(Number(form.payload["chat_id"]), newChatId).catch(() => undefined);
      form = next;
      answer = await wire.call(form.method, form.payload, signal);
    }
    return answer;
  };
}

/** The form in which a refused call is made next; `null`: there is none. */
function otherForm({ method, payload }: Call, { description, parameters }: RefusedCall): Call | null {
  const isNew = method.startsWith("send");
  if (parameters?.migrate_to_chat_id !== undefined)
    return elsewhere({ method, payload }, parameters.migrate_to_chat_id);
  if (isNew && NO_THREAD.test(description) && "message_thread_id" in payload)
    return { method, payload: without(payload, "message_thread_id") };
  if (isNew && NO_REPLY.test(description) && "reply_parameters" in payload)
    return { method, payload: without(payload, "reply_parameters") };
  if (hasPhotos({ method, payload }) && NO_PICTURE.test(description)) return asFile({ method, payload });
  if (hasFiles({ method, payload }) && NO_FILE.test(description)) return asWords({ method, payload }, description);
  return null;
}

/** In the chat that the group became: what was there is not, so an edit becomes a message. */
function elsewhere({ method, payload }: Call, chatId: number): Call | null {
  const { media, text, caption } = payload;
  const moved = {
    ...without(payload, "message_thread_id", "reply_parameters", "message_id", "media"),
    chat_id: chatId,
  };
  if (method.startsWith("send")) return { method, payload: { ...moved, ...(media === undefined ? {} : { media }) } };
  if (method === "editMessageMedia" && isItem(media)) {
    const { type, media: file, ...words } = media;
    return {
      method: type === "photo" ? "sendPhoto" : "sendDocument",
      payload: { ...moved, ...words, [type]: file, ...SILENT },
    };
  }
  if (text === undefined && caption === undefined) return null;
  return { method: "sendMessage", payload: { ...without(moved, "caption"), text: text ?? caption, ...SILENT } };
}

function asFile({ method, payload }: Call): Call {
  if (method === "sendPhoto")
    return { method: "sendDocument", payload: { ...without(payload, "photo"), document: payload["photo"] } };
  const [item, ...others] = itemsOf({ method, payload }).map((one): Item => ({ ...one, type: "document" }));
  return { method, payload: { ...payload, media: Array.isArray(payload["media"]) ? [item, ...others] : item } };
}

/** Says what there would be to see, and why there is not. */
function asWords({ method, payload }: Call, description: string): Call {
  const why = /rights|FORBIDDEN/.test(description) ? NOT_ALLOWED : NOT_TAKEN;
  const [item = {}] = itemsOf({ method, payload });
  const { caption, parse_mode: mode }: Words = method === "editMessageMedia" ? item : payload;
  const words =
    typeof caption !== "string" || caption.length + why.length + 2 > MAX_CAPTION ? why : `${caption}\n\n${why}`;
  const rest = without(payload, "media", "document", "caption", "parse_mode");
  const formatted = mode === undefined ? {} : { parse_mode: mode };
  return method === "editMessageMedia"
    ? { method: "editMessageCaption", payload: { ...rest, caption: words, ...formatted } }
    : { method: "sendMessage", payload: { ...rest, text: words, ...formatted } };
}

interface Words {
  readonly caption?: unknown;
  readonly parse_mode?: unknown;
}

/** A picture or a file, of an album or to be put into a message. */
interface Item extends Words {
  readonly type: string;
  readonly media: unknown;
}

const SILENT = { disable_notification: true };

const isItem = (value: unknown): value is Item =>
  typeof value === "object" && value !== null && "type" in value && typeof value.type === "string" && "media" in value;

const itemsOf = ({ payload: { media } }: Call): readonly Item[] =>
  (Array.isArray(media) ? media : [media]).filter(isItem);
const hasPhotos = (call: Call): boolean =>
  call.method === "sendPhoto" || itemsOf(call).some(({ type }) => type === "photo");
const hasFiles = (call: Call): boolean => call.method === "sendDocument" || itemsOf(call).length > 0;

const without = (payload: Call["payload"], ...names: readonly string[]): Record<string, unknown> =>
  Object.fromEntries(Object.entries(payload).filter(([name]) => !names.includes(name)));
