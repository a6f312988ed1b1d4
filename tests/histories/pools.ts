/** The pools of histories, as objects of the API. */
import { type CustomResource, IP_ADDRESS_POOLS } from "../../mod/config/mod.ts";
import type { KubeClient } from "../../mod/kube/mod.ts";
import { LAYOUTS } from "./actions.ts";
import type { Pools } from "./judge.ts";

/** Namespace of the controller's own resources; it must exist. */
export const SYSTEM_NAMESPACE = "metallb-system";

/** A pool of two addresses that only the Service of that name asks for. */
export const FENCE = "fence";
const FENCE_ADDRESSES = ["203.0.113.0/31"];

/** All prefixes that addresses are ever of. */
export const EVERYWHERE: readonly string[] = [
  ...LAYOUTS.flatMap((layout) => Object.values(layout))
    .flatMap(({ addresses }) => addresses),
  ...FENCE_ADDRESSES,
];

/** Creates the pools of the first layout, and the fence's. */
export async function createPools(client: KubeClient): Promise<void> {
  const create = async (
    name: string,
    addresses: readonly string[],
    autoAssign: boolean,
  ): Promise<void> => {
    await client.create<CustomResource>(IP_ADDRESS_POOLS, {
      metadata: { name, namespace: SYSTEM_NAMESPACE },
      spec: { addresses, autoAssign },
    });
  };
  for (const [name, { addresses }] of Object.entries(LAYOUTS[0])) {
    await create(name, addresses, true);
  }
  await create(FENCE, FENCE_ADDRESSES, false);
}

/** Gives the pools other addresses. */
export async function changePools(
  client: KubeClient,
  pools: Pools,
): Promise<void> {
  for (const [name, { addresses }] of Object.entries(pools)) {
    const key = { name, namespace: SYSTEM_NAMESPACE };
    const body = { spec: { addresses } };
    await client.patch(IP_ADDRESS_POOLS, key, { type: "merge", body });
  }
}

/** Deletes all pools. */
export async function deletePools(client: KubeClient): Promise<void> {
  for (const name of [...Object.keys(LAYOUTS[0]), FENCE]) {
    const key = { name, namespace: SYSTEM_NAMESPACE };
    await client.delete(IP_ADDRESS_POOLS, key);
  }
}
