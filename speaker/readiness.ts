/** What `/readyz` and `/healthz` of the speaker mean. */
import { formatProblem, type Problem } from "../mod/config/mod.ts";
import type { Forwarding } from "../mod/forwarding/mod.ts";
import type { ReflectorState } from "../mod/kube/mod.ts";
import type { Health } from "../mod/telemetry/mod.ts";
import type { PacketWorkerHealth } from "./packet/packet_worker.ts";
import { LATE_REMEDY } from "./packet_events.ts";

/** What readiness depends on. */
export interface ReadinessInputs {
  /** State of every cache by the name of its kind. */
  readonly caches: readonly (readonly [string, ReflectorState])[];
  /** The present time of the caches' clock. */
  readonly now: number;
  readonly worker: PacketWorkerHealth;
  /** Generations of the desired state: published, and in force. */
  readonly published: number;
  readonly applied: number;
  /** Interfaces that frames are answered on. */
  readonly usableInterfaces: number;
  readonly isConfigLoaded: boolean;
  readonly forwarding: Forwarding;
  readonly configProblems: readonly Problem[];
  /** What is wrong with the own Lease, one line each. */
  readonly leaseProblems: readonly string[];
  /** Why the newest secrets or settings of the members are not in force. */
  readonly memberProblems: readonly string[];
}

/** A watch that is away for no longer is routine, in ms. */
const TOLERATED_GAP = 5000;
/** A packet loop whose rounds stand still for this long hangs, in ms. */
const SILENCE_LIMIT = 2000;

/** Alive: fails when only a restart helps. */
export function liveness(worker: PacketWorkerHealth): Health {
  const problems: string[] = [];
  if (worker.state === "failed" || worker.state === "stopped") {
    problems.push(`packet worker: ${worker.state}`);
  }
  if (worker.silentFor > SILENCE_LIMIT) {
    problems.push(
      `packet worker: no round for ${Math.round(worker.silentFor)} ms`,
    );
  }
  return { ok: problems.length === 0, problems };
}

/** Caught up with the API and able to serve. */
export function readiness(inputs: ReadinessInputs): Health {
  const blocking = [
    ...liveness(inputs.worker).problems,
    ...inputs.caches.flatMap(([kind, state]) =>
      cacheProblem(kind, state, inputs.now)
    ),
  ];
  if (inputs.worker.state === "starting") {
    blocking.push("packet worker: starting");
  }
  if (inputs.applied < inputs.published) {
    blocking.push("packet worker: the newest state is not in force yet");
  }
  if (inputs.usableInterfaces === 0) {
    blocking.push("interfaces: none can be used; /status says why");
  }
  // A rollout waits, so that the next node has somebody to give its addresses to.
  if (inputs.forwarding.kind === "waits") {
    blocking.push(
      `kube-proxy: it has not said that this node forwards (${inputs.forwarding.reason})`,
    );
  }
  blocking.push(...inputs.leaseProblems.map((each) => `lease: ${each}`));
  const errors = inputs.configProblems.filter(({ severity }) =>
    severity === "error"
  );
  if (errors.length > 0 && !inputs.isConfigLoaded) {
    blocking.push("configuration: none was valid yet");
  }
  return {
    ok: blocking.length === 0,
    problems: [
      ...blocking,
      ...inputs.configProblems.map((each) =>
        `configuration: ${formatProblem(each)}`
      ),
      ...inputs.memberProblems.map((each) => `members: ${each}`),
      ...strain(inputs.worker),
    ],
  };
}

/** Others wait longer for this node: its addresses would be away for longer, too. */
function strain({ patience, detectionTime }: PacketWorkerHealth): string[] {
  if (patience <= detectionTime) return [];
  return [
    `packet worker: late again and again, the others wait ${patience} ms for this node: ${LATE_REMEDY}`,
  ];
}

function cacheProblem(
  kind: string,
  state: ReflectorState,
  now: number,
): string[] {
  if (state.kind === "connected") return [];
  const why = state.error === undefined ? "" : `: ${state.error.message}`;
  if (state.kind === "unsynced") return [`${kind}: not listed yet${why}`];
  const gap = now - state.since;
  if (gap <= TOLERATED_GAP) return [];
  return [`${kind}: not followed for ${Math.round(gap / 1000)} s${why}`];
}
