/** The forms in which objects are answered: as they are, as a Table, as metadata only. */
import { type JsonObject, omit } from "./json.ts";
import { columnsOf } from "./columns.ts";
import type { Kind } from "./kinds.ts";
import type { ApiObject } from "./object.ts";
import { notAcceptable } from "./status.ts";

/** A form of objects. */
export type Representation = "object" | "table" | "metadata";

const BY_PARAMETER: Readonly<Record<string, Representation>> = {
  Table: "table",
  PartialObjectMetadata: "metadata",
  PartialObjectMetadataList: "metadata",
};

/** The first form of an `Accept` header that the server has. Throws a refusal (406). */
export function chooseRepresentation(accept: string | null): Representation {
  for (const range of (accept ?? "*/*").split(",")) {
    const [type = "", ...parameters] = range.split(";").map((part) =>
      part.trim()
    );
    if (!["application/json", "application/*", "*/*"].includes(type)) continue;
    const as = parameters.find((parameter) => parameter.startsWith("as="));
    if (as === undefined) return "object";
    const form = BY_PARAMETER[as.slice("as=".length)];
    if (form !== undefined) return form;
  }
  throw notAcceptable();
}

function metadataOnly({ metadata }: ApiObject): JsonObject {
  return {
    kind: "PartialObjectMetadata",
    apiVersion: "meta.k8s.io/v1",
    metadata,
  };
}

function tableRow(
  kind: Kind,
  object: ApiObject,
  now: number,
  includeObject: string,
): JsonObject {
  const cells = columnsOf(kind).map(({ cell }) => cell(object, now));
  switch (includeObject) {
    case "None":
      return { cells };
    case "Object":
      return { cells, object };
    default:
      return { cells, object: metadataOnly(object) };
  }
}

/** How a request wants its objects. */
export interface Presentation {
  readonly kind: Kind;
  readonly representation: Representation;
  /** `includeObject` of the query: `None`, `Metadata` (default) or `Object`. */
  readonly includeObject: string;
  /** ms since 1970, for ages. */
  readonly now: number;
}

/** A `meta.k8s.io/v1` Table; heads are left out after a watch's first event. */
export function presentTable(
  presentation: Presentation,
  objects: readonly ApiObject[],
  metadata: JsonObject,
  withHeads = true,
): JsonObject {
  const { kind, now, includeObject } = presentation;
  const heads = columnsOf(kind).map(({ name, priority }) => ({
    name,
    type: "string",
    format: name === "Name" ? "name" : "",
    description: "",
    priority,
  }));
  return {
    kind: "Table",
    apiVersion: "meta.k8s.io/v1",
    metadata,
    columnDefinitions: withHeads ? heads : [],
    rows: objects.map((object) => tableRow(kind, object, now, includeObject)),
  };
}

/** One object in the form asked for. */
export function presentObject(
  presentation: Presentation,
  object: ApiObject,
  withHeads = true,
): JsonObject {
  const { resourceVersion = "" } = object.metadata;
  switch (presentation.representation) {
    case "object":
      return object;
    case "metadata":
      return metadataOnly(object);
    case "table":
      return presentTable(
        presentation,
        [object],
        { resourceVersion },
        withHeads,
      );
  }
}

/** A list in the form asked for; `metadata` is the list's own. */
export function presentList(
  presentation: Presentation,
  objects: readonly ApiObject[],
  metadata: JsonObject,
): JsonObject {
  const { kind, representation } = presentation;
  switch (representation) {
    case "table":
      return presentTable(presentation, objects, metadata);
    case "metadata":
      return {
        kind: "PartialObjectMetadataList",
        apiVersion: "meta.k8s.io/v1",
        metadata,
        items: objects.map(metadataOnly),
      };
    case "object":
      return {
        kind: `${kind.kind}List`,
        apiVersion: kind.group === ""
          ? kind.version
          : `${kind.group}/${kind.version}`,
        metadata,
        // Lists of built-in kinds name the kind once, for all items.
        items: kind.custom
          ? objects
          : objects.map((object) => omit(object, ["apiVersion", "kind"])),
      };
  }
}
