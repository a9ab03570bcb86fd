import { isLoopback } from "../lib/loopback.ts";
import { hostOf, type MqttSettings } from "./settings.ts";

/** A way in which others may get at the link to the broker. */
export interface Exposure {
  /** Names it, for good. */
  readonly id: string;
  readonly isOpen: boolean;
  /** What it is, and what to do about it; for an admin. */
  readonly message: string;
}

/** Looks at all brokers outside this machine: somebody on the way can make us use any of them. */
export function exposuresOf({ brokers, cert }: Pick<MqttSettings, "brokers" | "cert">): Exposure[] {
  const remote = brokers.filter(({ url }) => !isLoopback(new URL(url).hostname));
  const readable = remote.filter(({ url }) => /^(mqtt|ws):/.test(url)).map(hostOf);
  const anonymous = remote.filter(({ username }) => username === null && cert === null).map(hostOf);
  return [
    {
      id: "broker link: readable",
      isOpen: readable.length > 0,
      message:
        `The link to the broker ${readable.join(", ")} is not encrypted: whoever is on the way can read alarms, forge them, and see the ` +
        `password. Let the broker speak TLS, and set MQTT_URL to mqtts:// or wss://.`,
    },
    {
      id: "broker link: anonymous",
      isOpen: anonymous.length > 0,
      message:
        `The broker ${anonymous.join(", ")} lets us in without a login, and so perhaps anybody, who could then forge alarms. Forbid that ` +
        `there, and set MQTT_USERNAME and MQTT_PASSWORD, or MQTT_CERT_FILE.`,
    },
  ];
}
