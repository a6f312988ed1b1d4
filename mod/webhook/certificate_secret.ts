/** The Secret of the webhooks' certificates. */
import type {
  CertificateData,
  CertificateSecret,
} from "../certificates/mod.ts";
import {
  defineResource,
  type KubeObject,
  type Raw,
  record,
  type Resource,
  text,
} from "../kube/mod.ts";

/** `v1.Secret`, the fields in use. */
export interface Secret extends KubeObject {
  /** Values in base64. */
  readonly data: Raw;
}

/** `v1` Secrets. */
export const SECRETS: Resource<Secret> = defineResource({
  group: "",
  version: "v1",
  plural: "secrets",
  kind: "Secret",
  namespaced: true,
  fields: ({ data }) => ({ data: record(data) }),
});

/** The certificates of a Secret; what cannot be read is not there. */
export function readCertificates({ data }: Secret): CertificateSecret {
  return {
    "ca.crt": decode(data["ca.crt"]),
    "ca.key": decode(data["ca.key"]),
    "tls.crt": decode(data["tls.crt"]),
    "tls.key": decode(data["tls.key"]),
  };
}

function decode(value: unknown): string | undefined {
  const encoded = text(value);
  if (encoded === undefined) return undefined;
  try {
    return atob(encoded);
  } catch (error) {
    if (error instanceof DOMException) return undefined;
    throw error;
  }
}

/** Certificates as `data` of a Secret. */
export function writeCertificates(
  certificates: CertificateData,
): Readonly<Record<string, string>> {
  return Object.fromEntries(
    Object.entries(certificates).map(([key, pem]) => [key, btoa(pem)]),
  );
}
