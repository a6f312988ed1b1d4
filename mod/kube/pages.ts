/** Lists that are wanted as a whole. */
import type {
  CallOptions,
  KubeClient,
  ListPage,
  Resource,
  Selection,
} from "./port.ts";
import type { KubeObject } from "./types.ts";

/** What is listed, and how many objects a page has; left out, the client's own. */
export type ListOptions = Selection & CallOptions & { readonly limit?: number };

/**
 * A list, page by page, all of one version.
 *
 * @throws {KubeError} When a call fails.
 */
export async function* listPages<T extends KubeObject>(
  client: Pick<KubeClient, "list">,
  resource: Resource<T>,
  options: ListOptions = {},
): AsyncGenerator<ListPage<T>> {
  let continueToken: string | undefined;
  do {
    const page: ListPage<T> = await client.list(resource, {
      ...options,
      ...(continueToken !== undefined && { continueToken }),
    });
    yield page;
    continueToken = page.continueToken;
  } while (continueToken !== undefined);
}

/**
 * All objects of a list.
 *
 * @throws {KubeError} When a call fails.
 */
export async function listAll<T extends KubeObject>(
  client: Pick<KubeClient, "list">,
  resource: Resource<T>,
  options?: ListOptions,
): Promise<readonly T[]> {
  const pages = await Array.fromAsync(listPages(client, resource, options));
  return pages.flatMap(({ items }) => items);
}
