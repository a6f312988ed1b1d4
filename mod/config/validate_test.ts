import { assert, assertEquals } from "@std/assert";
import { stringify } from "@std/yaml";
import fc from "fast-check";
import { validateManifests, type ValidationReport } from "./mod.ts";
import { lineOf } from "./yaml_lines.ts";

const NO_PERMISSIONS = { permissions: "none" } as const;

function check(text: string, strict = false): ValidationReport {
  return validateManifests([{ name: "f.yaml", text }], { strict });
}

function shown({ findings }: ValidationReport): string[] {
  return findings.map(({ severity, class: kind, line, resource, path }) =>
    `${line} ${severity} ${kind} ${resource} ${path}`.trimEnd()
  );
}

const MANIFEST = `# Lists and documents.
apiVersion: v1
kind: List
items:
- apiVersion: metallb.io/v1beta1
  kind: IPAddressPool
  metadata:
    name: a
  spec:
    addresses:
    - 192.0.2.0/24
    # A comment does not count.
    - "192.0.2.9-192.0.2.1"
- apiVersion: metallb.io/v1beta1
  kind: IPAddressPool
  metadata: { name: b }
  spec:
    adresses: []
    addresses: [192.0.2.128/25]
---
apiVersion: metallb.io/v1beta1
kind: BGPPeer
metadata:
  name: old
spec:
  myASN: 64500
  peerASN: 64501
  peerAddress: 192.0.2.300
  nodeSelectors:
    - matchLabels: { rack: a }
      matchExpressions:
        - key: zone
          operator: Bogus
          values: [x]
---
apiVersion: metallb.io/v1beta1
kind: BFDProfile
metadata:
  name: f
spec:
  detectMultiplier: 1
--- # another one
apiVersion: metallb.io/v1beta1
kind: BGPAdvertisement
metadata:
  name: adv
spec:
  localpref: 3
  communities:
    - gold
---
apiVersion: apps/v1
kind: Deployment
metadata:
  name: web
---
- x
---
a: [1,
b: 2
`;

Deno.test(
  "validateManifests() names file, line, object and field",
  NO_PERMISSIONS,
  () => {
    const report = check(MANIFEST);
    assertEquals(shown(report), [
      "13 error rangeReversed IPAddressPool/a spec.addresses[1]",
      "18 error unknownField IPAddressPool/b spec.adresses",
      "19 error overlap IPAddressPool/b spec.addresses[0]",
      "21 warning deprecatedVersion BGPPeer/old apiVersion",
      "28 error peerAddressInvalid BGPPeer/old spec.peerAddress",
      "30 error selectorInvalid BGPPeer/old spec.nodeSelectors[0]",
      "41 error bfdValueOutOfRange BFDProfile/f spec.detectMultiplier",
      "48 error unknownField BGPAdvertisement/adv spec.localpref",
      "50 warning communityFormatInvalid BGPAdvertisement/adv spec.communities[0]",
      "57 error yamlInvalid",
      "61 error yamlInvalid",
    ]);
    assertEquals(report.checked, 5);
    assertEquals(report.valid, false);
    assertEquals(report.ignored, [
      { file: "f.yaml", line: 52, kind: "apps/v1 Deployment", name: "web" },
    ]);
    const typo = report.findings.find(({ path }) => path === "spec.localpref");
    assertEquals(
      typo?.message,
      'Is no field of this kind: did you mean "localPref"?',
    );
  },
);

const PEER = `apiVersion: metallb.io/v1beta2
kind: BGPPeer
metadata: { name: r }
spec:
  myASN: 64500
  peerASN: 64501
  peerAddress: 192.0.2.1
  bfdProfile: fast
  passwordSecret: { name: s }
`;

Deno.test(
  "validateManifests() takes what is in no file for what may be elsewhere",
  NO_PERMISSIONS,
  () => {
    const missing = (severity: string) => [
      `8 ${severity} bfdProfileMissing BGPPeer/r spec.bfdProfile`,
      `9 ${severity} secretMissing BGPPeer/r spec.passwordSecret.name`,
    ];
    assertEquals(shown(check(PEER)), missing("warning"));
    assertEquals(check(PEER).valid, true);
    assertEquals(shown(check(PEER, true)), missing("error"));
    const complete = `${PEER}---
apiVersion: metallb.io/v1beta1
kind: BFDProfile
metadata: { name: fast }
---
apiVersion: v1
kind: Secret
metadata: { name: s }
type: kubernetes.io/basic-auth
stringData: { password: x }
`;
    assertEquals(shown(check(complete, true)), []);
  },
);

Deno.test(
  "validateManifests() compares files, and finds conflicts without nodes",
  NO_PERMISSIONS,
  () => {
    const advertisement = (name: string, localPref: number) => `
apiVersion: metallb.io/v1beta1
kind: BGPAdvertisement
metadata: { name: ${name} }
spec: { localPref: ${localPref} }
`;
    const pool = `apiVersion: metallb.io/v1beta1
kind: IPAddressPool
metadata: { name: p }
spec: { addresses: [192.0.2.0/24] }
`;
    const report = validateManifests([
      { name: "pool.json", text: pool },
      { name: "x.yaml", text: advertisement("x", 100) },
      { name: "y.yaml", text: advertisement("y", 200) },
    ]);
    assertEquals(
      report.findings.map(({ file, line, class: kind }) => [file, line, kind]),
      [["y.yaml", 5, "localPrefConflict"]],
    );
    assertEquals(
      report.findings[0]?.message,
      'Cannot use 200: BGPAdvertisement "x" announces the same prefixes of IPAddressPool "p" from the same nodes to the same peers with 100',
    );
  },
);

Deno.test("validateManifests() finds lines in JSON", NO_PERMISSIONS, () => {
  const pool = {
    apiVersion: "metallb.io/v1beta1",
    kind: "IPAddressPool",
    metadata: { name: "p" },
    spec: { addresses: ["x"], autoAssign: 1 },
  };
  assertEquals(shown(check(JSON.stringify(pool, null, 2))), [
    "8 error cidrInvalid IPAddressPool/p spec.addresses[0]",
    "11 error fieldInvalid IPAddressPool/p spec.autoAssign",
  ]);
});

Deno.test("validateManifests() accepts empty files", NO_PERMISSIONS, () => {
  for (const text of ["", "---\n", "# nothing\n", "---\n---\n...\n"]) {
    assertEquals(check(text), {
      valid: true,
      checked: 0,
      findings: [],
      ignored: [],
    });
  }
});

Deno.test(
  "validateManifests() never throws, whatever the files hold",
  NO_PERMISSIONS,
  () => {
    const kinds = fc.constantFrom(
      "IPAddressPool",
      "L2Advertisement",
      "BGPAdvertisement",
      "BGPPeer",
      "BFDProfile",
      "Community",
      "Secret",
      "Node",
      "Namespace",
    );
    const object = fc.record({
      apiVersion: fc.constantFrom(
        "metallb.io/v1beta1",
        "metallb.io/v1beta2",
        "v1",
      ),
      kind: kinds,
      metadata: fc.jsonValue(),
      spec: fc.jsonValue(),
      data: fc.jsonValue(),
    }, { requiredKeys: ["apiVersion", "kind"] });
    fc.assert(
      fc.property(fc.array(object, { maxLength: 6 }), (objects) => {
        const text = objects.map((each) => JSON.stringify(each)).join(
          "\n---\n",
        );
        const { findings } = check(text);
        for (const { line } of findings) assert(line >= 0);
      }),
    );
    fc.assert(fc.property(fc.string(), (text) => {
      assertEquals(typeof check(text).valid, "boolean");
    }));
  },
);

const word = fc.stringMatching(/^[a-z]{1,6}$/);
const tree = fc.letrec<{ node: unknown }>((tie) => ({
  node: fc.oneof(
    { maxDepth: 4 },
    fc.nat(1000).map((each) => each + 1000),
    fc.dictionary(word, tie("node"), { minKeys: 1, maxKeys: 3 }),
    fc.array(tie("node"), { minLength: 1, maxLength: 3 }),
  ),
})).node;

function leaves(value: unknown, path: string): [string, number][] {
  if (Array.isArray(value)) {
    return value.flatMap((each, index) => leaves(each, `${path}[${index}]`));
  }
  if (typeof value === "number") return [[path, value]];
  return Object.entries(Object(value)).flatMap(([key, each]) =>
    leaves(each, path === "" ? key : `${path}.${key}`)
  );
}

Deno.test(
  "lineOf() finds every field of block YAML",
  NO_PERMISSIONS,
  () => {
    let found = 0;
    fc.assert(fc.property(fc.dictionary(word, tree), (object) => {
      // Lists of lists on one line have no place of their own.
      fc.pre(!/- - /.test(stringify(object)));
      const lines = stringify(object).split("\n");
      for (const [path, value] of leaves(object, "")) {
        found++;
        assert(lines[lineOf(lines, path)]?.endsWith(`${value}`), path);
      }
    }));
    assert(found > 0);
  },
);
