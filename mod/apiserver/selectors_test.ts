import { assertEquals, assertThrows } from "@std/assert";
import { type Kind, KINDS } from "./kinds.ts";
import type { ApiObject } from "./object.ts";
import { parseFieldSelector, parseLabelSelector } from "./selectors.ts";
import { Refusal } from "./status.ts";

function labelled(labels: Readonly<Record<string, string>>): ApiObject {
  return { metadata: { name: "a", labels } };
}

const OBJECT = labelled({ app: "web", tier: "", "herald-lb.io/x": "1.2" });

const SELECTED: readonly (readonly [string, boolean])[] = [
  ["", true],
  ["app", true],
  ["nope", false],
  ["!app", false],
  ["! nope", true],
  ["app=web", true],
  ["app==web", true],
  ["app = web", true],
  ["app=api", false],
  ["app!=web", false],
  ["app!=api", true],
  ["nope!=web", true],
  ["tier=", true],
  ["app=", false],
  ["app in (api,web)", true],
  ["app in ( web )", true],
  ["app in (api)", false],
  ["nope in (web)", false],
  ["app notin (web,api)", false],
  ["nope notin (web)", true],
  ["herald-lb.io/x=1.2", true],
  ["app=web,tier,!nope,app in (web, api)", true],
  ["app=web,nope", false],
];

Deno.test("parseLabelSelector() selects by every operator", {
  permissions: "none",
}, () => {
  for (const [text, expected] of SELECTED) {
    assertEquals(parseLabelSelector(text)(OBJECT), expected, text);
  }
});

const MALFORMED = ["a===b", "-a", "a in b", "a in (b", "a b", "=a", "a=b c"];

Deno.test("parseLabelSelector() refuses what it cannot read", {
  permissions: "none",
}, () => {
  for (const text of MALFORMED) {
    assertThrows(() => parseLabelSelector(text), Refusal, "unable to parse");
  }
});

function kindNamed(name: string): Kind {
  const found = KINDS.find(({ kind }) => kind === name);
  if (found === undefined) throw new RangeError(`no kind ${name}`);
  return found;
}

const SERVICE: ApiObject = {
  metadata: { name: "a", namespace: "n" },
  spec: { type: "LoadBalancer" },
};

const FIELDS: readonly (readonly [string, boolean])[] = [
  ["", true],
  ["metadata.name=a", true],
  ["metadata.name==a", true],
  ["metadata.name!=a", false],
  ["metadata.namespace=n,metadata.name=a", true],
  ["metadata.namespace=n,metadata.name=b", false],
  ["spec.type=LoadBalancer", true],
  ["spec.type!=LoadBalancer", false],
  ["spec.clusterIP=", true],
];

Deno.test("parseFieldSelector() selects by the kind's fields", {
  permissions: "none",
}, () => {
  for (const [text, expected] of FIELDS) {
    const filter = parseFieldSelector(kindNamed("Service"), text);
    assertEquals(filter(SERVICE), expected, text);
  }
});

Deno.test(
  "parseFieldSelector() refuses fields that the kind does not select by",
  { permissions: "none" },
  () => {
    const cases = [
      ["Lease", "spec.holderIdentity=a", "is not a known field selector"],
      [
        "IPAddressPool",
        "spec.autoAssign=true",
        "is not a known field selector",
      ],
      ["Service", "abc", "can't understand 'abc'"],
    ] as const;
    for (const [kind, text, message] of cases) {
      assertThrows(
        () => parseFieldSelector(kindNamed(kind), text),
        Refusal,
        message,
      );
    }
  },
);

Deno.test(
  "parseFieldSelector() knows a node that says nothing as schedulable",
  { permissions: "none" },
  () => {
    const node = { metadata: { name: "n" } };
    const filter = parseFieldSelector(
      kindNamed("Node"),
      "spec.unschedulable=false",
    );
    assertEquals(filter(node), true);
  },
);
