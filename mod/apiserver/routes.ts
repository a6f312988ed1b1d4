/** From a path to what it names. */
import { findKind, type Kind } from "./kinds.ts";

/** What a path names. */
export type Route =
  | { readonly kind: "version" | "health" | "coreVersions" | "groups" }
  | { readonly kind: "group"; readonly group: string }
  | {
    readonly kind: "resources";
    readonly group: string;
    readonly version: string;
  }
  | {
    readonly kind: "collection";
    readonly target: Kind;
    /** `""` for all namespaces, and for kinds without. */
    readonly namespace: string;
  }
  | {
    readonly kind: "object";
    readonly target: Kind;
    readonly namespace: string;
    readonly name: string;
    readonly subresource?: "status";
  }
  /** A path below a version that is served, but nothing that it has. */
  | { readonly kind: "unknownResource" }
  | { readonly kind: "unknownPath" };

const FIXED: Readonly<Record<string, Route>> = {
  "/version": { kind: "version" },
  "/healthz": { kind: "health" },
  "/livez": { kind: "health" },
  "/readyz": { kind: "health" },
  "/api": { kind: "coreVersions" },
  "/apis": { kind: "groups" },
};

interface Place {
  readonly group: string;
  readonly version: string;
  /** What follows the version. */
  readonly rest: readonly string[];
}

function parsePlace(parts: readonly string[]): Place | undefined {
  const [root, ...tail] = parts;
  const [group = "", version, ...rest] = root === "api" ? ["", ...tail] : tail;
  const isServedRoot = root === "api" || (root === "apis" && group !== "");
  return isServedRoot && version !== undefined
    ? { group, version, rest }
    : undefined;
}

/** Namespace and what follows it; `namespaces/X` alone, or its status, is the namespace itself. */
function splitNamespace(
  rest: readonly string[],
): { namespace: string; tail: readonly string[] } {
  const [first, namespace, ...tail] = rest;
  const isPrefix = first === "namespaces" && namespace !== undefined &&
    tail.length > 0 && tail[0] !== "status";
  return isPrefix ? { namespace, tail } : { namespace: "", tail: rest };
}

function resourceRoute(kinds: readonly Kind[], place: Place): Route {
  const { group, version } = place;
  const { namespace, tail } = splitNamespace(place.rest);
  const [plural = "", name, subresource, ...more] = tail;
  const target = findKind(kinds, { group, version, plural });
  const isWrongScope = target !== undefined && !target.namespaced &&
    namespace !== "";
  if (target === undefined || isWrongScope || more.length > 0) {
    return { kind: "unknownResource" };
  }
  if (name === undefined) return { kind: "collection", target, namespace };
  if (target.namespaced && namespace === "") return { kind: "unknownResource" };
  const object = { kind: "object", target, namespace, name } as const;
  if (subresource === undefined) return object;
  return subresource === "status" && target.status
    ? { ...object, subresource }
    : { kind: "unknownResource" };
}

/** Finds what a path names among the kinds. */
export function findRoute(kinds: readonly Kind[], path: string): Route {
  const trimmed = path.length > 1 ? path.replace(/\/$/, "") : path;
  const fixed = FIXED[trimmed];
  if (fixed !== undefined) return fixed;
  let parts: string[];
  try {
    parts = trimmed.split("/").slice(1).map(decodeURIComponent);
  } catch {
    return { kind: "unknownPath" };
  }
  const [root, group = ""] = parts;
  const place = parsePlace(parts);
  if (place === undefined) {
    const isGroup = root === "apis" && parts.length === 2 &&
      kinds.some((kind) => kind.group === group);
    return isGroup ? { kind: "group", group } : { kind: "unknownPath" };
  }
  const { version, rest } = place;
  const isServed = kinds.some((kind) =>
    kind.group === place.group && kind.version === version
  );
  if (!isServed) return { kind: "unknownPath" };
  return rest.length === 0
    ? { kind: "resources", group: place.group, version }
    : resourceRoute(kinds, place);
}
