/**
 * What client-node itself does under Deno, as a program of its own: its
 * connections cannot be closed and its packages read the whole environment.
 *
 * Takes a kubeconfig as its argument. Runs the round once, and once more for
 * every line on standard input; prints one JSON line per round.
 */
import {
  CoreV1Api,
  KubeConfig,
  type V1Namespace,
  Watch,
} from "@kubernetes/client-node";

interface Round {
  readonly listed: number;
  readonly isPaged: boolean;
  readonly watched: string;
  readonly eventsAfterAbort: number;
}

const config = new KubeConfig();
config.loadFromString(Deno.args[0] ?? "");
const api = config.makeApiClient(CoreV1Api);

interface Watching {
  /** Names in the order of their events. */
  readonly names: readonly string[];
  abort(): void;
}

/** Watches and keeps creating namespaces until one is seen. */
async function watchUntilSeen(resourceVersion: string): Promise<Watching> {
  const names: string[] = [];
  const seen = Promise.withResolvers<void>();
  const create = setInterval(() => {
    const metadata = { generateName: "client-node-" };
    api.createNamespace({ body: { metadata } }).catch(seen.reject);
  }, 100);
  const starting = new Watch(config).watch(
    "/api/v1/namespaces",
    { resourceVersion },
    (_, namespace: V1Namespace) => {
      names.push(namespace.metadata?.name ?? "");
      seen.resolve();
    },
    (error) => seen.reject(error ?? new Error("The watch ended")),
  );
  try {
    await seen.promise;
  } finally {
    clearInterval(create);
  }
  const controller = await starting;
  return { names, abort: () => controller.abort() };
}

async function round(): Promise<Round> {
  const list = await api.listNamespace({ limit: 2 });
  const resourceVersion = list.metadata?.resourceVersion ?? "";
  const first = await watchUntilSeen(resourceVersion);
  first.abort();
  const atAbort = first.names.length;
  // A second watch sees what the first would have seen.
  const { metadata } = await api.listNamespace({ limit: 1 });
  const second = await watchUntilSeen(metadata?.resourceVersion ?? "");
  second.abort();
  return {
    listed: list.items.length,
    isPaged: list.metadata?._continue !== undefined,
    watched: first.names[0]?.replace(/-\w{5}$/, "") ?? "",
    eventsAfterAbort: first.names.length - atAbort,
  };
}

console.info(JSON.stringify(await round()));
const lines = Deno.stdin.readable.pipeThrough(new TextDecoderStream());
for await (const _ of lines) console.info(JSON.stringify(await round()));
// Its connections would keep the process for a while.
Deno.exit(0);
