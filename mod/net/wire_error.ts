/**
 * Bytes do not form the message that they should (or a value does not fit the
 * field that it is written to). The only error that the codecs throw.
 */
export class WireError extends RangeError {
  /** The class's name, for logs. */
  override readonly name = "WireError";
  /** Name of the field, in the words of the RFC. */
  readonly field: string;
  /** Byte offset of that field in the buffer given to the codec. */
  readonly offset: number;

  /**
   * Makes the error.
   *
   * @param field Name of the field.
   * @param offset Byte offset of the field.
   * @param problem What is wrong; field and offset are put in front.
   * @param options The error underneath, if any.
   */
  constructor(
    field: string,
    offset: number,
    problem: string,
    options?: ErrorOptions,
  ) {
    super(`Malformed ${field} at byte ${offset}: ${problem}`, options);
    this.field = field;
    this.offset = offset;
  }
}
