import type { DesiredState } from "./desired_state.ts";

/**
 * A text that is another one when anything that is to be done is. It holds the
 * keys: it is to be compared, and neither kept elsewhere nor shown.
 */
export function signatureOf(state: DesiredState): string {
  return JSON.stringify(
    state,
    (_, value) =>
      typeof value === "bigint"
        ? String(value)
        : value instanceof Uint8Array
        ? value.join()
        : value,
  );
}
