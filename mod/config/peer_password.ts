/** How a BGP session is authenticated: a password, or a Secret that holds it. */
import type { BgpPeerSpec } from "../crd/mod.ts";
import type { KubeObject } from "../kube/mod.ts";
import type { PeerAuthentication } from "./bgp_config.ts";
import type { ResourceProblems } from "./problem.ts";

/** `v1.Secret`, the fields in use. */
export interface PasswordSecret extends KubeObject {
  /** What it holds. */
  readonly type?: string;
  /** Values in base64. */
  readonly data?: Readonly<Record<string, string>>;
  /** Values as text: in manifests only, they become `data` in the API. */
  readonly stringData?: Readonly<Record<string, string>>;
}

/** Type of Secrets with passwords. */
const BASIC_AUTH = "kubernetes.io/basic-auth";

/** Key of the password in such a Secret. */
const KEY = "password";

const NONE: PeerAuthentication = { kind: "none" };

/**
 * Resolves the password of a peer.
 *
 * @param secrets Those of the peer's namespace; `null` = unknown.
 */
export function resolvePassword(
  { password, passwordSecret: { name } }: BgpPeerSpec,
  secrets: readonly PasswordSecret[] | null,
  log: ResourceProblems,
): PeerAuthentication {
  if (name === "") {
    return password === "" ? NONE : { kind: "password", password };
  }
  if (password !== "") {
    log.error({
      class: "passwordAndSecret",
      field: "spec.password",
      message:
        `Cannot use a password besides the Secret "${name}" of spec.passwordSecret: give one of them`,
    });
    return NONE;
  }
  return secrets === null
    ? { kind: "secret", name }
    : fromSecret(name, secrets, log);
}

function fromSecret(
  name: string,
  secrets: readonly PasswordSecret[],
  log: ResourceProblems,
): PeerAuthentication {
  const field = "spec.passwordSecret.name";
  const secret = secrets.find(({ metadata }) => metadata.name === name);
  if (secret === undefined) {
    log.missing({
      class: "secretMissing",
      field,
      message: `Refers to Secret "${name}", which does not exist`,
    });
    return NONE;
  }
  if (secret.type !== BASIC_AUTH) {
    log.error({
      class: "secretType",
      field,
      message: `Cannot use Secret "${name}": its type is "${
        secret.type ?? ""
      }" and has to be "${BASIC_AUTH}"`,
    });
    return NONE;
  }
  const password = passwordOf(secret);
  if (password === undefined) {
    log.error({
      class: "secretWithoutPassword",
      field,
      message:
        `Cannot use Secret "${name}": its key "${KEY}" is not there or not in base64`,
    });
    return NONE;
  }
  return password === "" ? NONE : { kind: "password", password };
}

function passwordOf(secret: PasswordSecret): string | undefined {
  // Manifests may have null where the API has nothing.
  const data = secret.data ?? {};
  const stringData = secret.stringData ?? {};
  if (Object.hasOwn(stringData, KEY)) return stringData[KEY];
  const encoded = Object.hasOwn(data, KEY) ? data[KEY] : undefined;
  if (encoded === undefined) return undefined;
  try {
    const bytes = Uint8Array.from(
      atob(encoded),
      (character) => character.charCodeAt(0),
    );
    return new TextDecoder().decode(bytes);
  } catch (error) {
    if (error instanceof DOMException) return undefined;
    throw error;
  }
}
