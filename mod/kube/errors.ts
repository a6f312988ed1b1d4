/** From failed calls to {@linkcode KubeError}. */
import { KubeError } from "./port.ts";
import { integer, isRecord, text } from "./projection.ts";

/** Words for calls that got no answer; the `reason` of a `KubeError` of code 0. */
export type NoAnswerReason =
  | "aborted"
  | "badAnswer"
  | "badRequest"
  | "certificateRefused"
  | "connectionFailed"
  | "credentialsFailed"
  | "timeout"
  | "tooLarge"
  | "watchStalled";

/** Makes the error of a call that got no usable answer. */
export function noAnswer(
  action: string,
  reason: NoAnswerReason,
  detail: string,
  cause?: unknown,
): KubeError {
  return new KubeError(`Cannot ${action}: ${detail}`, {
    code: 0,
    reason,
    cause,
  });
}

/** Makes the error of a `metav1.Status`, from an answer or an ERROR event. */
export function statusError(
  action: string,
  status: unknown,
  answer: { readonly code: number; readonly retryAfter?: string | null },
): KubeError {
  const raw = isRecord(status) ? status : {};
  const code = integer(raw["code"]) ?? answer.code;
  const reason = text(raw["reason"]) ?? `http${code}`;
  const message = text(raw["message"]) ?? "the server gave no message";
  return new KubeError(`Cannot ${action}: ${code} ${reason}: ${message}`, {
    code,
    reason,
    retryAfterMs: retryAfterMs(raw, answer.retryAfter),
  });
}

function retryAfterMs(
  status: Readonly<Record<string, unknown>>,
  header: string | null | undefined,
): number | undefined {
  const details = isRecord(status["details"]) ? status["details"] : {};
  const seconds = header ? Number(header) : details["retryAfterSeconds"];
  if (typeof seconds !== "number" || !(seconds > 0)) return undefined;
  return seconds * 1000;
}

/** The innermost message of a failed `fetch`, which says what really happened. */
export function rootMessage(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  return error.cause === undefined ? error.message : rootMessage(error.cause);
}

/** Makes the error of a `fetch` that was rejected. */
export function fetchError(action: string, cause: unknown): KubeError {
  const detail = rootMessage(cause);
  if (/invalid peer certificate|received fatal alert/.test(detail)) {
    return noAnswer(
      action,
      "certificateRefused",
      `${detail}; check certificate-authority and the client certificate`,
      cause,
    );
  }
  return noAnswer(action, "connectionFailed", detail, cause);
}
