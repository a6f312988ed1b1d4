import { assertEquals } from "@std/assert";
import type { Service } from "../mod/kube/mod.ts";
import { service } from "../tests/controller_rig.ts";
import { ServiceView } from "./service_view.ts";

function version(resourceVersion: string): Service {
  const made = service("s");
  return { ...made, metadata: { ...made.metadata, resourceVersion } };
}

Deno.test("ServiceView prefers the answer until the cache has caught up", {
  permissions: "none",
}, () => {
  const cache = new Map([["default/s", version("9")]]);
  const view = new ServiceView(() => cache);
  const seen = (): string | undefined =>
    view.get("default/s")?.metadata.resourceVersion;
  view.note("default/s", version("10"));
  assertEquals(seen(), "10");
  cache.set("default/s", version("11"));
  assertEquals(seen(), "11");
  cache.set("default/s", version("9"));
  assertEquals(seen(), "9", "the answer is forgotten once it is old");
});

Deno.test("ServiceView forgets the answer about a Service that is gone", {
  permissions: "none",
}, () => {
  const cache = new Map([["default/s", version("9")]]);
  const view = new ServiceView(() => cache);
  view.note("default/s", version("10"));
  cache.delete("default/s");
  assertEquals(view.get("default/s"), undefined);
  assertEquals([...view.keys()], []);
});
