/** Ports for servers that begin later than their clients, or begin again. */

/** Below the range that the kernel gives ports from (ip(7), `ip_local_port_range`). */
const FIRST = 20_000;
const COUNT = 10_000;

/**
 * A port that nobody listens on, and that the kernel gives to nobody meanwhile.
 * One of the kernel's own choice would be free for others again until the server
 * is there: for tests that run beside this one.
 *
 * @param hostname The address that will be listened on.
 */
export function freePort(hostname = "127.0.0.1"): number {
  for (;;) {
    const port = FIRST + Math.floor(Math.random() * COUNT);
    try {
      Deno.listen({ hostname, port }).close();
      return port;
    } catch (error) {
      if (!(error instanceof Deno.errors.AddrInUse)) throw error;
    }
  }
}
