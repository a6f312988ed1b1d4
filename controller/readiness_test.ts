import { assertEquals, assertStringIncludes } from "@std/assert";
import { KubeError, type ReflectorState } from "../mod/kube/mod.ts";
import { readiness, type ReadinessView } from "./readiness.ts";

const ERROR = new KubeError("the connection broke", {
  code: 0,
  reason: "network",
});
const CONNECTED: ReflectorState = { kind: "connected", since: 0 };

function judged(
  state: ReflectorState,
  more: Partial<ReadinessView> = {},
): ReturnType<typeof readiness> {
  return readiness({
    caches: new Map([["services", state]]),
    hasPools: true,
    configProblems: [],
    configValid: true,
    stopped: false,
    now: 10_000,
    ...more,
  });
}

const CASES: readonly {
  readonly when: string;
  readonly state: ReflectorState;
  readonly more?: Partial<ReadinessView>;
  readonly ok: boolean;
  readonly says: string;
}[] = [
  { when: "all is well", state: CONNECTED, ok: true, says: "" },
  {
    when: "nothing was listed",
    state: { kind: "unsynced", since: 0, error: ERROR },
    ok: false,
    says: "Waiting for the first list of services: the connection broke",
  },
  {
    when: "a watch has just ended",
    state: { kind: "disconnected", since: 5000, error: ERROR },
    ok: true,
    says: "The watch of services is down: the connection broke",
  },
  {
    when: "a watch is down for long",
    state: { kind: "disconnected", since: 4999, error: ERROR },
    ok: false,
    says: "The watch of services is down",
  },
  {
    when: "no pools were seen",
    state: CONNECTED,
    more: { hasPools: false, configValid: false },
    ok: false,
    says: "No valid configuration of pools was seen yet",
  },
  {
    when: "the configuration is bad",
    state: CONNECTED,
    more: { configValid: false, configProblems: ["IPAddressPool/q is bad"] },
    ok: true,
    says: "The last valid configuration of pools stays in force\n" +
      "IPAddressPool/q is bad",
  },
  {
    when: "it stops",
    state: CONNECTED,
    more: { stopped: true },
    ok: false,
    says: "The controller is stopping",
  },
  {
    when: "another replica leads",
    state: CONNECTED,
    more: { standbyFor: "pod-1" },
    ok: true,
    says: "Standing by: pod-1 leads",
  },
  {
    when: "nobody leads",
    state: CONNECTED,
    more: { standbyFor: "" },
    ok: true,
    says: "Standing by: no replica is known to lead",
  },
];

Deno.test.each(CASES)("readiness() when $when is $ok", {
  permissions: "none",
}, ({ state, more = {}, ok, says }) => {
  const found = judged(state, more);
  assertEquals(found.ok, ok);
  assertStringIncludes(found.problems.join("\n"), says);
  assertEquals(found.problems.length === 0, says === "");
});
