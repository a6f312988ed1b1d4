/** The end of a server. */
import type { Clock } from "../time/mod.ts";
import type { HttpServer } from "./host.ts";

/** Who still reads an answer when the process stops has this long, in ms. */
const CLOSE_LIMIT_MS = 500;

/** Closes a server; a client that never finishes does not keep the process. */
export async function closeWithin(
  server: HttpServer,
  clock: Clock,
): Promise<void> {
  const closed = new AbortController();
  await Promise.race([
    server.close().finally(() => closed.abort()),
    clock.sleep(CLOSE_LIMIT_MS, closed.signal),
  ]);
}
