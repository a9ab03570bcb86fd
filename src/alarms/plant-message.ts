/** More is no warning that a person can read: the beginning is kept. */
export const MAX_PAYLOAD_BYTES = 64 * 1024;

/** What arrived from the broker, before anybody read it. */
export interface PlantMessage {
  readonly topic: string;
  /** `MAX_PAYLOAD_BYTES` at most. */
  readonly payload: Uint8Array;
  /** How many bytes there were, if `payload` is only their beginning. */
  readonly cutFrom?: number;
  readonly isRetained: boolean;
  /** Whether it stood at the broker before we listened there for the first time ever. */
  readonly isFound?: boolean;
  /** The id of its delivery with QoS 1, and whether the broker says that it is not the first; ids are used again and again. */
  readonly packetId?: number | undefined;
  readonly isDup?: boolean;
  /** Epoch ms, our clock. */
  readonly receivedAt: number;
}
