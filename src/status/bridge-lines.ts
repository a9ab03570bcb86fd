import type { Bridge } from "../bridge/bridge.ts";
import type { MqttStatus } from "../mqtt/broker-status.ts";
import { formatDuration } from "../lib/time/time.ts";
import type { StatusLine } from "../lib/status-line.ts";

/** What is on its way to ThingSpeak, and its own link to the broker; both `null` where it is off. */
export interface BridgeSource {
  readonly bridge: Pick<Bridge, "status"> | null;
  readonly mqtt: () => MqttStatus | null;
}

const NAME = "To ThingSpeak";
/** What waits for longer waits for more than the next call. */
const STALE_MS = 3_600_000;

/** How the way to ThingSpeak is; nothing where there is none. */
export async function bridgeLines({ bridge, mqtt }: BridgeSource, now: number): Promise<StatusLine[]> {
  const link = mqtt();
  if (bridge === null || link === null) return [];
  const { channels } = await bridge.status();
  const waiting = channels.reduce((sum, channel) => sum + channel.waiting, 0);
  const oldestAt = channels.reduce((oldest, channel) => Math.min(oldest, channel.oldestAt ?? oldest), now);
  const stuck = channels.filter(({ parked, hasKey, waiting: some }) => parked !== null || (!hasKey && some > 0));
  const refused = link.subscriptions.filter(({ qos }) => qos !== 1).map(({ topic }) => topic);
  const lines: StatusLine[] = [];
  if (link.storeError !== null) {
    lines.push({ level: "error", name: NAME, detail: `what comes cannot be stored: ${link.storeError}` });
  }
  if (!link.isConnected || link.isContested === true) {
    lines.push({ level: "error", name: NAME, detail: `no link to the broker: ${link.error ?? "connecting"}` });
  } else if (refused.length > 0) {
    lines.push({ level: "error", name: NAME, detail: `not granted with QoS 1 by the broker: ${refused.join(", ")}` });
  }
  const numbers = stuck.map(({ channelId }) => channelId).join(", ");
  if (stuck.length > 0) {
    lines.push({ level: "error", name: NAME, detail: `nothing is written to ${numbers}: /bridge says why` });
  }
  const ageMs = now - oldestAt;
  const detail = waiting === 0 ? "nothing waits" : `${waiting} entries wait, the oldest for ${formatDuration(ageMs)}`;
  return [...lines, { level: waiting > 0 && ageMs > STALE_MS ? "warning" : "ok", name: NAME, detail }];
}
