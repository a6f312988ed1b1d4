/** A client that tells of writes that wrote nothing. */
import { type KubeClient, type Patch, SERVICES } from "../../mod/kube/mod.ts";

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null;
}

function versionIn({ body }: Patch): unknown {
  const metadata = isRecord(body) ? body["metadata"] : undefined;
  return isRecord(metadata) ? metadata["resourceVersion"] : undefined;
}

/**
 * Passes everything on.
 *
 * @param client The cluster's client.
 * @param onNeedless Told of each patch of a Service after which the Service
 * is what it was before.
 */
export function watchedClient(
  client: KubeClient,
  onNeedless: (problem: string) => void,
): KubeClient {
  return {
    list: (resource, options) => client.list(resource, options),
    watch: (resource, options) => client.watch(resource, options),
    get: (resource, key, options) => client.get(resource, key, options),
    create: (resource, object, options) =>
      client.create(resource, object, options),
    replace: (resource, object, options) =>
      client.replace(resource, object, options),
    delete: (resource, key, options) => client.delete(resource, key, options),
    patch: async (resource, key, patch, options) => {
      const answer = await client.patch(resource, key, patch, options);
      const version = versionIn(patch);
      const isService = resource.plural === SERVICES.plural;
      if (isService && version === answer.metadata.resourceVersion) {
        onNeedless(`a patch changed nothing in ${key.name}`);
      }
      return answer;
    },
  };
}
