/**
 * Conversion of `BGPPeer` between `metallb.io/v1beta1` and `v1beta2`, on plain
 * JSON objects, as a conversion webhook does it.
 *
 * Fields that v1beta1 does not know are lost on the way there, which is what
 * MetalLB's clients of that version expect.
 */
import { BGP_PEER } from "./bgp_peer.ts";
import { BGP_PEER_V1BETA1 } from "./bgp_peer_v1beta1.ts";
import type { KindDefinition } from "./kind.ts";
import { isObject } from "./schema.ts";

/** A converted object, or why there is none. */
export type Conversion =
  | {
    readonly kind: "converted";
    /** The object in the version that was asked for. */
    readonly object: Readonly<Record<string, unknown>>;
  }
  | {
    readonly kind: "refused";
    /** Which object cannot be converted, and why. */
    readonly message: string;
  };

/** Fields of v1beta1 that v1beta2 has as they are. */
const SHARED = [
  "myASN",
  "peerASN",
  "peerAddress",
  "sourceAddress",
  "peerPort",
  "holdTime",
  "keepaliveTime",
  "routerID",
  "password",
  "bfdProfile",
  "ebgpMultiHop",
] as const;

type Json = Readonly<Record<string, unknown>>;

/**
 * Converts a `BGPPeer`. The status and everything of the metadata stay as they
 * are, which the API server insists on.
 *
 * @param desired `metallb.io/v1beta1` or `metallb.io/v1beta2`.
 */
export function convertBgpPeer(object: unknown, desired: string): Conversion {
  if (!isObject(object) || object["kind"] !== BGP_PEER.kind) {
    const kind = isObject(object) ? object["kind"] : typeof object;
    return refused(`Cannot convert ${JSON.stringify(kind)}: it is no BGPPeer`);
  }
  const versions = [BGP_PEER, BGP_PEER_V1BETA1].map(apiVersionOf);
  const present = object["apiVersion"];
  for (const version of [present, desired]) {
    if (typeof version !== "string" || !versions.includes(version)) {
      return refused(
        `Cannot convert a BGPPeer from ${
          JSON.stringify(present)
        } to "${desired}": ` +
          `the versions are ${versions.join(" and ")}`,
      );
    }
  }
  if (present === desired) return { kind: "converted", object };
  const { spec, ...rest } = object;
  const convert = desired === apiVersionOf(BGP_PEER) ? upgrade : downgrade;
  return {
    kind: "converted",
    object: {
      ...rest,
      apiVersion: desired,
      ...(isObject(spec) ? { spec: convert(spec) } : {}),
    },
  };
}

function refused(message: string): Conversion {
  return { kind: "refused", message };
}

function apiVersionOf({ group, version }: KindDefinition<unknown>): string {
  return `${group}/${version}`;
}

function upgrade(spec: Json): Json {
  const { peerPort, ...shared } = sharedFields(spec);
  return {
    ...shared,
    // v1beta2 takes no 0: its default is what 0 stood for.
    ...(peerPort === undefined || peerPort === 0 ? {} : { peerPort }),
    ...selectors(spec, ({ values, ...requirement }) => ({
      ...requirement,
      ...(isEmpty(values) ? {} : { values }),
    })),
  };
}

function downgrade(spec: Json): Json {
  return {
    // These are required there.
    myASN: 0,
    peerASN: 0,
    peerAddress: "",
    ...sharedFields(spec),
    ...selectors(spec, ({ values, ...requirement }) => ({
      ...requirement,
      values: values ?? [],
    })),
  };
}

function sharedFields(spec: Json): Record<string, unknown> {
  return Object.fromEntries(
    SHARED.filter((field) => Object.hasOwn(spec, field))
      .map((field) => [field, spec[field]]),
  );
}

/** The node selectors, with every requirement changed. */
function selectors(spec: Json, change: (requirement: Json) => Json): Json {
  const { nodeSelectors } = spec;
  if (!Array.isArray(nodeSelectors)) return {};
  const changed = nodeSelectors.map((selector: unknown) => {
    if (!isObject(selector)) return selector;
    const { matchExpressions, ...rest } = selector;
    return Array.isArray(matchExpressions)
      ? {
        ...rest,
        matchExpressions: matchExpressions.map((each: unknown) =>
          isObject(each) ? change(each) : each
        ),
      }
      : rest;
  });
  return { nodeSelectors: changed };
}

function isEmpty(values: unknown): boolean {
  return values === undefined || values === null ||
    Array.isArray(values) && values.length === 0;
}
