/** What the manifests set a role's process up with, for who runs one without them. */
const BASE = new URL("../manifests/base/", import.meta.url);

/** A role that has a manifest. */
export type ManifestRole = "controller" | "speaker";

/** What decides over memory: the engine's flags, and the C library's heaps. */
const SETTINGS = ["DENO_V8_FLAGS", "MALLOC_ARENA_MAX"];

/**
 * Variables of a role's environment that set its memory up, those that there
 * are. They are read when they are asked for: the lab's help may read nothing.
 */
export function manifestEnvironment(
  role: ManifestRole,
): Readonly<Record<string, string>> {
  const text = Deno.readTextFileSync(new URL(`${role}.yaml`, BASE));
  return Object.fromEntries(SETTINGS.flatMap((name) => {
    const found = new RegExp(`name: ${name}\\s+value: "?([^\\s"]+)`).exec(text);
    return found?.[1] === undefined ? [] : [[name, found[1]]];
  }));
}

/**
 * Flags of the engine that the manifests give the speaker.
 *
 * @throws {Error} When the manifest has none.
 */
export function manifestFlags(): readonly string[] {
  const { DENO_V8_FLAGS: flags } = manifestEnvironment("speaker");
  if (flags !== undefined) return flags.split(",");
  throw new Error("manifests/base/speaker.yaml has no DENO_V8_FLAGS");
}
