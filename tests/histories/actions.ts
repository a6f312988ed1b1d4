/** Random histories of a cluster: what users, and fate, do to it. */
import fc from "fast-check";

/** The address families of a Service; they are chosen when it is created. */
export type Shape = "four" | "six" | "prefer" | "require";

/** What a user asks for; it may change. */
export interface Wish {
  readonly address: string | null;
  readonly pool: string | null;
  readonly sharingKey: string | null;
  readonly port: number;
}

/** One thing that happens. */
export type Action =
  | {
    /** A Service is created, or changed if it is there. */
    readonly kind: "apply";
    readonly name: string;
    readonly shape: Shape;
    readonly wish: Wish;
  }
  | {
    readonly kind: "retype";
    readonly name: string;
    readonly type: "ClusterIP" | "LoadBalancer";
  }
  | { readonly kind: "delete"; readonly name: string }
  | { readonly kind: "layout"; readonly layout: 0 | 1 }
  /** The controller starts anew, after everything has settled. */
  | { readonly kind: "restart" }
  /** Everything settles; else the next thing comes at once. */
  | { readonly kind: "rest" };

/** A pool and the prefixes of its addresses, with how many are IPv4. */
export interface PoolLayout {
  readonly addresses: readonly string[];
  readonly size: number;
}

/** Two layouts of two pools: small, so that addresses are short. */
export const LAYOUTS: readonly [
  Readonly<Record<"a" | "b", PoolLayout>>,
  Readonly<Record<"a" | "b", PoolLayout>>,
] = [
  {
    a: { addresses: ["192.0.2.0/30", "2001:db8::/126"], size: 4 },
    b: { addresses: ["198.51.100.0/31"], size: 2 },
  },
  {
    a: { addresses: ["192.0.2.0/31", "2001:db8::/127"], size: 2 },
    b: { addresses: ["198.51.100.0/31", "192.0.2.2/31"], size: 4 },
  },
];

const NAME = fc.constantFrom("s0", "s1", "s2", "s3", "s4", "s5", "s6", "s7");

const APPLY: fc.Arbitrary<Action> = fc.record({
  kind: fc.constant("apply"),
  name: NAME,
  shape: fc.constantFrom("four", "four", "four", "six", "prefer", "require"),
  wish: fc.record({
    address: fc.constantFrom(null, null, "192.0.2.1", "198.51.100.0"),
    pool: fc.constantFrom(null, null, null, "a", "b"),
    sharingKey: fc.constantFrom(null, null, "k", "z"),
    port: fc.constantFrom(80, 81, 82),
  }),
});

const ACTION: fc.Arbitrary<Action> = fc.oneof(
  { weight: 8, arbitrary: APPLY },
  fc.record({
    kind: fc.constant("retype"),
    name: NAME,
    type: fc.constantFrom("ClusterIP", "LoadBalancer"),
  }),
  {
    weight: 2,
    arbitrary: fc.record({ kind: fc.constant("delete"), name: NAME }),
  },
  fc.record({ kind: fc.constant("layout"), layout: fc.constantFrom(0, 1) }),
  fc.record({ kind: fc.constant("restart") }),
  { weight: 2, arbitrary: fc.record({ kind: fc.constant("rest") }) },
);

/** Histories of up to so many actions. */
export function histories(maxLength: number): fc.Arbitrary<readonly Action[]> {
  return fc.array(ACTION, { minLength: 1, maxLength });
}

/**
 * The inputs of a history in lines that do not wait for each other: what is
 * done to one Service keeps its order, and so do the layouts of the pools.
 */
export function linesOf(
  actions: readonly Action[],
): readonly (readonly Action[])[] {
  const inputs = actions.filter(({ kind }) =>
    kind !== "rest" && kind !== "restart"
  );
  const line = (action: Action): string =>
    "name" in action ? action.name : action.kind;
  return [...Map.groupBy(inputs, line).values()];
}
