/** The credentials of a call as they are now: files rotate, plugins expire. */
import type { ClusterAccess, PluginUser } from "./access.ts";
import { AccessError } from "./access_error.ts";
import { type Material, readMaterial, type ReadTextFile } from "./material.ts";
import type { Clock, HttpClientOptions } from "./platform.ts";
import { compact, isRecord, text } from "./projection.ts";

/** What a call carries. */
export interface Credentials {
  /** Header fields, such as `authorization`. */
  readonly headers: Readonly<Record<string, string>>;
  /** TLS settings of the connection. */
  readonly tls: HttpClientOptions;
}

/** How long a file is trusted before it is read again, in ms. */
const FILE_AGE_MS = 60_000;

/** Gives the credentials for each call and reads files again as they age. */
export class CredentialSource {
  readonly #access: ClusterAccess;
  readonly #read: ReadTextFile;
  readonly #clock: Clock;
  #known: { readonly at: number; readonly value: Credentials } | undefined;
  #plugin: PluginRunner | undefined;

  /** Makes a source that has read nothing yet. */
  constructor(access: ClusterAccess, read: ReadTextFile, clock: Clock) {
    this.#access = access;
    this.#read = read;
    this.#clock = clock;
  }

  /**
   * The credentials to use now.
   *
   * @throws {AccessError} if a file is gone or a plugin failed.
   */
  async current(): Promise<Credentials> {
    const { plugin } = this.#access.identity;
    const known = this.#known;
    if (
      plugin === undefined && known !== undefined &&
      this.#clock.now() - known.at < FILE_AGE_MS
    ) return known.value;
    const value = await this.#load();
    this.#known = { at: this.#clock.now(), value };
    return value;
  }

  /** Forgets what was read: the server refused it. */
  invalidate(): void {
    this.#known = undefined;
    this.#plugin = undefined;
  }

  async #load(): Promise<Credentials> {
    const { ca, proxyUrl, identity } = this.#access;
    const { certificate, impersonate, plugin } = identity;
    const extra = plugin === undefined ? {} : await this.#runPlugin(plugin);
    const token = (await this.#text(identity.token))?.trim();
    const caPem = await this.#text(ca);
    return {
      headers: compact({
        authorization: token === undefined
          ? extra.authorization
          : `Bearer ${token}`,
        "impersonate-user": impersonate,
      }),
      tls: compact({
        caCerts: caPem === undefined ? undefined : [caPem],
        cert: extra.cert ?? await this.#text(certificate?.cert),
        key: extra.key ?? await this.#text(certificate?.key),
        proxy: proxyUrl === undefined ? undefined : { url: proxyUrl },
      }),
    };
  }

  async #text(material: Material | undefined): Promise<string | undefined> {
    if (material === undefined) return undefined;
    return await readMaterial(this.#read, material);
  }

  async #runPlugin(user: PluginUser): Promise<PluginResult> {
    this.#plugin ??= await loadPlugin(user);
    try {
      return await this.#plugin();
    } catch (cause) {
      const detail = cause instanceof Error ? cause.message : String(cause);
      throw new AccessError(
        `Cannot authenticate user "${user.name}" (${this.#access.origin}): its plugin failed: ${detail.trim()}`,
        { reason: "pluginFailed", cause },
      );
    }
  }
}

interface PluginResult {
  readonly authorization?: string | undefined;
  readonly cert?: string | undefined;
  readonly key?: string | undefined;
}

type PluginRunner = () => Promise<PluginResult>;

/** Loads the whole of client-node, which knows the plugins. */
async function loadPlugin(
  { name, exec, authProvider }: PluginUser,
): Promise<PluginRunner> {
  const { KubeConfig } = await import("./k8s_auth.ts");
  const config = new KubeConfig();
  // Only the plugin's result is used: the cluster is never called from here.
  config.loadFromClusterAndUser(
    { name: "cluster", server: "https://localhost", skipTLSVerify: false },
    { name, exec, authProvider },
  );
  return async () => {
    const options: {
      headers?: unknown;
      cert?: unknown;
      key?: unknown;
    } = {};
    await config.applyToHTTPSOptions(options);
    const headers = isRecord(options.headers) ? options.headers : {};
    return {
      authorization: text(headers["Authorization"]),
      cert: pemText(options.cert),
      key: pemText(options.key),
    };
  };
}

function pemText(value: unknown): string | undefined {
  if (value instanceof Uint8Array) return new TextDecoder().decode(value);
  return text(value);
}
