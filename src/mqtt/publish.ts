import type { MqttClient } from "mqtt";
import { withDeadline } from "../lib/time/deadline.ts";

/** The link ended before the broker had it, or said so. */
export class ConnectionLost extends Error {
  override readonly name = "ConnectionLost";
}

/** What we tell the plant. */
export interface Publication {
  readonly topic: string;
  readonly payload: string;
  readonly isRetained: boolean;
}

const DEADLINE_MS = 10_000;

/**
 * Publishes with QoS 1; resolves when the broker has it.
 *
 * mqtt.js keeps what is not acknowledged and sends it after the next CONNACK, also what its publisher was told had failed.
 * So whatever ends the wait for the PUBACK also takes the message back out of that store, and a call without a connection
 * never puts one in. What was written to the socket may arrive all the same, and then twice if it is tried again.
 *
 * MQTT 3.1.1 has no word for "you may not": a broker whose access list forbids the topic acknowledges and drops it.
 * @throws Error when there is no connection, at once; when it is lost; when there is no PUBACK after `deadlineMs`
 */
export async function publish(
  client: MqttClient,
  { topic, payload, isRetained }: Publication,
  deadlineMs = DEADLINE_MS,
): Promise<void> {
  if (!client.connected || client.disconnecting) throw new Error("no connection to the broker");
  const acknowledged = client.publishAsync(topic, payload, { qos: 1, retain: isRetained });
  const messageId = client.getLastMessageId();
  /** Rejects `acknowledged`; does nothing once the broker has answered. */
  const takeBack = () => void client.removeOutgoingMessage(messageId);
  client.once("close", takeBack);
  try {
    await withDeadline(acknowledged, deadlineMs, () => new Error(`no PUBACK within ${deadlineMs} ms`));
  } catch (error) {
    throw client.connected ? error : new ConnectionLost("connection lost before the PUBACK", { cause: error });
  } finally {
    client.off("close", takeBack);
    takeBack();
  }
}
