/**
 * Parts by name, for those that are built before them. What was built earlier asks for a later one only when something happens: an event,
 * an update, a tick; nothing does before the app is started, and by then all are built.
 */
export interface Later<Parts extends object> {
  /** @throws Error if it is asked for while the app is still being built: a fault of the order in app.ts */
  get<Name extends keyof Parts>(name: Name): Parts[Name];
  /** Says what was built; returns it. */
  built<Name extends keyof Parts>(name: Name, part: Parts[Name]): Parts[Name];
}

/** Begins with none of them built. */
export function createLater<Parts extends object>(): Later<Parts> {
  const parts: Partial<Parts> = {};
  return {
    get(name) {
      const part = parts[name];
      if (part === undefined) throw new Error(`${String(name)} is asked for before it is built`);
      return part;
    },
    built(name, part) {
      parts[name] = part;
      return part;
    },
  };
}
