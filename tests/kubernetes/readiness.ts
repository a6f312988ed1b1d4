/**
 * Waits until an API server says that it is ready. Also a program, for a
 * server that only another network namespace reaches:
 * `deno run readiness.ts SERVER CA_FILE TIMEOUT_MS`.
 */

/** What to ask, and for how long. */
export interface ReadinessOptions {
  readonly server: string;
  readonly caPem: string;
  readonly timeoutMs: number;
  /** Ends the wait early with `false`. */
  readonly signal?: AbortSignal;
}

/** Pause between two questions, in ms. */
const PAUSE = 25;

function pause(): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, PAUSE));
}

async function ask(server: string, client: Deno.HttpClient): Promise<boolean> {
  try {
    const response = await fetch(`${server}/readyz`, {
      client,
      signal: AbortSignal.timeout(2_000),
    });
    await response.body?.cancel();
    return response.ok;
  } catch {
    return false;
  }
}

/** Asks `/readyz` until it answers 200; false when the time is up. */
export async function waitReady(options: ReadinessOptions): Promise<boolean> {
  using client = Deno.createHttpClient({ caCerts: [options.caPem] });
  const deadline = performance.now() + options.timeoutMs;
  while (performance.now() < deadline && options.signal?.aborted !== true) {
    if (await ask(options.server, client)) return true;
    await pause();
  }
  return false;
}

if (import.meta.main) {
  const [server = "", caFile = "", timeoutMs = "30000"] = Deno.args;
  const caPem = await Deno.readTextFile(caFile);
  const ready = await waitReady({
    server,
    caPem,
    timeoutMs: Number(timeoutMs),
  });
  Deno.exit(ready ? 0 : 1);
}
