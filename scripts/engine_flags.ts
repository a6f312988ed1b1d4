/** What the manifests give the engine, for who runs a speaker without them. */
const MANIFEST = new URL("../manifests/base/speaker.yaml", import.meta.url);

/** Flags of the engine that the manifests give the speaker. */
export const V8_FLAGS: readonly string[] = manifestFlags();

function manifestFlags(): readonly string[] {
  const text = Deno.readTextFileSync(MANIFEST);
  const flags = /name: DENO_V8_FLAGS\s+value: (\S+)/.exec(text)?.[1];
  if (flags === undefined) throw new Error(`No DENO_V8_FLAGS in ${MANIFEST}`);
  return flags.split(",");
}
