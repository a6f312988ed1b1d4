/** What a manifest of `manifests/base` says about the container of a role. */
import { parseManifests } from "../kubernetes/mod.ts";

const BASE = new URL("../../manifests/base/", import.meta.url);

/** Where a variable's value comes from. */
interface Variable {
  readonly name: string;
  readonly value?: string;
  readonly valueFrom?: {
    readonly fieldRef?: { readonly fieldPath: string };
  };
}

interface SecurityContext {
  readonly runAsUser?: number;
  readonly runAsGroup?: number;
  readonly allowPrivilegeEscalation?: boolean;
  readonly readOnlyRootFilesystem?: boolean;
  readonly capabilities?: {
    readonly add?: readonly string[];
    readonly drop?: readonly string[];
  };
}

interface Workload {
  readonly spec: {
    readonly template: {
      readonly spec: {
        readonly hostNetwork?: boolean;
        readonly securityContext?: SecurityContext;
        readonly containers: readonly {
          readonly image: string;
          readonly command: readonly string[];
          readonly args: readonly string[];
          readonly env: readonly Variable[];
          readonly securityContext: SecurityContext;
        }[];
      };
    };
  };
}

/** The container of a Pod. */
export interface PodContainer {
  readonly image: string;
  readonly command: readonly string[];
  readonly args: readonly string[];
  readonly env: readonly Variable[];
  readonly hostNetwork: boolean;
  /** Of the container, and what the Pod says where it says nothing. */
  readonly security: SecurityContext;
}

/** Reads the only container of a role's Pods. */
export async function podContainer(role: string): Promise<PodContainer> {
  const text = await Deno.readTextFile(new URL(`${role}.yaml`, BASE));
  const kinds = ["Deployment", "DaemonSet"];
  const manifest = parseManifests(text)
    .find(({ kind }) => kinds.includes(String(kind)));
  const { spec } = (manifest as unknown as Workload).spec.template;
  const [container, ...more] = spec.containers;
  if (container === undefined || more.length > 0) {
    throw new Error(`Cannot choose a container of ${role}.yaml`);
  }
  const { image, command, args, env, securityContext } = container;
  const { hostNetwork = false } = spec;
  const security = { ...spec.securityContext, ...securityContext };
  return { image, command, args, env, hostNetwork, security };
}

/**
 * The environment as the kubelet fills it in.
 *
 * @param fields Values of the fields that variables refer to, by their paths.
 */
export function environmentOf(
  { env }: PodContainer,
  fields: Readonly<Record<string, string>>,
): readonly string[] {
  return env.map(({ name, value, valueFrom }) => {
    const path = valueFrom?.fieldRef?.fieldPath;
    const text = path === undefined ? value : fields[path];
    if (text === undefined) throw new Error(`No value for ${name}`);
    return `${name}=${text}`;
  });
}
