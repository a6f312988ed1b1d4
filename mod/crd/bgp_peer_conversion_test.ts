import { assert, assertEquals } from "@std/assert";
import fc from "fast-check";
import {
  BGP_PEER,
  BGP_PEER_V1BETA1,
  convertBgpPeer,
  decodeResource,
} from "./mod.ts";

const NO_PERMISSIONS = { permissions: "none" } as const;
const OLD = "metallb.io/v1beta1";
const NEW = "metallb.io/v1beta2";

type Json = Readonly<Record<string, unknown>>;

function convert(object: unknown, desired: string): Json {
  const conversion = convertBgpPeer(object, desired);
  if (conversion.kind === "refused") throw new Error(conversion.message);
  return conversion.object;
}

const peer = {
  apiVersion: OLD,
  kind: "BGPPeer",
  metadata: { name: "router", uid: "u", annotations: { a: "b" } },
  spec: {
    myASN: 64500,
    peerASN: 64501,
    peerAddress: "192.0.2.1",
    peerPort: 0,
    holdTime: "90s",
    nodeSelectors: [{
      matchLabels: { rack: "a" },
      matchExpressions: [
        { key: "zone", operator: "In", values: ["z1"] },
        { key: "gpu", operator: "Exists", values: [] },
      ],
    }],
  },
  status: {},
};

Deno.test(
  "convertBgpPeer() brings v1beta1 to the form of v1beta2",
  NO_PERMISSIONS,
  () => {
    assertEquals(convert(peer, NEW), {
      ...peer,
      apiVersion: NEW,
      spec: {
        myASN: 64500,
        peerASN: 64501,
        peerAddress: "192.0.2.1",
        holdTime: "90s",
        nodeSelectors: [{
          matchLabels: { rack: "a" },
          matchExpressions: [
            { key: "zone", operator: "In", values: ["z1"] },
            { key: "gpu", operator: "Exists" },
          ],
        }],
      },
    });
  },
);

Deno.test(
  "convertBgpPeer() leaves out what v1beta1 does not know",
  NO_PERMISSIONS,
  () => {
    const unnumbered = {
      apiVersion: NEW,
      kind: "BGPPeer",
      metadata: { name: "router" },
      spec: {
        myASN: 64500,
        dynamicASN: "external",
        interface: "eth0",
        vrf: "red",
        password: "secret",
      },
    };
    assertEquals(convert(unnumbered, OLD), {
      ...unnumbered,
      apiVersion: OLD,
      spec: { myASN: 64500, peerASN: 0, peerAddress: "", password: "secret" },
    });
  },
);

const refused: readonly (readonly [string, unknown, string])[] = [
  ["another kind", { ...peer, kind: "Community" }, NEW],
  ["no object", null, NEW],
  ["an unknown version", { ...peer, apiVersion: "metallb.io/v1" }, NEW],
  ["an unknown target", peer, "metallb.io/v1"],
];

for (const [name, object, desired] of refused) {
  Deno.test(`convertBgpPeer() refuses ${name}`, NO_PERMISSIONS, () => {
    const conversion = convertBgpPeer(object, desired);
    assertEquals(conversion.kind, "refused");
    assert("message" in conversion);
    assert(conversion.message.startsWith("Cannot convert "));
  });
}

const label = fc.constantFrom("a", "b", "c");
const selector = fc.record({
  matchLabels: fc.dictionary(label, label),
  matchExpressions: fc.array(fc.record({
    key: label,
    operator: fc.constantFrom("In", "NotIn"),
    values: fc.array(label, { minLength: 1, maxLength: 3 }),
  })),
}, { requiredKeys: [] });
const duration = fc.integer({ min: 3, max: 600 }).map((each) => `${each}s`);

/** What both versions know, as either would hold it. */
const sharedSpec = fc.record({
  myASN: fc.integer({ min: 1, max: 2 ** 32 - 1 }),
  peerASN: fc.integer({ min: 1, max: 2 ** 32 - 1 }),
  peerAddress: fc.ipV4(),
  sourceAddress: fc.ipV6(),
  peerPort: fc.integer({ min: 1, max: 16_384 }),
  holdTime: duration,
  keepaliveTime: duration,
  routerID: fc.ipV4(),
  nodeSelectors: fc.array(selector),
  password: fc.string(),
  bfdProfile: fc.string(),
  ebgpMultiHop: fc.boolean(),
}, { requiredKeys: ["myASN", "peerASN", "peerAddress"] });

Deno.test(
  "convertBgpPeer() there and back changes nothing",
  NO_PERMISSIONS,
  () => {
    fc.assert(fc.property(
      sharedSpec,
      fc.constantFrom(OLD, NEW),
      (spec, apiVersion) => {
        const object = { ...peer, apiVersion, spec };
        const other = apiVersion === OLD ? NEW : OLD;
        const there = convert(object, other);
        assertEquals(there["apiVersion"], other);
        assertEquals(there["metadata"], object.metadata);
        assertEquals(convert(there, apiVersion), object);
      },
    ));
  },
);

Deno.test(
  "convertBgpPeer() keeps the meaning of every shared field",
  NO_PERMISSIONS,
  () => {
    fc.assert(fc.property(sharedSpec, (spec) => {
      const old = { ...peer, spec };
      const before = decodeResource(BGP_PEER_V1BETA1, old).spec;
      const after = decodeResource(BGP_PEER, convert(old, NEW)).spec;
      const expected = {
        ...before,
        peerPort: before.peerPort === 0 ? 179 : before.peerPort,
      };
      assertEquals({ ...after, ...expected }, after);
    }));
  },
);

Deno.test(
  "convertBgpPeer() takes any JSON without throwing",
  NO_PERMISSIONS,
  () => {
    fc.assert(fc.property(
      fc.jsonValue(),
      fc.constantFrom(OLD, NEW),
      fc.constantFrom(OLD, NEW),
      (spec, apiVersion, desired) => {
        const object = { ...peer, apiVersion, spec };
        const converted = convert(object, desired);
        assertEquals(converted["apiVersion"], desired);
        // A second conversion to the same version has nothing left to do.
        assertEquals(convert(converted, desired), converted);
      },
    ));
  },
);
