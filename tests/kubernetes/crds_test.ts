import { assertEquals, assertThrows } from "@std/assert";
import { METALLB_KINDS, openCrd, parseManifests } from "./crds.ts";

Deno.test("parseManifests() takes objects, and nothing else", {
  permissions: "none",
}, () => {
  assertEquals(parseManifests("a: 1\n---\nb: 2\n---\n"), [{ a: 1 }, { b: 2 }]);
  assertEquals(parseManifests('{"a": 1}'), [{ a: 1 }]);
  assertThrows(() => parseManifests("- a\n"), TypeError, "not an object");
});

Deno.test(
  "openCrd() keeps every field of a kind",
  { permissions: "none" },
  () => {
    const [first] = METALLB_KINDS;
    if (first === undefined) throw new RangeError("There are no kinds");
    assertEquals(METALLB_KINDS.length, 9);
    const { metadata, spec } = openCrd(first);
    assertEquals(metadata, { name: "ipaddresspools.metallb.io" });
    assertEquals(spec, {
      group: "metallb.io",
      names: {
        kind: "IPAddressPool",
        plural: "ipaddresspools",
        singular: "ipaddresspool",
      },
      scope: "Namespaced",
      versions: [{
        name: "v1beta1",
        served: true,
        storage: true,
        subresources: { status: {} },
        schema: {
          openAPIV3Schema: {
            type: "object",
            "x-kubernetes-preserve-unknown-fields": true,
          },
        },
      }],
    });
  },
);
