/** How to reach a cluster and as whom. */
import type { Material } from "./material.ts";

/** What an authentication plugin of client-node works from. */
export interface PluginUser {
  /** Name of the user. */
  readonly name: string;
  /** `exec` of the user: a program that gives the credentials. */
  readonly exec?: unknown;
  /** `auth-provider` of the user. */
  readonly authProvider?: unknown;
}

/** As whom to call the API; several parts may be given. */
export interface Identity {
  /** Bearer token; a file is read again while in use, since it rotates. */
  readonly token?: Material;
  /** Client certificate and its private key, PEM. */
  readonly certificate?: { readonly cert: Material; readonly key: Material };
  /** User name to impersonate. */
  readonly impersonate?: string;
  /** A program or provider that gives the credentials. */
  readonly plugin?: PluginUser;
}

/** How to reach a cluster; made by `loadAccess`. */
export interface ClusterAccess {
  /** Base URL without a slash at the end. */
  readonly server: string;
  /** Where this comes from, for messages. */
  readonly origin: string;
  /** Namespace of the context or of the Pod. */
  readonly namespace?: string;
  /** Certificates to trust, PEM. */
  readonly ca?: Material;
  /** Proxy on the way. */
  readonly proxyUrl?: string;
  /** As whom to call. */
  readonly identity: Identity;
}
