import { spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";

const DEMO = join(import.meta.dirname, "..", "..", "src", "demo", "main.ts");

/** A message as the demo's chat page gets it. */
export interface PageMessage {
  readonly messageId: number;
  readonly from: "bot" | number;
  readonly isService: boolean;
  readonly text: string;
  readonly caption: string | null;
  readonly photo: object | null;
  readonly document: object | null;
  readonly buttons: readonly (readonly { readonly text: string }[])[];
  readonly isSilent: boolean;
  readonly replyTo: number | null;
}

type Event =
  | {
      readonly type: "state";
      readonly chats: readonly { readonly id: number; readonly messages: readonly PageMessage[] }[];
    }
  | { readonly type: "message"; readonly chatId: number; readonly message: PageMessage }
  | { readonly type: "other" };

/** `npm run demo` in a process of its own, used as its page uses it. */
export interface Demo {
  readonly url: string;
  /** What it has printed. */
  printed(): string;
  /** What a chat holds now, oldest first. */
  messages(chatId: number): readonly PageMessage[];
  say(chatId: number, userId: number, text: string): Promise<void>;
  /** Resolves with its exit code. */
  stop(): Promise<number | null>;
}

/** Starts it; resolves when it has printed its address. */
export async function startDemo(): Promise<Demo> {
  const demo = spawn(process.execPath, [DEMO], {
    stdio: ["ignore", "pipe", "inherit"],
    env: { TIME_ZONE: "Europe/Helsinki" },
  });
  let printed = "";
  const url = await new Promise<string>((resolve, reject) => {
    demo.once("exit", (code) => reject(new Error(`the demo ended with ${code}: ${printed}`)));
    demo.stdout.on("data", (data: Buffer) => {
      printed += data.toString();
      const address = /http:\/\/\S+/.exec(printed)?.[0];
      if (address) resolve(address);
    });
  });
  const shown = new Map<number, Map<number, PageMessage>>();
  const put = (chatId: number, message: PageMessage): void => {
    const chat = shown.get(chatId) ?? new Map<number, PageMessage>();
    shown.set(chatId, chat.set(message.messageId, message));
  };
  const aborter = new AbortController();
  const { body } = await fetch(new URL("/events", url), { signal: aborter.signal });
  const reading = follow(body as AsyncIterable<Uint8Array>, (event) => {
    if (event.type === "message") put(event.chatId, event.message);
    if (event.type === "state")
      for (const { id, messages } of event.chats) for (const message of messages) put(id, message);
  });
  return {
    url,
    printed: () => printed,
    messages: (chatId) => [...(shown.get(chatId)?.values() ?? [])],
    async say(chatId, userId, text) {
      const response = await fetch(new URL("/say", url), {
        method: "POST",
        headers: { "content-type": "application/json" },
        body: JSON.stringify({ chatId, userId, text }),
      });
      if (response.status !== 204) throw new Error(await response.text());
    },
    async stop() {
      aborter.abort();
      await reading;
      const exit = once(demo, "exit") as Promise<[number | null]>;
      demo.kill("SIGINT");
      const [code] = await exit;
      return code;
    },
  };
}

/** Reads Server-Sent Events until they end. */
async function follow(body: AsyncIterable<Uint8Array>, take: (event: Event) => void): Promise<void> {
  const decoder = new TextDecoder();
  let text = "";
  try {
    for await (const chunk of body) {
      text += decoder.decode(chunk, { stream: true });
      const events = text.split("\n\n");
      text = events.pop() ?? "";
      for (const event of events)
        if (event.startsWith("data: ")) take(JSON.parse(event.slice("data: ".length)) as Event);
    }
  } catch (error) {
    if (!(error instanceof Error && error.name === "AbortError")) throw error;
  }
}
