/** Asks kube-proxy whether this node forwards, until that is decided. */
import { getLogger, type Logger } from "@logtape/logtape";
import {
  type Answer,
  decideForwarding,
  type Finding,
  type Forwarding,
  judgeAnswer,
} from "../mod/forwarding/mod.ts";
import type { HttpClient, KubePlatform } from "../mod/kube/mod.ts";
import { describeError } from "../mod/telemetry/mod.ts";
import { type Clock, Deadline } from "../mod/time/mod.ts";

/** Asks once; never rejects. */
export type Ask = (signal: AbortSignal) => Promise<Answer>;

/** Between two questions, in ms. */
const INTERVAL = 500;
/** An answer may take so long, in ms. */
const PATIENCE = 1000;
/** kube-proxy's answers are shorter, in bytes. */
const LONGEST_BODY = 4096;

/** What a {@linkcode ForwardingWatch} needs. */
export interface ForwardingWatchOptions {
  /** Asks kube-proxy; `undefined` = nobody is asked. */
  readonly ask: Ask | undefined;
  readonly clock: Clock;
  /** Called with what each answer means. */
  readonly onFinding: (finding: Finding) => void;
  /** Called once, when this node counts as one that forwards. */
  readonly onForwards: () => void;
}

/** Knows whether this node forwards. Once that is decided nothing is left of it: no timer, no connection. */
export class ForwardingWatch {
  readonly #options: ForwardingWatchOptions;
  readonly #log: Logger = getLogger(["herald", "speaker", "forwarding"]);
  #state: Forwarding;

  /** Begins to ask with {@linkcode run}. */
  constructor(options: ForwardingWatchOptions) {
    this.#options = options;
    this.#state = options.ask === undefined
      ? { kind: "forwards", reason: "notAsked" }
      : { kind: "waits", reason: "asking" };
  }

  /** Whether this node forwards, as far as is known. */
  get state(): Forwarding {
    return this.#state;
  }

  /** Asks until it is decided, or until the signal. */
  async run(signal: AbortSignal): Promise<void> {
    const { ask, clock, onFinding, onForwards } = this.#options;
    if (ask === undefined) return;
    const since = clock.now();
    let hasListened = false;
    while (!signal.aborted) {
      const finding = await this.#find(ask, signal);
      if (signal.aborted) return;
      onFinding(finding);
      const elapsed = clock.now() - since;
      this.#become(decideForwarding({ finding, hasListened, elapsed }));
      if (this.#state.kind === "forwards") return onForwards();
      hasListened ||= finding !== "refused";
      await clock.sleep(INTERVAL, signal);
    }
  }

  async #find(ask: Ask, signal: AbortSignal): Promise<Finding> {
    using deadline = new Deadline(this.#options.clock, PATIENCE, signal);
    return judgeAnswer(await ask(deadline.signal));
  }

  #become(state: Forwarding): void {
    const isNews = state.reason !== this.#state.reason;
    this.#state = state;
    if (!isNews) return;
    const { kind, reason } = state;
    if (kind === "waits") {
      this.#log.info(
        "kube-proxy has not said that it forwards ({reason}): this node takes only what nobody else does",
        { reason },
      );
    } else if (reason === "overdue") {
      this.#log.warn(
        "kube-proxy still has not said that it forwards: this node takes part all the same ({reason})",
        { reason },
      );
    } else this.#log.info("This node forwards ({reason})", { reason });
  }
}

/**
 * Makes the question to kube-proxy.
 *
 * @param url Its `/healthz`.
 * @param platform Gives each question a connection of its own, which ends with it.
 */
export function askKubeProxy<Http extends HttpClient>(
  url: string,
  platform: Pick<KubePlatform<Http>, "createHttpClient" | "fetch">,
): Ask {
  return async (signal) => {
    const client = platform.createHttpClient({ http2: false });
    try {
      const response = await platform.fetch(url, {
        ...{ client, signal, redirect: "manual" },
        headers: { "user-agent": "herald" },
      });
      const { status } = response;
      return { kind: "answered", status, body: await shortText(response) };
    } catch (error) {
      const isRefused = /connection refused/i.test(describeError(error));
      return { kind: isRefused ? "refused" : "failed" };
    } finally {
      client.close();
    }
  };
}

/** The body, if it may be kube-proxy's: it says how long it is. */
async function shortText(response: Response): Promise<string> {
  const length = Number(response.headers.get("content-length") ?? Infinity);
  if (length <= LONGEST_BODY) return await response.text();
  await response.body?.cancel();
  return "";
}
