/**
 * Node's `http`. Whoever imports a module of Node has all of its exports read, and `http.WebSocket` brings undici, which nobody here
 * needs: 15 MiB, and a tenth of a start. Only its types may be imported.
 */
export const http = process.getBuiltinModule("node:http");
