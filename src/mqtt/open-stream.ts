import { createRequire } from "node:module";
import net from "node:net";
import type { Duplex } from "node:stream";
import tls from "node:tls";
import type { MqttClient, StreamBuilder } from "mqtt";
import { secureOptions, type MqttSettings } from "./settings.ts";

const PORT = 1_883;
const TLS_PORT = 8_883;

/**
 * Opens what a link runs over, to the broker that its client's options name. mqtt.js' own way loads WebSockets and proxies for whatever link;
 * here WebSockets, which it opens, are loaded with the first of them.
 */
export function openStream(client: MqttClient, settings: MqttSettings): Duplex {
  const { protocol, host = "localhost", port } = client.options;
  if (protocol === "ws" || protocol === "wss") return openWebSocket(client);
  if (protocol === "mqtts") return openTls(client, { ...secureOptions(settings), host, port: port ?? TLS_PORT });
  return net.connect({ host, port: port ?? PORT });
}

/** Why a broker is not trusted is told by the client, as whatever else keeps it from it. */
function openTls(client: MqttClient, options: tls.ConnectionOptions & { readonly host: string }): Duplex {
  const servername = net.isIP(options.host) === 0 ? options.host : undefined;
  const socket = tls.connect({ ...options, servername });
  const tell = (error: Error): void => {
    client.emit("error", error);
    socket.end();
  };
  return socket.on("error", tell).on("secureConnect", () => socket.off("error", tell));
}

function openWebSocket(client: MqttClient): Duplex {
  const load = createRequire(import.meta.url);
  const { streamBuilder } = load("mqtt/lib/connect/ws") as { readonly streamBuilder: StreamBuilder };
  return streamBuilder(client, client.options) as Duplex;
}
