/** Telegram shows an action for five seconds: https://core.telegram.org/bots/api#sendchataction. */
const ACTION_MS = 4_000;

/**
 * Does something that takes a while, and shows meanwhile that it is under way.
 * @param show only a decoration: whether it succeeds or not, the work goes on
 */
export async function whileShown(show: () => Promise<unknown>, work: () => Promise<void>): Promise<void> {
  const showOnce = (): void => void show().catch(() => undefined);
  showOnce();
  const timer = setInterval(showOnce, ACTION_MS).unref();
  try {
    await work();
  } finally {
    clearInterval(timer);
  }
}
