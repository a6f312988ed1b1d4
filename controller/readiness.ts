/** What `/readyz` of the controller means: caught up and able to serve. */
import type { ReflectorState } from "../mod/kube/mod.ts";

/** Whether the controller is ready, and what is wrong or remarkable. */
export interface Readiness {
  /** Caught up with the API server and able to serve. */
  readonly ok: boolean;
  /** One sentence each; may hold remarks while it is ready. */
  readonly problems: readonly string[];
}

/** What readiness is judged by. */
export interface ReadinessView {
  /** The caches by name of the kind in URLs. */
  readonly caches: ReadonlyMap<string, ReflectorState>;
  /** Whether any valid configuration was seen. */
  readonly hasPools: boolean;
  /** Problems of the present configuration. */
  readonly configProblems: readonly string[];
  /** Whether the present configuration is the one in force. */
  readonly configValid: boolean;
  /** Whether the controller was stopped. */
  readonly stopped: boolean;
  /** Who leads instead of this replica, `""` = nobody; absent = it leads. */
  readonly standbyFor?: string;
  /** Milliseconds of the clock that the caches use. */
  readonly now: number;
}

/** A watch that is away for no longer is routine, in ms. */
const TOLERATED_GAP = 5000;

/** Judges readiness. */
export function readiness(view: ReadinessView): Readiness {
  const blocking: string[] = [];
  const remarks: string[] = [];
  if (view.stopped) blocking.push("The controller is stopping");
  for (const [kind, state] of view.caches) {
    const problem = cacheProblem(kind, state);
    if (problem === undefined) continue;
    const brief = state.kind === "disconnected" &&
      view.now - state.since <= TOLERATED_GAP;
    (brief ? remarks : blocking).push(problem);
  }
  const synced = [...view.caches.values()].every(({ kind }) =>
    kind !== "unsynced"
  );
  if (synced && !view.hasPools) {
    blocking.push("No valid configuration of pools was seen yet");
  }
  if (!view.configValid && view.hasPools) {
    remarks.push("The last valid configuration of pools stays in force");
  }
  if (view.standbyFor !== undefined) remarks.push(standby(view.standbyFor));
  return {
    ok: blocking.length === 0,
    problems: [...blocking, ...remarks, ...view.configProblems],
  };
}

function standby(leader: string): string {
  return leader === ""
    ? "Standing by: no replica is known to lead"
    : `Standing by: ${leader} leads`;
}

function cacheProblem(
  kind: string,
  state: ReflectorState,
): string | undefined {
  switch (state.kind) {
    case "connected":
      return undefined;
    case "unsynced": {
      const why = state.error === undefined ? "" : `: ${state.error.message}`;
      return `Waiting for the first list of ${kind}${why}`;
    }
    case "disconnected":
      return `The watch of ${kind} is down: ${state.error.message}`;
  }
}
