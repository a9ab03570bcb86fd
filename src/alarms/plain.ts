import type { ReadMessage } from "./event.ts";

/** A warning that says nothing but this. */
export const plain = (message: string): ReadMessage => ({
  message,
  severity: "warning",
  source: null,
  state: null,
  value: null,
  unit: null,
  limit: null,
  field: null,
  occurredAt: null,
  id: null,
  name: null,
  remark: null,
  isTopicEnd: false,
  slot: null,
});
