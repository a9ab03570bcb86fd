import { Duplex } from "node:stream";

/** What an attempt gets that may not be made: it ends at once, and nothing leaves this machine. */
export function createDeadEnd(): Duplex {
  const stream = new Duplex({ read: () => undefined, write: (_chunk, _encoding, done) => done() });
  setImmediate(() => stream.destroy());
  return stream;
}

/**
 * Ends a connection in the place of writing what may not be written any more, a PUBACK and a ping as well.
 * @param drop ends it
 */
export function gated(stream: Duplex, mayWrite: () => boolean, drop: () => void): Duplex {
  stream.write = new Proxy(stream.write.bind(stream), {
    apply(write, self, args: Parameters<Duplex["write"]>): boolean {
      if (mayWrite()) return Reflect.apply(write, self, args);
      drop();
      return false;
    },
  });
  return stream;
}
