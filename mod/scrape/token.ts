/** The token of a request, and what stands for it in memory. */
import { createHash } from "node:crypto";

/** A service account's token is some 1,000 characters long. */
const MAX_LENGTH = 8192;

/**
 * The token in an `authorization` header (RFC 6750 section 2.1).
 *
 * @returns Nothing when there is none, or none that can be one.
 */
export function bearerToken(header: string | null): string | undefined {
  const [, token = ""] = /^bearer +([\w.~+/-]+=*)$/i.exec(header ?? "") ?? [];
  return token === "" || token.length > MAX_LENGTH ? undefined : token;
}

/** SHA-256 of a token: what was decided is remembered by it, never by the token. */
export function tokenKey(token: string): string {
  return createHash("sha256").update(token).digest("base64");
}
