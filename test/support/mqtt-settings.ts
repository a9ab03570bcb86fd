import type { Broker, MqttSettings } from "../../src/mqtt/settings.ts";

/** A link without a login and without certificates. */
export const anonymous = {
  ca: null,
  cert: null,
  key: null,
  passphrase: null,
  minVersion: "TLSv1.2",
  clientId: "valvomo",
} satisfies Partial<MqttSettings>;

/** The brokers at these addresses, with this login or without. */
export const at = (
  urls: readonly string[],
  login: Partial<Omit<Broker, "url">> = {},
): { readonly brokers: Broker[] } => ({
  brokers: urls.map((url) => ({ url, username: null, password: null, ...login })),
});
