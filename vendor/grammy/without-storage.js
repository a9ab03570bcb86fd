/** This build looks for a browser's storage, and Node.js warns on the terminal that there is none. */
Reflect.deleteProperty(globalThis, "localStorage");
