/** Writes the verdict on the configuration to the `ConfigurationState`. */
import { CONFIGURATION_STATES, type CustomResource } from "../config/mod.ts";
import {
  type KubeClient,
  KubeError,
  type ObjectMeta,
  type OwnerReference,
} from "../kube/mod.ts";
import type { Clock } from "../time/mod.ts";

/** Wait before a write, in ms: changes that come together are one. */
const SETTLING = 500;
/** Wait while something more urgent is written, in ms. */
const PATIENCE = 250;
/** The longest message that a condition takes. */
const MAX_MESSAGE = 32_768;

/** The configuration as far as it is known. */
export interface ConfigVerdict {
  /** Whether the present resources are in force. */
  readonly isValid: boolean;
  /** What is wrong, one line each. */
  readonly problems: readonly string[];
}

/** What the writer needs. */
export interface ConfigStateOptions {
  /** The API. */
  readonly client: KubeClient;
  /** Time. */
  readonly clock: Clock;
  /** Namespace of the object. */
  readonly namespace: string;
  /** Name of the object: `controller`, or `speaker-` and the node. */
  readonly name: string;
  /** Its labels. */
  readonly labels: Readonly<Record<string, string>>;
  /** Type of its one condition. */
  readonly condition: "configReconcilerValid" | "poolReconcilerValid";
  /** What it goes away with. Default: nothing. */
  readonly owner?: () => Promise<OwnerReference | undefined>;
  /** Whether nothing more urgent is waiting, and this replica leads. */
  readonly mayWrite: () => boolean;
  /** Told of a write that failed. */
  readonly onFailure: (error: unknown) => void;
}

interface Verdict {
  readonly status: "True" | "False";
  readonly reason: "Reconciled" | "ConfigurationError";
  readonly message: string;
}

/**
 * Keeps a role's object up to date. It is written when the verdict
 * changes, not at every look: whoever watches it is not woken for nothing.
 */
export class ConfigStateWriter {
  readonly #options: ConfigStateOptions;
  readonly #stop = new AbortController();
  #wanted: Verdict | undefined;
  #written: string | undefined;
  #writing: Promise<void> | undefined;
  /** The kind is not installed; said once. */
  #isMissing = false;

  /** Makes a writer that waits for the first verdict. */
  constructor(options: ConfigStateOptions) {
    this.#options = options;
  }

  /** Takes in the verdict of now. */
  changed(view: ConfigVerdict): void {
    this.#wanted = verdictOf(view);
    this.#isMissing = false;
    this.#begin();
  }

  /** Writes again what somebody has deleted, or could not be written. */
  check(): void {
    if (this.#wanted === undefined || this.#isMissing) return;
    this.#written = undefined;
    this.#begin();
  }

  /** Ends; resolves when what is under way has ended. */
  async stop(): Promise<void> {
    this.#stop.abort();
    await this.#writing;
  }

  #begin(): void {
    if (this.#stop.signal.aborted) return;
    this.#writing ??= this.#settle().finally(() => {
      this.#writing = undefined;
    });
  }

  async #settle(): Promise<void> {
    const { clock, mayWrite } = this.#options;
    const { signal } = this.#stop;
    await clock.sleep(SETTLING, signal);
    while (!signal.aborted && !mayWrite()) await clock.sleep(PATIENCE, signal);
    while (!signal.aborted && !this.#isWritten()) {
      if (!await this.#write(signal)) return;
    }
  }

  #isWritten(): boolean {
    return this.#written === JSON.stringify(this.#wanted);
  }

  async #write(signal: AbortSignal): Promise<boolean> {
    const verdict = this.#wanted;
    if (verdict === undefined) return false;
    try {
      await this.#update(verdict, signal);
      this.#written = JSON.stringify(verdict);
      return true;
    } catch (error) {
      if (signal.aborted) return false;
      this.#isMissing = error instanceof KubeError && error.code === 404;
      this.#options.onFailure(error);
      return false;
    }
  }

  async #update(verdict: Verdict, signal: AbortSignal): Promise<void> {
    const { client, owner } = this.#options;
    const [found, reference] = await Promise.all([
      this.#find(signal),
      owner?.(),
    ]);
    await this.#own(found, reference, signal);
    if (found !== undefined && saysSo(found.status ?? {}, verdict)) return;
    const status = this.#status(verdict);
    const patch = { type: "merge", body: { status } } as const;
    const options = { subresource: "status", signal } as const;
    await client.patch(CONFIGURATION_STATES, this.#key, patch, options);
  }

  /** Makes the object, or lets it go away with another Pod than before. */
  async #own(
    found: CustomResource | undefined,
    owner: OwnerReference | undefined,
    signal: AbortSignal,
  ): Promise<void> {
    const { client, labels } = this.#options;
    const ownerReferences = owner === undefined ? [] : [owner];
    if (found === undefined) {
      const metadata: ObjectMeta = { ...this.#key, labels, ownerReferences };
      await client.create(CONFIGURATION_STATES, { metadata }, { signal });
    } else if (owner !== undefined && !isOwnedBy(found, owner)) {
      const body = { metadata: { ownerReferences } };
      const patch = { type: "merge", body } as const;
      await client.patch(CONFIGURATION_STATES, this.#key, patch, { signal });
    }
  }

  get #key(): { readonly name: string; readonly namespace: string } {
    const { name, namespace } = this.#options;
    return { name, namespace };
  }

  async #find(signal: AbortSignal): Promise<CustomResource | undefined> {
    const { client } = this.#options;
    try {
      return await client.get(CONFIGURATION_STATES, this.#key, { signal });
    } catch (error) {
      if (error instanceof KubeError && error.code === 404) return undefined;
      throw error;
    }
  }

  #status({ status, reason, message }: Verdict): unknown {
    const lastTransitionTime = this.#options.clock.date().toISOString()
      .replace(/\.\d+Z$/, "Z");
    const { condition: type } = this.#options;
    return {
      result: status === "True" ? "Valid" : "Invalid",
      errorSummary: message,
      conditions: [{ type, status, reason, message, lastTransitionTime }],
    };
  }
}

function verdictOf({ isValid, problems }: ConfigVerdict): Verdict {
  return isValid ? { status: "True", reason: "Reconciled", message: "" } : {
    status: "False",
    reason: "ConfigurationError",
    message: problems.join("\n").slice(0, MAX_MESSAGE),
  };
}

function isOwnedBy(
  { metadata: { ownerReferences = [] } }: CustomResource,
  { uid }: OwnerReference,
): boolean {
  return ownerReferences.some((each) => each.uid === uid);
}

/** Whether the object says so already, be it from another replica. */
function saysSo(found: unknown, { status, message }: Verdict): boolean {
  const result = status === "True" ? "Valid" : "Invalid";
  if (typeof found !== "object" || found === null) return false;
  return "result" in found && found.result === result &&
    (("errorSummary" in found ? found.errorSummary : "") ?? "") === message;
}
