/** Words for what is wrong with the configuration of the cluster access. */
export type AccessProblem =
  | "fileMissing"
  | "fileUnreadable"
  | "badYaml"
  | "badKubeconfig"
  | "unknownContext"
  | "badCertificate"
  | "notInCluster"
  | "unsupported"
  | "pluginFailed";

/** The configuration does not tell how to reach the cluster. */
export class AccessError extends Error {
  /** Name of the class, for logs. */
  override readonly name = "AccessError";
  /** What is wrong, as one word. */
  readonly reason: AccessProblem;

  /** Makes an error whose message says what, where and what to do. */
  constructor(
    message: string,
    options: { readonly reason: AccessProblem; readonly cause?: unknown },
  ) {
    super(message, { cause: options.cause });
    this.reason = options.reason;
  }
}
