import { assert, assertEquals } from "@std/assert";
import fc from "fast-check";
import {
  type AdvertisementRecord,
  decide,
  decideGroup,
  type OwnershipView,
} from "./mod.ts";

const NO_PERMISSIONS = { permissions: "none" } as const;
const NAMES = ["node-a", "node-b", "node-c"] as const;

function view(fields: Partial<OwnershipView> = {}): OwnershipView {
  const advertisement: AdvertisementRecord = {
    names: ["l2"],
    nodes: new Set(NAMES),
    interfaces: [],
    selectsServices: false,
    preference: new Map(),
  };
  return {
    key: "192.168.1.240",
    members: [...NAMES],
    nodes: NAMES.map((name) => ({
      name,
      networkUnavailable: false,
      excluded: false,
    })),
    advertisements: [advertisement],
    servingEndpoints: ["node-b"],
    trafficPolicy: "Cluster",
    sharesAddress: true,
    ...fields,
  };
}

function local(...nodes: readonly string[]): Partial<OwnershipView> {
  return { trafficPolicy: "Local", servingEndpoints: nodes };
}

Deno.test(
  "decideGroup() decides about one Service as decide() does",
  NO_PERMISSIONS,
  () => {
    const alone = view(local("node-c"));
    assertEquals(decideGroup([alone]), [decide(alone)]);
  },
);

Deno.test(
  "decideGroup() takes the lowest first address as the key of all",
  NO_PERMISSIONS,
  () => {
    const [first, second] = decideGroup([
      view({ key: "2001:db8::1" }),
      view({ key: "192.168.1.241" }),
    ]);
    assertEquals(decide(view({ key: "2001:db8::1" })).owner, "node-b");
    assertEquals(first?.owner, "node-c");
    assertEquals(second?.owner, "node-c");
    assertEquals(first?.reasons, {
      "node-a": "notOwner",
      "node-b": "notOwner",
      "node-c": "",
    });
  },
);

Deno.test(
  "decideGroup() elects who can serve all Services",
  NO_PERMISSIONS,
  () => {
    const owners = decideGroup([view(), view(local("node-b"))])
      .map(({ owner }) => owner);
    assertEquals(owners, ["node-b", "node-b"]);
  },
);

Deno.test(
  "decideGroup() leaves a Service out that the owner cannot serve",
  NO_PERMISSIONS,
  () => {
    const [first, second] = decideGroup([
      view(local("node-b")),
      view({ key: "192.168.1.241", ...local("node-c") }),
    ]);
    assertEquals([first?.owner, second?.owner], ["node-b", "node-b"]);
    assertEquals(first?.reasons["node-b"], "");
    assertEquals(second?.reasons["node-b"], "notOwner");
    assertEquals(second?.reasons["node-c"], "notOwner");
  },
);

Deno.test(
  "decideGroup() does not let a Service without endpoints decide",
  NO_PERMISSIONS,
  () => {
    const [first, second] = decideGroup([
      view({ servingEndpoints: [] }),
      view({ key: "192.168.1.241", ...local("node-b") }),
    ]);
    assertEquals(first?.owner, null);
    assertEquals(first?.refusal, "noServingEndpoint");
    assertEquals(second?.owner, "node-b");
  },
);

Deno.test(
  "decideGroup() has at most one announcer, whatever the Services",
  NO_PERMISSIONS,
  () => {
    const some = fc.subarray([...NAMES]);
    const views = fc.array(
      fc.record({
        key: fc.constantFrom("192.168.1.240", "192.168.1.241", "2001:db8::1"),
        trafficPolicy: fc.constantFrom("Local" as const, "Cluster" as const),
        servingEndpoints: some,
        members: fc.constant([...NAMES]),
      }).map(view),
      { minLength: 1, maxLength: 4 },
    );
    fc.assert(fc.property(views, (group) => {
      const announcers = new Set(
        decideGroup(group).flatMap(({ reasons }) =>
          Object.entries(reasons).filter(([, reason]) => reason === "")
            .map(([node]) => node)
        ),
      );
      assert(announcers.size <= 1, [...announcers].join());
    }));
  },
);
