import type { MqttSettings } from "../../src/mqtt/session.ts";

/** A link without a login and without certificates. */
export const anonymous = {
  username: null,
  password: null,
  ca: null,
  cert: null,
  key: null,
  passphrase: null,
  minVersion: "TLSv1.2",
  clientId: "valvomo",
} satisfies Partial<MqttSettings>;
