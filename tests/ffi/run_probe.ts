import { openLibrary } from "../../ffi/mod.ts";

/** How to start the probe; see {@link runProbe}. */
export interface ProbeOptions {
  /** Permission flags of `deno run`; default: ffi for the one library path. */
  readonly permissions?: readonly string[];
  /** A command, with its arguments, that starts Deno: `setpriv …`. */
  readonly through?: readonly string[];
}

/** What the probe printed: its finding, or the `NativeError` that it met. */
export type ProbeResult = Readonly<Record<string, unknown>>;

/** `--allow-ffi` for the library's path on this machine, and nothing more. */
export function scopedPermission(): string {
  using library = openLibrary();
  return `--allow-ffi=${library.path}`;
}

/**
 * Runs `probe.ts` in a process of its own, without prompts.
 *
 * @throws {Error} with its output when it ends in another way than it should.
 */
export function runProbe(
  args: readonly string[],
  options: ProbeOptions = {},
): ProbeResult {
  const [command = "", ...rest] = [
    ...(options.through ?? []),
    Deno.execPath(),
    "run",
    "--quiet",
    "--no-prompt",
    ...(options.permissions ?? [scopedPermission()]),
    new URL("probe.ts", import.meta.url).pathname,
    ...args,
  ];
  const { success, stdout, stderr } = new Deno.Command(command, {
    args: rest,
    env: { NO_COLOR: "1" },
  }).outputSync();
  const decoder = new TextDecoder();
  if (!success) {
    throw new Error(`Cannot run the probe: ${decoder.decode(stderr)}`);
  }
  return JSON.parse(decoder.decode(stdout));
}
