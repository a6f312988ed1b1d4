import { assertEquals } from "@std/assert";
import type { ConfigResources } from "../mod/config/mod.ts";
import { ConfigKeeper } from "./config_keeper.ts";

const NO_PERMISSIONS = { permissions: "none" } as const;

function resources(
  pools: Readonly<Record<string, readonly string[]>>,
): ConfigResources {
  return {
    pools: Object.entries(pools).map(([name, addresses]) => ({
      metadata: { name },
      spec: { addresses },
    })),
    l2Advertisements: [],
    nodes: [],
    namespaces: [],
  };
}

Deno.test(
  "ConfigKeeper has an empty configuration, not in force, to begin with",
  NO_PERMISSIONS,
  () => {
    const keeper = new ConfigKeeper();
    assertEquals(keeper.config.pools.size, 0);
    assertEquals([keeper.isLoaded, keeper.isStale], [false, false]);
  },
);

Deno.test(
  "ConfigKeeper loads nothing from what is invalid",
  NO_PERMISSIONS,
  () => {
    const keeper = new ConfigKeeper();
    const { valid, newProblems } = keeper.update(
      resources({ p: ["nonsense"] }),
    );
    assertEquals(valid, false);
    assertEquals(newProblems.length, 1);
    assertEquals([keeper.isLoaded, keeper.isStale], [false, true]);
  },
);

Deno.test(
  "ConfigKeeper keeps the last valid configuration until a valid one comes",
  NO_PERMISSIONS,
  () => {
    const keeper = new ConfigKeeper();
    keeper.update(resources({ p: ["192.0.2.0/24"] }));
    const { config } = keeper;
    keeper.update(resources({ p: ["192.0.2.0/24"], q: ["192.0.2.128/25"] }));
    assertEquals(keeper.config === config, true);
    assertEquals([keeper.isLoaded, keeper.isStale], [true, true]);
    assertEquals(keeper.problems.length > 0, true);
    keeper.update(resources({ q: ["198.51.100.0/24"] }));
    assertEquals([...keeper.config.pools.keys()], ["q"]);
    assertEquals([keeper.isLoaded, keeper.isStale], [true, false]);
    assertEquals(keeper.problems, []);
  },
);

Deno.test(
  "ConfigKeeper tells a problem once, and again after it was gone",
  NO_PERMISSIONS,
  () => {
    const keeper = new ConfigKeeper();
    const bad = resources({ p: ["nonsense"] });
    const told = [bad, bad, resources({}), bad].map((each) =>
      keeper.update(each).newProblems.length
    );
    assertEquals(told, [1, 0, 0, 1]);
  },
);
