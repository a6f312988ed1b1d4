/** A lab that cannot go on: what failed, and what the person can do. */
export class LabError extends Error {
  /** Name of the class, for logs. */
  override readonly name = "LabError";
  /** Output of the process that the failure is about, if there is one. */
  readonly detail: string;

  /**
   * @param message What failed, where, and what to do.
   * @param options `detail`: output that explains it, several lines allowed.
   */
  constructor(
    message: string,
    options: { readonly detail?: string; readonly cause?: unknown } = {},
  ) {
    super(message, { cause: options.cause });
    this.detail = options.detail ?? "";
  }
}
