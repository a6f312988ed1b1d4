/** What the server tells clients about itself: groups, versions and resources. */
import { answer, answerText } from "./answers.ts";
import type { Json, JsonObject } from "./json.ts";
import { apiVersionOf, type Kind } from "./kinds.ts";
import type { Route } from "./routes.ts";

/** The release whose behaviour the server follows. */
const VERSION: JsonObject = {
  major: "1",
  minor: "36",
  gitVersion: "v1.36.3+embedded",
  gitCommit: "",
  gitTreeState: "",
  buildDate: "1970-01-01T00:00:00Z",
  goVersion: "",
  compiler: "",
  platform: "",
};

/** Answer of `/api`. */
const CORE_VERSIONS: JsonObject = {
  kind: "APIVersions",
  versions: ["v1"],
  serverAddressByClientCIDRs: [],
};

const VERBS = ["create", "delete", "get", "list", "patch", "update", "watch"];
const STATUS_VERBS = ["get", "patch", "update"];

function describeGroup(kinds: readonly Kind[], group: string): JsonObject {
  const versions = new Set(
    kinds.filter((kind) => kind.group === group).map((kind) => kind.version),
  );
  const listed = [...versions].sort().reverse().map((version) => ({
    groupVersion: `${group}/${version}`,
    version,
  }));
  return {
    name: group,
    versions: listed,
    preferredVersion: listed[0] ?? {},
  };
}

/** Answer of `/apis`. */
function listGroups(kinds: readonly Kind[]): JsonObject {
  const names = new Set(kinds.map(({ group }) => group));
  const groups = [...names].filter((name) => name !== "");
  return {
    kind: "APIGroupList",
    apiVersion: "v1",
    groups: groups.map((group) => describeGroup(kinds, group)),
  };
}

/** Answer of `/apis/GROUP`. */
function getGroup(kinds: readonly Kind[], group: string): JsonObject {
  return {
    kind: "APIGroup",
    apiVersion: "v1",
    ...describeGroup(kinds, group),
  };
}

function describeKind(kind: Kind): Json[] {
  const { kind: word, plural, namespaced, shortNames } = kind;
  const main: JsonObject = {
    name: plural,
    singularName: word.toLowerCase(),
    namespaced,
    kind: word,
    verbs: VERBS,
    ...(shortNames.length > 0 ? { shortNames } : {}),
    ...(kind.categories.length > 0 ? { categories: kind.categories } : {}),
  };
  const status: JsonObject = {
    name: `${plural}/status`,
    singularName: "",
    namespaced,
    kind: word,
    verbs: STATUS_VERBS,
  };
  return kind.status ? [main, status] : [main];
}

/** Answer of `/api/v1` and `/apis/GROUP/VERSION`. */
function listResources(
  kinds: readonly Kind[],
  group: string,
  version: string,
): JsonObject {
  const groupVersion = group === "" ? version : `${group}/${version}`;
  const served = kinds.filter((kind) => apiVersionOf(kind) === groupVersion);
  return {
    kind: "APIResourceList",
    apiVersion: "v1",
    groupVersion,
    resources: served.flatMap(describeKind),
  };
}

/** The routes that tell about the server itself. */
export type DiscoveryRoute = Exclude<
  Route,
  { kind: "object" | "collection" | "unknownPath" | "unknownResource" }
>;

/** Answers a route about the server itself. */
export function discover(
  kinds: readonly Kind[],
  route: DiscoveryRoute,
): Response {
  switch (route.kind) {
    case "version":
      return answer(VERSION);
    case "health":
      return answerText("ok", 200);
    case "coreVersions":
      return answer(CORE_VERSIONS);
    case "groups":
      return answer(listGroups(kinds));
    case "group":
      return answer(getGroup(kinds, route.group));
    case "resources":
      return answer(listResources(kinds, route.group, route.version));
  }
}
