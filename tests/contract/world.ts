/** Helpers of the contract's cases. */
import { assertInstanceOf } from "@std/assert";
import {
  type KubeClient,
  KubeError,
  type KubeObject,
  type Lease,
  LEASES,
  NAMESPACES,
  type Resource,
  type Selection,
  type WatchEvent,
} from "../../mod/kube/mod.ts";

/** A namespace of its own for one case. */
export interface World {
  readonly client: KubeClient;
  readonly namespace: string;
}

/** Makes a namespace for one case. */
export async function makeWorld(client: KubeClient): Promise<World> {
  const made = await client.create(NAMESPACES, {
    metadata: { name: "", generateName: "contract-" },
  });
  return { client, namespace: made.metadata.name };
}

/** A Lease that is held by `holder`. */
export function lease(
  { namespace }: World,
  name: string,
  holder: string,
  labels: Readonly<Record<string, string>> = {},
): Lease {
  return {
    metadata: { name, namespace, labels },
    spec: { holderIdentity: holder, leaseDurationSeconds: 6 },
  };
}

/** Creates Leases of these names, in this order. */
export async function createLeases(
  world: World,
  names: readonly string[],
): Promise<readonly Lease[]> {
  const made: Lease[] = [];
  for (const name of names) {
    made.push(await world.client.create(LEASES, lease(world, name, "nobody")));
  }
  return made;
}

/** The `KubeError` that a call ends with. */
export async function failure(call: Promise<unknown>): Promise<KubeError> {
  try {
    await call;
  } catch (error) {
    assertInstanceOf(error, KubeError);
    return error;
  }
  throw new Error("The call did not fail");
}

/** One line per event: `ADDED name`, `BOOKMARK`. */
export function eventLine<T extends KubeObject>(event: WatchEvent<T>): string {
  if (event.type === "BOOKMARK") return event.type;
  return `${event.type} ${event.object.metadata.name}`;
}

/** Watches until `count` events have come that `keep` keeps. */
export async function takeEvents<T extends KubeObject>(
  client: KubeClient,
  resource: Resource<T>,
  options: Selection & {
    readonly resourceVersion: string;
    readonly count: number;
    readonly timeoutSeconds?: number;
    readonly keep?: (event: WatchEvent<T>) => boolean;
  },
): Promise<readonly WatchEvent<T>[]> {
  const { count, keep = ({ type }) => type !== "BOOKMARK", ...watch } = options;
  const taken: WatchEvent<T>[] = [];
  const stop = new AbortController();
  const signal = stop.signal;
  for await (const event of client.watch(resource, { ...watch, signal })) {
    if (keep(event)) taken.push(event);
    if (taken.length === count) return taken;
  }
  throw new Error(`The watch ended after ${taken.length} of ${count} events`);
}

/** Version of a list of the namespace's Leases, to watch from. */
export async function leaseVersion(
  { client, namespace }: World,
): Promise<string> {
  return (await client.list(LEASES, { namespace })).resourceVersion;
}
