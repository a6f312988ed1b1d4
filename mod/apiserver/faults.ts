/** Faults that tests inject: a server that hangs, is slow, refuses or drops its watches. */
import { Refusal } from "./status.ts";

/** Which requests a refusal meets. */
export interface RefusalRule {
  /** HTTP method; absent for all. */
  readonly method?: string;
  /** Part of the path; absent for all. */
  readonly path?: string;
  /** HTTP status of the answer. */
  readonly code: number;
  /** `metav1.StatusReason` of the answer. */
  readonly reason: string;
  /** How many requests are refused; default 1. */
  readonly times?: number;
}

/** How a watch ends: in order, or as a broken connection. */
export type WatchEnd = "close" | "abort";

/** Switches of one server. All off at first. */
export class Faults {
  /** Time that every request takes before it is looked at, in ms. */
  latencyMs = 0;
  readonly #rules: { rule: RefusalRule; left: number }[] = [];
  readonly #watches = new Set<(end: WatchEnd) => void>();
  #gate: { promise: Promise<void>; open: () => void } | undefined;

  /** Whether the server hangs. */
  get paused(): boolean {
    return this.#gate !== undefined;
  }

  /** Lets requests and watches hang until {@linkcode resume}. */
  pause(): void {
    if (this.#gate !== undefined) return;
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#gate = { promise, open: resolve };
  }

  /** Lets them go on; what was held back comes in order. */
  resume(): void {
    this.#gate?.open();
    this.#gate = undefined;
  }

  /** Resolves when the server does not hang. */
  async whenRunning(): Promise<void> {
    while (this.#gate !== undefined) await this.#gate.promise;
  }

  /** Refuses the next requests that a rule meets. */
  refuse(rule: RefusalRule): void {
    this.#rules.push({ rule, left: rule.times ?? 1 });
  }

  /** Throws the refusal that is due to a request, if one is. */
  check(method: string, path: string): void {
    const due = this.#rules.find(({ rule, left }) =>
      left > 0 && (rule.method ?? method) === method &&
      path.includes(rule.path ?? "")
    );
    if (due === undefined) return;
    due.left--;
    const { code, reason } = due.rule;
    throw new Refusal(`refused by a fault of the test: ${reason}`, {
      code,
      reason,
    });
  }

  /** Ends all watches now open. */
  dropWatches(end: WatchEnd = "close"): void {
    for (const drop of [...this.#watches]) drop(end);
  }

  /** How many watches are open. */
  get openWatches(): number {
    return this.#watches.size;
  }

  /** Takes part in {@linkcode dropWatches}; the result ends that. */
  register(drop: (end: WatchEnd) => void): () => void {
    this.#watches.add(drop);
    return () => this.#watches.delete(drop);
  }
}
