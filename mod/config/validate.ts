/** Checks manifests without a cluster, by the resolver that a cluster uses. */
import {
  checkSchema,
  convertBgpPeer,
  type Kind,
  type KindDefinition,
  KINDS,
} from "../crd/mod.ts";
import type { KubeObject, Node } from "../kube/mod.ts";
import {
  type ManifestFile,
  readManifests,
  type SourceObject,
} from "./manifest_source.ts";
import type { Problem, ProblemClass } from "./problem.ts";
import { type ConfigResources, resolveConfig } from "./resolve.ts";
import type { CustomResource } from "./resources.ts";

/** One thing that is wrong with a file. */
export interface Finding {
  /** Errors make the files unusable. */
  readonly severity: "error" | "warning";
  /** Which kind of problem. */
  readonly class: ProblemClass | "yamlInvalid" | "deprecatedVersion";
  /** Name of the file. */
  readonly file: string;
  /** Line, from 1. */
  readonly line: number;
  /** `IPAddressPool/p`; `""` when the document is no object. */
  readonly resource: string;
  /** Which field, for example `spec.addresses[1]`. */
  readonly path: string;
  /** What is there, and what to do about it. */
  readonly message: string;
}

/** An object that the configuration does not depend on. */
export interface IgnoredObject {
  /** Name of the file. */
  readonly file: string;
  /** Line, from 1. */
  readonly line: number;
  /** `apiVersion` and kind. */
  readonly kind: string;
  /** Name of the object. */
  readonly name: string;
}

/** What a check of files found. */
export interface ValidationReport {
  /** Whether there is no error. */
  readonly valid: boolean;
  /** Number of objects that were checked. */
  readonly checked: number;
  /** In the order of files and lines. */
  readonly findings: readonly Finding[];
  /** Objects of other kinds, in the order of the files. */
  readonly ignored: readonly IgnoredObject[];
}

/** How strict a check is. */
export interface ValidationOptions {
  /**
   * Whether references to objects that are in no file are errors; otherwise
   * they are warnings, because such an object may be in the cluster.
   */
  readonly strict?: boolean;
}

/** Checks files of manifests. Never throws, whatever they hold. */
export function validateManifests(
  files: readonly ManifestFile[],
  { strict = false }: ValidationOptions = {},
): ValidationReport {
  const contents = files.map(readManifests);
  const objects = contents.flatMap((content) => content.objects);
  const custom = objects.filter((object) => kindOf(object) !== undefined);
  const resources = resourcesOf(objects);
  const { problems } = resolveConfig(resources);
  const findings: Finding[] = [
    ...contents.flatMap(({ unreadable }) =>
      unreadable.map((each): Finding => ({
        severity: "error",
        class: "yamlInvalid",
        resource: "",
        path: "",
        ...each,
      }))
    ),
    ...withoutRepeats([
      ...problems
        .filter((problem) => isKnowable(problem, objects))
        .map((problem) => problemFinding(problem, custom, strict)),
      ...custom.flatMap(objectFindings),
    ]),
  ];
  const order = new Map(files.map(({ name }, index) => [name, index]));
  findings.sort((a, b) =>
    (order.get(a.file) ?? 0) - (order.get(b.file) ?? 0) || a.line - b.line
  );
  return {
    valid: findings.every(({ severity }) => severity !== "error"),
    checked: custom.length,
    findings,
    ignored: objects.filter((object) => !isUsed(object)).map(ignoredObject),
  };
}

/** The resolver and the schema may say the same: the first one counts. */
function withoutRepeats(findings: readonly Finding[]): readonly Finding[] {
  const seen = new Set<string>();
  return findings.filter(({ file, line, path, class: kind }) => {
    const place = `${file}:${line} ${path}`;
    const repeats = kind === "fieldInvalid" && seen.has(place);
    seen.add(place);
    return !repeats;
  });
}

/** Kinds of Kubernetes itself that the configuration depends on. */
const CORE_KINDS = ["Node", "Namespace", "Secret"];

function isUsed(object: SourceObject): boolean {
  return kindOf(object) !== undefined || isCore(object);
}

function isCore({ apiVersion, kind }: SourceObject): boolean {
  return apiVersion === "v1" && CORE_KINDS.includes(kind);
}

function ignoredObject(
  { file, line, apiVersion, kind, name }: SourceObject,
): IgnoredObject {
  const shown = `${apiVersion} ${kind}`.trim();
  return { file, line: line(""), kind: shown || "no kind", name };
}

function kindOf({ apiVersion, kind }: SourceObject): Kind | undefined {
  return KINDS.find(({ definition, older }) =>
    definition.kind === kind &&
    [definition, ...older === undefined ? [] : [older.definition]]
      .some((each) => apiVersionOf(each) === apiVersion)
  );
}

function apiVersionOf({ group, version }: KindDefinition<unknown>): string {
  return `${group}/${version}`;
}

function resourcesOf(objects: readonly SourceObject[]): ConfigResources {
  const custom = (kind: string) =>
    objects
      .filter((object) => object.kind === kind && kindOf(object) !== undefined)
      .map(({ raw }) => asResource<CustomResource>(raw));
  const core = (kind: string) =>
    objects
      .filter((object) => object.kind === kind && isCore(object))
      .map(({ raw }) => asResource<KubeObject>(raw));
  const nodes = core("Node");
  return {
    pools: custom("IPAddressPool"),
    l2Advertisements: custom("L2Advertisement"),
    bgpAdvertisements: custom("BGPAdvertisement"),
    peers: custom("BGPPeer").map(currentPeer),
    bfdProfiles: custom("BFDProfile"),
    communities: custom("Community"),
    secrets: core("Secret"),
    nodes: nodes.length === 0 ? [ANY_NODE] : nodes,
    namespaces: core("Namespace"),
  };
}

/**
 * Stands for the nodes when no file has any: what all nodes would disagree
 * about is found on this one as well.
 */
const ANY_NODE: Node = { metadata: { name: "any" } };

/** The resolver takes what is malformed; metadata has to be there. */
function asResource<T extends KubeObject>(
  raw: Readonly<Record<string, unknown>>,
): T {
  const { metadata } = raw;
  const present = typeof metadata === "object" && metadata !== null;
  return { ...raw, metadata: present ? metadata : {} } as T;
}

function currentPeer(peer: CustomResource): CustomResource {
  const conversion = convertBgpPeer(peer, "metallb.io/v1beta2");
  return conversion.kind === "converted"
    ? asResource<CustomResource>(conversion.object)
    : peer;
}

/** What an API server would say about the object alone. */
function objectFindings(object: SourceObject): readonly Finding[] {
  const kind = kindOf(object);
  if (kind === undefined) return [];
  const found = checkSchema(kind, object.raw).map(
    ({ kind: problem, path, message }): Finding => ({
      ...placeOf(object, path),
      severity: "error",
      class: problem === "unknownField" ? "unknownField" : "fieldInvalid",
      message,
    }),
  );
  const { older } = kind;
  if (older === undefined) return found;
  if (apiVersionOf(older.definition) !== object.apiVersion) return found;
  return [...found, {
    ...placeOf(object, "apiVersion"),
    severity: "warning",
    class: "deprecatedVersion",
    message: older.deprecationWarning,
  }];
}

function placeOf(
  object: SourceObject,
  path: string,
): Pick<Finding, "file" | "line" | "resource" | "path"> {
  const resource = `${object.kind}/${object.name}`;
  return { file: object.file, line: object.line(path), resource, path };
}

/** Without nodes nobody can tell whether one of them is selected. */
function isKnowable(
  { class: kind }: Problem,
  objects: readonly SourceObject[],
): boolean {
  return kind !== "noNodeSelected" ||
    objects.some((object) => object.kind === "Node" && isCore(object));
}

function problemFinding(
  { severity, transient, class: rule, kind, name, field, message }: Problem,
  objects: readonly SourceObject[],
  strict: boolean,
): Finding {
  const named = objects.filter((object) =>
    object.kind === kind && object.name === name
  );
  // Of two objects with one name the later one is at fault.
  const source = rule.startsWith("duplicate") ? named.at(-1) : named[0];
  const common = {
    severity: transient && !strict ? "warning" as const : severity,
    class: rule,
    message,
  };
  if (source === undefined) {
    return { file: "", line: 0, resource: "", path: field, ...common };
  }
  return { ...placeOf(source, field), ...common };
}
