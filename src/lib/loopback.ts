/** 127.0.0.0/8 and ::1, also as a socket that speaks both families shows the first, and as a URL writes the second. */
const LOOPBACK = /^(localhost|(::ffff:)?127\.\d{1,3}\.\d{1,3}\.\d{1,3}|\[?::1\]?)$/i;

/** Whether what goes to a host name or address, or comes from it, never leaves this machine. */
export function isLoopback(host: string): boolean {
  return LOOPBACK.test(host);
}
