/** Tokens, certificates and keys: where they are, and reading them. */
import { AccessError } from "./access_error.ts";

/** A credential in the configuration itself or in a file that may be rotated. */
export type Material =
  | { readonly kind: "inline"; readonly text: string; readonly origin: string }
  | { readonly kind: "file"; readonly path: string; readonly origin: string };

/** Reads a file as text; `Deno.readTextFile` is one. */
export type ReadTextFile = (path: string) => Promise<string>;

/** Reads a file, or says which one, why not, and what to do. */
export async function readFile(
  read: ReadTextFile,
  path: string,
  origin: string,
): Promise<string> {
  try {
    return await read(path);
  } catch (cause) {
    const name = cause instanceof Error ? cause.name : "";
    throw new AccessError(
      `Cannot read "${path}" (${origin}): ${whyUnreadable(name, path, cause)}`,
      { reason: name === "NotFound" ? "fileMissing" : "fileUnreadable", cause },
    );
  }
}

function whyUnreadable(name: string, path: string, cause: unknown): string {
  switch (name) {
    case "NotFound":
      return "there is no such file";
    case "NotCapable":
      return `Deno was not allowed to; add --allow-read=${path}`;
    case "PermissionDenied":
      return "this user may not read it";
    default:
      return cause instanceof Error ? cause.message : String(cause);
  }
}

/** The text of a credential as it is now. */
export async function readMaterial(
  read: ReadTextFile,
  material: Material,
): Promise<string> {
  if (material.kind === "inline") return material.text;
  return await readFile(read, material.path, material.origin);
}

/** Base64 to text, or an error that names the field. */
export function decodeBase64(data: string, origin: string): string {
  try {
    const bytes = Uint8Array.from(
      atob(data.replace(/\s+/g, "")),
      (character) => character.charCodeAt(0),
    );
    return new TextDecoder().decode(bytes);
  } catch (cause) {
    throw new AccessError(
      `Cannot decode ${origin}: it is not Base64; copy it from the cluster again`,
      { reason: "badCertificate", cause },
    );
  }
}

/** Checks that a PEM text holds what it should, before TLS says less about it. */
export function requirePem(
  pem: string,
  label: "CERTIFICATE" | "PRIVATE KEY",
  origin: string,
): string {
  if (new RegExp(`-----BEGIN [A-Z ]*${label}-----`).test(pem)) return pem;
  throw new AccessError(
    `Cannot use ${origin}: it holds no PEM block "BEGIN ${label}"`,
    { reason: "badCertificate" },
  );
}
