import { assert, assertEquals } from "@std/assert";
import { type ConfigResources, resolveForAdmission } from "./mod.ts";

const NO_PERMISSIONS = { permissions: "none" } as const;

function admit(fields: Partial<ConfigResources>): string[] {
  const { valid, problems } = resolveForAdmission({
    pools: [{ metadata: { name: "p" }, spec: { addresses: ["192.0.2.0/24"] } }],
    l2Advertisements: [],
    nodes: [{ metadata: { name: "n" } }],
    namespaces: [],
    ...fields,
  });
  assertEquals(
    valid,
    problems.every(({ severity }) => severity !== "error"),
  );
  return problems.map(({ severity, transient, class: kind, path }) =>
    `${severity}${transient ? " transient" : ""} ${kind} ${path}`
  );
}

const peer = {
  metadata: { name: "r" },
  spec: {
    myASN: 64500,
    peerASN: 64501,
    peerAddress: "192.0.2.1",
    bfdProfile: "fast",
    passwordSecret: { name: "s" },
  },
};

Deno.test(
  "resolveForAdmission() warns about what may be made later",
  NO_PERMISSIONS,
  () => {
    const bgpAdvertisements = [{
      metadata: { name: "adv" },
      spec: { communities: ["gold", "1:2"], peers: ["ghost"] },
    }];
    assertEquals(admit({ peers: [peer], bgpAdvertisements, secrets: [] }), [
      "warning transient secretMissing BGPPeer/r spec.passwordSecret.name",
      "warning transient bfdProfileMissing BGPPeer/r spec.bfdProfile",
      "warning transient communityFormatInvalid BGPAdvertisement/adv spec.communities[0]",
      "warning transient unknownPeer BGPAdvertisement/adv spec.peers[0]",
    ]);
    // Secrets that nobody has read are not missed.
    assertEquals(
      admit({ peers: [peer], bfdProfiles: [{ metadata: { name: "fast" } }] }),
      [],
    );
  },
);

Deno.test(
  "resolveForAdmission() refuses what nothing can make right",
  NO_PERMISSIONS,
  () => {
    const bgpAdvertisements = [{
      metadata: { name: "adv" },
      spec: { communities: ["1:2:3", "1:99999"] },
    }];
    const broken = { ...peer, spec: { ...peer.spec, routerID: "2001:db8::1" } };
    assertEquals(admit({ peers: [broken], bgpAdvertisements }), [
      "error routerIDInvalid BGPPeer/r spec.routerID",
      "error communityFormatInvalid BGPAdvertisement/adv spec.communities[0]",
      "error communityValueInvalid BGPAdvertisement/adv spec.communities[1]",
      "warning transient bfdProfileMissing BGPPeer/r spec.bfdProfile",
    ]);
  },
);

Deno.test(
  "resolveForAdmission() gives the configuration of all resources",
  NO_PERMISSIONS,
  () => {
    const { config } = resolveForAdmission({
      pools: [],
      l2Advertisements: [],
      nodes: [],
      namespaces: [],
      peers: [peer],
      bfdProfiles: [{ metadata: { name: "fast" }, spec: {} }],
    });
    assertEquals(config.peers.get("r")?.bfdProfile, "fast");
    assert(config.bfdProfiles.has("fast"));
  },
);
