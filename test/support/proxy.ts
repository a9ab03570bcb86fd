import { once } from "node:events";
import { connect, createServer, type AddressInfo, type Socket } from "node:net";

/** Which way bytes flow: from who connects to the server behind, or back. */
type Direction = "toServer" | "toClient";

/** A link that a test breaks: it stands before a server, and what connects to it reaches that server. */
export interface Proxy {
  readonly port: number;
  /** Ends all connections and takes no new ones. */
  cut(): void;
  /** The same for whoever connects as if nothing listened there: refused, and not taken first. Until `plugIn`. */
  unplug(): Promise<void>;
  plugIn(): Promise<void>;
  /** Connections stay and new ones are taken, but from now on all bytes are lost, in both directions. */
  blackhole(): void;
  /** Holds back what flows one way, in order, until `restore`; `cut` loses it. */
  hold(direction: Direction): void;
  /** What flows to the server comes there so many milliseconds later, until `restore`. */
  slow(ms: number): void;
  /** The link is whole again: what was held flows on; a connection that lost bytes ends, as nothing can mend it. */
  restore(): void;
  /** The link is whole again, but what lost bytes stays dead without a word, as behind a router that forgot it. */
  forget(): void;
  /** Hands each chunk that comes one way to `look` before it flows on, is held or is lost; returns what ends that. */
  watch(direction: Direction, look: (chunk: Buffer) => void): () => void;
  /** How often somebody connected, also in vain. */
  connections(): number;
  close(): Promise<void>;
}

/** One connection through the proxy. */
interface Link {
  readonly sockets: readonly Socket[];
  readonly held: { readonly to: Socket; readonly chunk: Buffer }[];
  hasLost: boolean;
  /** Ends when what is held for it was written: the other side has ended. */
  endOf: Socket | null;
}

/** Starts a proxy on a free port of 127.0.0.1 before the server on `port`. */
export async function startProxy(port: number): Promise<Proxy> {
  let state: "whole" | "cut" | "blackhole" = "whole";
  let heldDirection: Direction | null = null;
  let delayMs = 0;
  let connections = 0;
  const links = new Set<Link>();
  const watchers = { toServer: new Set<(chunk: Buffer) => void>(), toClient: new Set<(chunk: Buffer) => void>() };

  const server = createServer((client) => {
    connections += 1;
    if (state === "cut") return void client.destroy();
    const upstream = connect(port, "127.0.0.1");
    const link: Link = { sockets: [client, upstream], held: [], hasLost: false, endOf: null };
    links.add(link);
    join(link, client, upstream, "toServer");
    join(link, upstream, client, "toClient");
  });

  function join(link: Link, from: Socket, to: Socket, direction: Direction): void {
    from.on("data", (chunk: Buffer) => {
      for (const look of watchers[direction]) look(chunk);
      if (state === "blackhole") link.hasLost = true;
      if (link.hasLost) return;
      if (direction === heldDirection) link.held.push({ to, chunk });
      else if (direction === "toServer" && delayMs > 0) setTimeout(() => to.writable && to.write(chunk), delayMs);
      else to.write(chunk);
    });
    from.on("error", () => undefined);
    from.on("close", () => {
      // What is held still comes, and then the end.
      if (link.held.some((one) => one.to === to)) return void (link.endOf = to);
      links.delete(link);
      to.destroySoon();
    });
  }

  function end(link: Link): void {
    links.delete(link);
    for (const socket of link.sockets) socket.destroy();
  }

  async function shut(): Promise<void> {
    const closed = once(server, "close");
    server.close();
    for (const link of links) end(link);
    await closed;
  }

  await once(server.listen(0, "127.0.0.1"), "listening");
  const { port: ownPort } = server.address() as AddressInfo;
  return {
    port: ownPort,
    cut() {
      state = "cut";
      for (const link of links) end(link);
    },
    unplug: shut,
    async plugIn() {
      await once(server.listen(ownPort, "127.0.0.1"), "listening");
    },
    blackhole() {
      state = "blackhole";
    },
    hold(direction) {
      heldDirection = direction;
    },
    slow(ms) {
      delayMs = ms;
    },
    restore() {
      state = "whole";
      delayMs = 0;
      heldDirection = null;
      for (const link of links) {
        if (link.hasLost) end(link);
        else {
          for (const { to, chunk } of link.held.splice(0)) to.write(chunk);
          link.endOf?.destroySoon();
        }
      }
    },
    forget() {
      state = "whole";
    },
    watch(direction, look) {
      watchers[direction].add(look);
      return () => watchers[direction].delete(look);
    },
    connections: () => connections,
    close: shut,
  };
}
