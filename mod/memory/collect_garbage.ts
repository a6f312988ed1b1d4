/**
 * Collects the garbage of this thread's heap, where the engine runs with
 * --expose-gc, as in the manifests; elsewhere it does nothing.
 */
export function collectGarbage(): void {
  const { gc } = globalThis as { readonly gc?: () => void };
  gc?.();
}
