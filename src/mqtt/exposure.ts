import { isLoopback } from "../loopback.ts";
import type { MqttSettings } from "./connection.ts";

/** A way in which others may get at the link to the broker. */
export interface Exposure {
  /** Names it, for good. */
  readonly id: string;
  readonly isOpen: boolean;
  /** What it is, and what to do about it; for an admin. */
  readonly message: string;
}

/** Looks at what leaves this machine. */
export function exposuresOf({ url, username, cert }: Pick<MqttSettings, "url" | "username" | "cert">): Exposure[] {
  const { protocol, hostname, host, username: named } = new URL(url);
  const isRemote = !isLoopback(hostname);
  return [
    {
      id: "broker link: readable",
      isOpen: isRemote && (protocol === "mqtt:" || protocol === "ws:"),
      message:
        `The link to the broker ${host} is not encrypted: whoever is on the way can read alarms, forge them, and see the ` +
        `password. Let the broker speak TLS, and set MQTT_URL to mqtts:// or wss://.`,
    },
    {
      id: "broker link: anonymous",
      isOpen: isRemote && username === null && named === "" && cert === null,
      message:
        `The broker ${host} lets us in without a login, and so perhaps anybody, who could then forge alarms. Forbid that ` +
        `there, and set MQTT_USERNAME and MQTT_PASSWORD, or MQTT_CERT_FILE.`,
    },
  ];
}
