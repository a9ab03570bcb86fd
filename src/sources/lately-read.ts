import type { FeedPage } from "../thingspeak/feed-page.ts";

/** Pages of a file that were read a moment ago: four fields of one plot cost one reading. */
export interface LatelyRead {
  /** The page at a place of the file, read anew if it is not here. */
  get(offset: number, read: () => Promise<FeedPage>): Promise<FeedPage>;
  /** What is there from a place on is another content now. */
  forget(fromOffset: number): void;
}

/** A press reads its fields one right after the other; other presses may wait between. */
const KEEP_MS = 10_000;
/** 24 MB: one field of a million rows. */
const MAX_NUMBERS = 3_000_000;

/** What nobody asks for in `keepMs` goes, and of too much what was asked for longest ago. */
export function createLatelyRead({ keepMs = KEEP_MS, maxNumbers = MAX_NUMBERS } = {}): LatelyRead {
  /** By offset; what was asked for last is at the end. */
  const pages = new Map<number, FeedPage>();
  let numbers = 0;
  let timer: NodeJS.Timeout | null = null;

  function drop(offset: number): FeedPage | undefined {
    const page = pages.get(offset);
    if (page && pages.delete(offset)) numbers -= sizeOf(page);
    return page;
  }

  function forget(fromOffset: number): void {
    for (const offset of pages.keys()) if (offset >= fromOffset) drop(offset);
  }

  function keep(offset: number, page: FeedPage): void {
    pages.set(offset, page);
    numbers += sizeOf(page);
    for (const oldest of pages.keys()) {
      if (numbers <= maxNumbers) break;
      drop(oldest);
    }
    timer?.refresh();
    timer ??= setTimeout(() => {
      timer = null;
      forget(0);
    }, keepMs).unref();
  }

  return {
    async get(offset, read) {
      const page = drop(offset) ?? (await read());
      keep(offset, page);
      return page;
    },
    forget,
  };
}

const sizeOf = ({ times, fields }: FeedPage): number => times.length * (2 + Object.keys(fields).length);
