import { assertEquals } from "@std/assert";
import fc from "fast-check";
import { checkSchema, KINDS } from "./mod.ts";

const NO_PERMISSIONS = { permissions: "none" } as const;

function check(object: unknown): string[] {
  const kind = KINDS.find(({ definition }) =>
    definition.kind === (object as { kind: string }).kind
  );
  if (kind === undefined) throw new RangeError("There is no such kind");
  return checkSchema(kind, object).map(({ path, message }) =>
    `${path}: ${message}`
  );
}

function peer(spec: Readonly<Record<string, unknown>>): unknown {
  const apiVersion = "metallb.io/v1beta2";
  return { apiVersion, kind: "BGPPeer", spec: { myASN: 64500, ...spec } };
}

const cases: readonly (readonly [unknown, readonly string[]])[] = [
  [peer({}), []],
  [peer({ peerPort: 0 }), [
    "spec.peerPort: Cannot use 0: it has to be from 1 to 16384",
  ]],
  [peer({ dynamicASN: "other" }), [
    'spec.dynamicASN: Cannot use "other": it has to be one of internal, external',
  ]],
  [peer({ myASN: null }), ["spec.myASN: Is missing"]],
  [peer({ peerAsn: 1 }), [
    'spec.peerAsn: Is no field of this kind: did you mean "peerASN"?',
  ]],
  [{ apiVersion: "metallb.io/v1beta1", kind: "BGPPeer", spec: {} }, [
    "spec.myASN: Is missing",
    "spec.peerASN: Is missing",
    "spec.peerAddress: Is missing",
  ]],
  [
    {
      apiVersion: "metallb.io/v1beta1",
      kind: "BGPPeer",
      spec: {
        myASN: 1,
        peerASN: 1,
        peerAddress: "192.0.2.1",
        nodeSelectors: [{
          matchExpressions: [{ key: "a", operator: "Exists", values: [] }],
        }],
      },
    },
    [
      "spec.nodeSelectors[0].matchExpressions[0].values: Has 0 entries and needs at least 1",
    ],
  ],
  [{ kind: "IPAddressPool", metadata: { name: "p", x: 1 } }, [
    "spec: Is missing",
  ]],
  [{ kind: "ConfigurationState", spec: {} }, [
    "spec: Is no field of this kind: there are apiVersion, kind, metadata, status",
  ]],
  [
    {
      kind: "ConfigurationState",
      status: {
        conditions: [{
          type: "a b",
          status: "True",
          reason: "x",
          message: "",
          lastTransitionTime: "2026-01-02T03:04:05Z",
        }],
      },
    },
    [
      'status.conditions[0].type: Cannot use "a b": it has to be like ^([a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*/)?(([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9])$',
    ],
  ],
];

for (const [object, problems] of cases) {
  Deno.test(
    `checkSchema() finds ${problems[0] ?? "nothing"}`,
    NO_PERMISSIONS,
    () => assertEquals(check(object), problems),
  );
}

Deno.test("checkSchema() takes any JSON", NO_PERMISSIONS, () => {
  fc.assert(fc.property(fc.jsonValue(), (raw) => {
    for (const kind of KINDS) {
      assertEquals(Array.isArray(checkSchema(kind, raw)), true);
      assertEquals(Array.isArray(checkSchema(kind, { spec: raw })), true);
    }
  }));
});
