/** What a kind of custom resource is, and the decoding of one object of it. */
import {
  type FieldProblem,
  object,
  type Report,
  type Schema,
  text,
  textMap,
} from "./schema.ts";

/** A column of `kubectl get`. */
export interface PrinterColumn {
  /** Heading. */
  readonly name: string;
  /** Type of the values. */
  readonly type: "string" | "boolean" | "integer" | "date";
  /** What the column shows. */
  readonly description: string;
  /** Where the value stands in the object. */
  readonly jsonPath: string;
  /** Shown only with `-o wide` when above 0. */
  readonly priority?: number;
}

/**
 * The definition of a kind in one version: source of its decoder and of its
 * CRD.
 */
export interface KindDefinition<Spec, Status = unknown> {
  /** API group. */
  readonly group: string;
  /** API version. */
  readonly version: string;
  /** Kind, as in manifests. */
  readonly kind: string;
  /** Name in URLs. */
  readonly plural: string;
  /** Name of one object for kubectl. */
  readonly singular: string;
  /** What the kind is for. */
  readonly description: string;
  /** Fields of `spec`. */
  readonly spec: Schema<Spec>;
  /** What `spec` says. */
  readonly specDescription: string;
  /** Whether an object has to have a `spec`, may have one, or never has. */
  readonly specPresence: "required" | "optional" | "none";
  /** Fields of `status`. */
  readonly status: Schema<Status>;
  /** What `status` says. */
  readonly statusDescription: string;
  /** Columns of `kubectl get`. */
  readonly columns: readonly PrinterColumn[];
}

/** The metadata that the configuration depends on. */
export interface ResourceMetadata {
  /** `metadata.name`. */
  readonly name: string;
  /** `metadata.labels`. */
  readonly labels: Readonly<Record<string, string>>;
  /** `metadata.annotations`. */
  readonly annotations: Readonly<Record<string, string>>;
}

/** A resource and what was wrong with it; wrong fields have their zero value. */
export interface Decoded<Spec> {
  /** `metadata`, as far as it is used. */
  readonly metadata: ResourceMetadata;
  /** `spec`, with defaults. */
  readonly spec: Spec;
  /** In the order of the definition's fields; empty when all types are right. */
  readonly problems: readonly FieldProblem[];
}

const metadataSchema = object<ResourceMetadata>({
  name: { schema: text, description: "Name." },
  labels: { schema: textMap, description: "Labels." },
  annotations: { schema: textMap, description: "Annotations." },
});

/** Decodes an object of the given kind. Never throws, whatever it is given. */
export function decodeResource<Spec>(
  definition: KindDefinition<Spec>,
  raw: unknown,
): Decoded<Spec> {
  const problems: FieldProblem[] = [];
  const report: Report = (problem) => problems.push(problem);
  const { metadata = {}, spec = {} } = parts.decode(raw, "", report);
  return {
    metadata: metadataSchema.decode(metadata, "metadata", report),
    spec: definition.spec.decode(spec, "spec", report),
    problems,
  };
}

/** A status and what was wrong with it; wrong fields have their zero value. */
export interface DecodedStatus<Status> {
  /** `metadata`, as far as it is used. */
  readonly metadata: ResourceMetadata;
  /** `status`, with zero values for what is absent. */
  readonly status: Status;
  /** In the order of the definition's fields; empty when all types are right. */
  readonly problems: readonly FieldProblem[];
}

/** Decodes the status of an object. Never throws, whatever it is given. */
export function decodeStatus<Status>(
  definition: KindDefinition<unknown, Status>,
  raw: unknown,
): DecodedStatus<Status> {
  const problems: FieldProblem[] = [];
  const report: Report = (problem) => problems.push(problem);
  const { metadata = {}, status = {} } = parts.decode(raw, "", report);
  return {
    metadata: metadataSchema.decode(metadata, "metadata", report),
    status: definition.status.decode(status, "status", report),
    problems,
  };
}

const anything: Schema<unknown> = {
  openApi: {},
  zero: () => undefined,
  decode: (value) => value,
};

const parts = object<
  { metadata?: unknown; spec?: unknown; status?: unknown }
>({
  metadata: { schema: anything, description: "Metadata.", optional: true },
  spec: { schema: anything, description: "Spec.", optional: true },
  status: { schema: anything, description: "Status.", optional: true },
});
