/** What the manifests give the engine, for who runs a speaker without them. */
const MANIFEST = new URL("../manifests/base/speaker.yaml", import.meta.url);

/**
 * Flags of the engine that the manifests give the speaker. They are read when
 * they are asked for: the lab's help may read nothing.
 *
 * @throws {Error} When the manifest has none.
 */
export function manifestFlags(): readonly string[] {
  const text = Deno.readTextFileSync(MANIFEST);
  const flags = /name: DENO_V8_FLAGS\s+value: (\S+)/.exec(text)?.[1];
  if (flags === undefined) throw new Error(`No DENO_V8_FLAGS in ${MANIFEST}`);
  return flags.split(",");
}
