/** Whether bytes are the same; `null` counts as none. */
export function equalBytes(
  a: Uint8Array | null,
  b: Uint8Array | null,
): boolean {
  const [left, right] = [a ?? [], b ?? []];
  return left.length === right.length &&
    left.every((byte, index) => byte === right[index]);
}
