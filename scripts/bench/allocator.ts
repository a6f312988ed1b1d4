import {
  adoption,
  Allocator,
  perform,
  reconcile,
  type ServiceRequest,
} from "../../mod/ipam/mod.ts";
import { parsePrefix } from "../../mod/net/mod.ts";
import { median, type Row } from "./figure.ts";

const ALLOCATED = 100_000;
const ADOPTED = 50_000;
const ROUNDS = 9;

/** The same sequence in every run (a linear congruential generator). */
function randomNumbers(seed: number): () => number {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 2 ** 32;
  };
}

function allocator(...prefixes: string[]): Allocator {
  const made = new Allocator();
  made.setPools([{
    name: "pool",
    prefixes: prefixes.map(parsePrefix),
    autoAssign: true,
    avoidBuggyIPs: true,
  }]);
  return made;
}

function request(
  index: number,
  clusterIp: string,
  more: Partial<ServiceRequest> = {},
): ServiceRequest {
  return {
    key: `default/s${index}`,
    namespace: "default",
    labels: {},
    wantsAddress: true,
    clusterIps: [clusterIp],
    familyPolicy: "SingleStack",
    primaryFamily: "IPv4",
    addressesAnnotation: "",
    loadBalancerIp: "",
    wantedPool: "",
    sharingKey: "",
    backendKey: "",
    ports: ["TCP/80"],
    statusIps: [],
    statusPool: undefined,
    ...more,
  };
}

/** 100,000 addresses taken, half of them freed at random. */
function takeAndFree(
  prefix: string,
  clusterIp: string,
  more: Partial<ServiceRequest> = {},
): void {
  const state = allocator(prefix);
  const random = randomNumbers(1);
  for (let index = 0; index < ALLOCATED; index++) {
    const asked = request(index, clusterIp, more);
    perform(state, asked.key, reconcile(state, asked));
  }
  const keys = Array.from({ length: ALLOCATED }, (_, index) => index);
  for (let freed = 0; freed < ALLOCATED / 2; freed++) {
    const at = freed + Math.floor(random() * (ALLOCATED - freed));
    const [here = 0, there = 0] = [keys[freed], keys[at]];
    keys[freed] = there;
    keys[at] = here;
    state.release(`default/s${there}`);
  }
  if (state.records.size !== ALLOCATED / 2) throw new Error("wrong count");
}

/** 50,000 statuses adopted, and every Service found to need nothing. */
function adopt(): void {
  const state = allocator("10.0.0.0/8");
  const requests = Array.from(
    { length: ADOPTED },
    (_, index) =>
      request(index, "10.96.0.1", {
        statusIps: [
          `10.${index >> 14}.${(index >> 7) & 127}.${(index & 127) + 1}`,
        ],
        statusPool: "pool",
      }),
  );
  for (const asked of requests) {
    const held = adoption(state, asked);
    if (held !== undefined) state.hold(held);
  }
  for (const asked of requests) {
    const { status } = reconcile(state, asked);
    if (status.kind !== "unchanged") throw new Error("not adopted");
  }
}

const shared = { sharingKey: "k" };
const CASES: readonly {
  readonly name: string;
  readonly limit: number;
  readonly run: () => void;
}[] = [
  {
    name: "100,000 of an IPv4 /8, half freed",
    limit: 1000,
    run: () => takeAndFree("10.0.0.0/8", "10.96.0.1"),
  },
  {
    name: "100,000 of an IPv6 /64, half freed",
    limit: 1000,
    run: () => takeAndFree("2001:db8::/64", "fd00::1"),
  },
  {
    name: "the same with one sharing key and port",
    limit: 1000,
    run: () => takeAndFree("10.0.0.0/8", "10.96.0.1", shared),
  },
  {
    name: "50,000 statuses adopted and reconciled",
    limit: 2000,
    run: adopt,
  },
];

/** The allocator in memory. */
export function allocatorTimes(): readonly Row[] {
  const times = CASES.map((): number[] => []);
  for (let round = 0; round < ROUNDS; round++) {
    for (const [index, { run }] of CASES.entries()) {
      const begun = performance.now();
      run();
      times[index]?.push(performance.now() - begun);
    }
  }
  return CASES.map(({ name, limit }, index) => {
    const value = median(times[index] ?? []);
    return { name, values: {}, bound: { value, limit, what: "ms" } };
  });
}
