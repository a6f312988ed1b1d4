/** Why a text was refused, in one word. */
export type ParseReason =
  | "ipInvalid"
  | "macInvalid"
  | "cidrInvalid"
  | "rangeEndpointInvalid"
  | "rangeReversed"
  | "rangeMixedFamilies";

/**
 * A text is not the address, prefix, range or MAC that it should be.
 *
 * @example Usage
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { ParseError, parseIp } from "./mod.ts";
 *
 * try {
 *   parseIp("192.0.2.01");
 * } catch (error) {
 *   if (!(error instanceof ParseError)) throw error;
 *   assertEquals(error.reason, "ipInvalid");
 *   assertEquals(error.text, "192.0.2.01");
 * }
 * ```
 */
export class ParseError extends SyntaxError {
  /** The class's name, for logs. */
  override readonly name = "ParseError";
  /** The refused text, unchanged. */
  readonly text: string;
  /** The kind of refusal. */
  readonly reason: ParseReason;

  /**
   * Makes the error.
   *
   * @param reason The kind of refusal.
   * @param text The refused text.
   * @param message What is wrong with it; the text itself is put in front.
   * @param options The error underneath, if any.
   */
  constructor(
    reason: ParseReason,
    text: string,
    message: string,
    options?: ErrorOptions,
  ) {
    super(`Cannot parse ${JSON.stringify(text)}: ${message}`, options);
    this.reason = reason;
    this.text = text;
  }
}
