import { assertEquals, assertThrows } from "@std/assert";
import { admissionQuestion, type ReviewedWrite } from "../../tests/reviews.ts";
import type { ConfigResources, CustomResource } from "../config/mod.ts";
import {
  type AdmissionVerdict,
  judgeAlone,
  judgeRequest,
  readAdmissionReview,
  ReviewError,
} from "./mod.ts";

const NO_PERMISSIONS = { permissions: "none" } as const;
const NAMESPACE = "metallb-system";

const STORED: ConfigResources = {
  pools: [named("office", { addresses: ["192.0.2.100-192.0.2.150"] })],
  l2Advertisements: [],
  bgpAdvertisements: [named("routes", { aggregationLength: 25 })],
  peers: [
    named("router-a", {
      myASN: 64500,
      peerASN: 64501,
      peerAddress: "192.0.2.254",
      bfdProfile: "fast",
    }),
  ],
  bfdProfiles: [named("fast", {})],
  communities: [],
  nodes: [{ metadata: { name: "n" } }],
  namespaces: [],
};

function named(name: string, spec: unknown): CustomResource {
  return { metadata: { name, namespace: NAMESPACE }, spec };
}

function judge(
  write: ReviewedWrite,
  stored: ConfigResources = STORED,
): AdmissionVerdict {
  const request = readAdmissionReview(JSON.stringify(admissionQuestion(write)));
  return judgeAlone(request, NAMESPACE) ?? judgeRequest(request, stored);
}

interface Case {
  readonly name: string;
  readonly write: ReviewedWrite;
  readonly stored?: ConfigResources;
  readonly denial?: string;
  readonly reasons?: readonly string[];
  readonly warnings?: readonly string[];
}

const v1beta1Peer = {
  apiVersion: "metallb.io/v1beta1",
  kind: "BGPPeer",
  metadata: { name: "old" },
  spec: { myASN: 64500, peerASN: 64501, peerAddress: "router.example" },
};

const cases: readonly Case[] = [
  {
    name: "a pool that goes with the others",
    write: {
      kind: "IPAddressPool",
      object: named("p", { addresses: ["198.51.100.0/24"] }),
    },
    stored: { ...STORED, bgpAdvertisements: [] },
  },
  {
    name: "a pool that overlaps another one",
    write: {
      kind: "IPAddressPool",
      object: named("p", { addresses: ["192.0.2.0/24"] }),
    },
    stored: { ...STORED, bgpAdvertisements: [] },
    denial:
      'spec.addresses[0]: Cannot use "192.0.2.0/24": it overlaps "192.0.2.100-192.0.2.150" of IPAddressPool "office" (spec.addresses[0])',
    reasons: ["overlap"],
  },
  {
    name: "a pool with two faults, one of them in another resource",
    write: {
      kind: "IPAddressPool",
      object: named("p", { addresses: ["198.51.100.0/26", "x"] }),
    },
    denial:
      'spec.addresses[1]: Cannot parse "x": a prefix is written "address/length", a range "first-last"; ' +
      'BGPAdvertisement "routes" spec.aggregationLength: Cannot use 25: it would announce more than "198.51.100.0/26" of IPAddressPool "p" (spec.addresses[0]), so it has to be at least 26',
    reasons: ["cidrInvalid", "aggregationLengthTooShort"],
    warnings: [
      'The last valid configuration stays in force: BGPAdvertisement "routes" spec.aggregationLength: Cannot use 25: it would announce more than "192.0.2.100-192.0.2.150" of IPAddressPool "office" (spec.addresses[0]), so it has to be at least 28',
    ],
  },
  {
    name: "an advertisement of a pool that may be made later",
    write: {
      kind: "L2Advertisement",
      object: named("l2", { ipAddressPools: ["later"] }),
    },
    stored: { ...STORED, bgpAdvertisements: [] },
    warnings: [
      'spec.ipAddressPools[0]: Refers to IPAddressPool "later", which does not exist',
    ],
  },
  {
    name: "a peer of the older version",
    write: { kind: "BGPPeer", object: v1beta1Peer },
    stored: { ...STORED, bgpAdvertisements: [] },
    denial:
      'spec.peerAddress: Cannot use "router.example": it is no IP address',
    reasons: ["peerAddressInvalid"],
  },
  {
    name: "the end of a BFD profile in use",
    write: {
      kind: "BFDProfile",
      operation: "DELETE",
      oldObject: named("fast", {}),
    },
    denial:
      'Cannot delete BFDProfile "fast": spec.bfdProfile of BGPPeer "router-a" refers to it',
    reasons: ["bfdProfileInUse"],
  },
  {
    name: "the end of a pool in use",
    write: {
      kind: "IPAddressPool",
      operation: "DELETE",
      oldObject: named("office", {}),
    },
  },
  {
    name: "a resource in another namespace",
    write: {
      kind: "Community",
      namespace: "default",
      object: named("c", {}),
    },
    denial:
      'metadata.namespace: Cannot use "default": Community objects are read in namespace "metallb-system" only',
    reasons: ["wrongNamespace"],
  },
  {
    name: "the change of a resource that is in another namespace",
    write: {
      kind: "Community",
      operation: "UPDATE",
      namespace: "default",
      object: named("c", {}),
      oldObject: named("c", {}),
    },
    warnings: [
      'metadata.namespace: Cannot use "default": Community objects are read in namespace "metallb-system" only',
    ],
  },
  {
    name: "the end of a resource in another namespace",
    write: {
      kind: "BFDProfile",
      operation: "DELETE",
      namespace: "default",
      oldObject: named("fast", {}),
    },
  },
  {
    name: "a status",
    write: {
      kind: "IPAddressPool",
      operation: "UPDATE",
      subResource: "status",
      object: named("p", { addresses: [] }),
      oldObject: named("p", { addresses: [] }),
    },
  },
  {
    name: "a kind without a webhook",
    write: { kind: "ConfigurationState", object: named("c", undefined) },
  },
];

Deno.test.each(cases)(
  "the webhook judges $name",
  NO_PERMISSIONS,
  ({ write, stored, denial, reasons = [], warnings = [] }) => {
    const verdict = judge(write, stored);
    assertEquals(verdict.denial, denial);
    assertEquals(verdict.reasons, reasons);
    assertEquals(verdict.warnings, warnings);
  },
);

Deno.test(
  "the webhook knows no third version of BGPPeer",
  NO_PERMISSIONS,
  () => {
    const object = { ...v1beta1Peer, apiVersion: "metallb.io/v1" };
    assertThrows(() => judge({ kind: "BGPPeer", object }), ReviewError);
  },
);
