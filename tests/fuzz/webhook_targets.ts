import type { ConfigResources } from "../../mod/config/mod.ts";
import {
  convertObjects,
  judgeAlone,
  judgeRequest,
  readAdmissionReview,
  readConversionReview,
  ReviewError,
} from "../../mod/webhook/mod.ts";
import { admissionQuestion, conversionQuestion } from "../reviews.ts";
import { decoderTarget, type FuzzTarget } from "./target.ts";

const encoder = new TextEncoder();
const decoder = new TextDecoder();

const NAMESPACE = "metallb-system";

const STORED: ConfigResources = {
  pools: [{ metadata: { name: "p" }, spec: { addresses: ["192.0.2.0/24"] } }],
  l2Advertisements: [],
  bgpAdvertisements: [{ metadata: { name: "a" }, spec: { localPref: 1 } }],
  peers: [],
  bfdProfiles: [],
  communities: [],
  nodes: [{ metadata: { name: "n", labels: { rack: "a" } } }],
  namespaces: [],
};

/** A valid `spec` of each kind, with selectors and numbers in it. */
const SPECS: Readonly<Record<string, unknown>> = {
  IPAddressPool: {
    addresses: ["198.51.100.0/24", "2001:db8::1-2001:db8::9"],
    serviceAllocation: { priority: 1, namespaces: ["a"] },
  },
  L2Advertisement: {
    nodeSelectors: [{
      matchExpressions: [{ key: "rack", operator: "In", values: ["a", "b"] }],
    }],
  },
  BGPAdvertisement: { aggregationLength: 24, communities: ["64500:1"] },
  BGPPeer: {
    myASN: 64500,
    peerASN: 64501,
    peerAddress: "192.0.2.1",
    holdTime: "90s",
  },
  BFDProfile: { detectMultiplier: 3 },
  Community: { communities: [{ name: "gold", value: "large:64500:1:2" }] },
};

const admissionSeeds = Object.entries(SPECS).map(([kind, spec]) => {
  const version = kind === "BGPPeer" ? "v1beta2" : "v1beta1";
  const apiVersion = `metallb.io/${version}`;
  const metadata = { name: "x", namespace: NAMESPACE, labels: { a: "b" } };
  const object = { apiVersion, kind, metadata, spec };
  return admissionQuestion({ kind, version, object });
});

const conversionSeeds = ["v1beta1", "v1beta2"].map((version) =>
  conversionQuestion(`metallb.io/${version}`, [{
    apiVersion: "metallb.io/v1beta2",
    kind: "BGPPeer",
    metadata: { name: "r" },
    spec: {
      ...SPECS["BGPPeer"] as object,
      nodeSelectors: [{
        matchExpressions: [{ key: "rack", operator: "Exists", values: [] }],
      }],
    },
  }])
);

function bytesOf(review: unknown): Uint8Array {
  return encoder.encode(JSON.stringify(review));
}

/** What the webhooks are asked: anybody who reaches the port can ask. */
export const webhookTargets: readonly FuzzTarget[] = [
  decoderTarget({
    name: "admission-review",
    seeds: admissionSeeds.map(bytesOf),
    decode: (bytes) => {
      const request = readAdmissionReview(decoder.decode(bytes));
      return judgeAlone(request, NAMESPACE) ?? judgeRequest(request, STORED);
    },
    refusal: ReviewError,
  }),
  decoderTarget({
    name: "conversion-review",
    seeds: conversionSeeds.map(bytesOf),
    decode: (bytes) =>
      convertObjects(readConversionReview(decoder.decode(bytes))),
    refusal: ReviewError,
  }),
];
