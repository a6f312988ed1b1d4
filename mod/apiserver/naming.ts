/** Names of objects: generated ones, and which are allowed. */
import type { Kind } from "./kinds.ts";
import { type Cause, invalidValue, requiredValue } from "./status.ts";

/** Letters of generated suffixes: no vowels, so no words. */
const LETTERS = "bcdfghjklmnpqrstvwxz2456789";
const SUFFIX_LENGTH = 5;
const MAX_GENERATE_BASE = 58;

/** A name made of `generateName` and five random letters. */
export function generatedName(base: string): string {
  const bytes = crypto.getRandomValues(new Uint8Array(SUFFIX_LENGTH));
  const suffix = Array.from(bytes, (byte) => LETTERS[byte % LETTERS.length]);
  return base.slice(0, MAX_GENERATE_BASE) + suffix.join("");
}

const LABEL = /^[a-z0-9](?:[-a-z0-9]{0,61}[a-z0-9])?$/;
const SUBDOMAIN =
  /^(?=.{1,253}$)[a-z0-9](?:[-a-z0-9]*[a-z0-9])?(?:\.[a-z0-9](?:[-a-z0-9]*[a-z0-9])?)*$/;

/** Kinds whose names become DNS labels; all others are DNS subdomains (RFC 1123). */
const LABEL_KINDS = ["Service", "Namespace"];

/** What is wrong with a name, if anything. */
export function nameCauses(kind: Kind, name: string): Cause[] {
  const field = "metadata.name";
  if (name === "") {
    return [requiredValue(field, "name or generateName is required")];
  }
  if (LABEL_KINDS.includes(kind.kind)) {
    const why =
      "a lowercase RFC 1123 label must consist of lower case alphanumeric characters or '-', and must start and end with an alphanumeric character (e.g. 'my-name',  or '123-abc', regex used for validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?')";
    return LABEL.test(name) ? [] : [invalidValue(field, name, why)];
  }
  const why =
    "a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and must start and end with an alphanumeric character";
  return SUBDOMAIN.test(name) ? [] : [invalidValue(field, name, why)];
}
