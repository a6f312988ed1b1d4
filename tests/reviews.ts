/** Reviews as the API server sends them. */

type Json = Readonly<Record<string, unknown>>;

/** A write as a test describes it. */
export interface ReviewedWrite {
  readonly kind: string;
  /** Version of the kind. Default: `v1beta1`. */
  readonly version?: string;
  readonly operation?: string;
  readonly namespace?: string;
  readonly subResource?: string;
  readonly object?: unknown;
  readonly oldObject?: unknown;
}

/** The `AdmissionReview` that asks about a write. */
export function admissionQuestion(write: ReviewedWrite): Json {
  const { version = "v1beta1", kind, object, oldObject } = write;
  return {
    apiVersion: "admission.k8s.io/v1",
    kind: "AdmissionReview",
    request: {
      uid: "705ab4f5-6393-11e8-b7cc-42010a800002",
      kind: { group: "metallb.io", version, kind },
      operation: write.operation ?? "CREATE",
      namespace: write.namespace ?? "metallb-system",
      name: "",
      userInfo: { username: "admin" },
      object: object ?? null,
      oldObject: oldObject ?? null,
      dryRun: false,
      ...write.subResource === undefined
        ? {}
        : { subResource: write.subResource },
    },
  };
}

/** The `ConversionReview` that wants objects in another version. */
export function conversionQuestion(
  desiredAPIVersion: unknown,
  objects: unknown,
): Json {
  return {
    apiVersion: "apiextensions.k8s.io/v1",
    kind: "ConversionReview",
    request: {
      uid: "705ab4f5-6393-11e8-b7cc-42010a800002",
      desiredAPIVersion,
      objects,
    },
  };
}
