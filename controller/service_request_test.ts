import { assertEquals } from "@std/assert";
import type { Service } from "../mod/kube/mod.ts";
import { service } from "../tests/controller_rig.ts";
import { isOurClass } from "../mod/config/mod.ts";
import { serviceRequest } from "./service_request.ts";

function request(
  spec: Partial<Service["spec"]>,
  annotations: Readonly<Record<string, string>> = {},
): ReturnType<typeof serviceRequest> {
  return serviceRequest(service("s", spec, annotations), true);
}

Deno.test(
  "serviceRequest() prefers the current prefix, even when it is empty",
  {
    permissions: "none",
  },
  () => {
    const both = {
      "metallb.io/address-pool": "",
      "metallb.universe.tf/address-pool": "old",
      "metallb.universe.tf/allow-shared-ip": "k",
    };
    const { wantedPool, sharingKey } = request({}, both);
    assertEquals([wantedPool, sharingKey], ["", "k"]);
  },
);

Deno.test("serviceRequest() makes the backend key of a Local selector only", {
  permissions: "none",
}, () => {
  const selector = { b: "2", a: "1" };
  const externalTrafficPolicy = "Local";
  assertEquals(request({ selector }).backendKey, "");
  assertEquals(
    request({ selector, externalTrafficPolicy }).backendKey,
    "a=1,b=2",
  );
  assertEquals(
    request({ selector: {}, externalTrafficPolicy }).backendKey,
    "",
  );
});

Deno.test("serviceRequest() takes ports once, TCP by default", {
  permissions: "none",
}, () => {
  const ports = [{ port: 80 }, { port: 80, protocol: "TCP" }, {
    port: 53,
    protocol: "UDP",
  }];
  assertEquals(request({ ports }).ports, ["TCP/80", "UDP/53"]);
});

Deno.test("serviceRequest() falls back on the single cluster address", {
  permissions: "none",
}, () => {
  assertEquals(request({ clusterIP: "10.96.0.9" }).clusterIps, ["10.96.0.9"]);
  assertEquals(
    request({ clusterIP: "10.96.0.9", clusterIPs: ["fd00::1"] }).clusterIps,
    ["fd00::1"],
  );
  assertEquals(request({}).clusterIps, []);
});

const CLASSES: readonly (readonly [string, string, boolean, boolean])[] = [
  ["", "", false, true],
  ["", "x", false, false],
  ["x", "x", false, true],
  ["x", "", false, false],
  ["x", "", true, true],
  ["x", "y", true, false],
];

for (const [ours, theirs, alsoWithoutClass, expected] of CLASSES) {
  const also = alsoWithoutClass ? " and none" : "";
  Deno.test(
    `isOurClass() with "${ours}"${also} of "${theirs}" is ${expected}`,
    {
      permissions: "none",
    },
    () => {
      const one = service("s", { loadBalancerClass: theirs });
      const filter = { loadBalancerClass: ours, alsoWithoutClass };
      assertEquals(isOurClass(one, filter), expected);
    },
  );
}
