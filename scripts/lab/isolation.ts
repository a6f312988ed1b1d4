/**
 * The lab runs inside mount, network and PID namespaces of its own. Whatever
 * ends it, the kernel then ends every process, interface, namespace and
 * temporary file with it: nothing has to be cleaned up, now or later.
 */
import { LabError } from "./lab_error.ts";

/** Set in the environment of the lab that runs inside the namespaces. */
export const INSIDE_VARIABLE = "HERALD_LAB_INSIDE";

/** How the namespaces are made: as root, or inside a user namespace. */
export type Isolation = "root" | "user";

/**
 * The command that runs another inside the lab's namespaces.
 *
 * `setpriv` ties `unshare` to the process that starts it, `--kill-child` ties
 * the command to `unshare`: a killed lab takes all of it along.
 *
 * @param isolation How the namespaces are made.
 * @param command The command to run inside.
 * @returns The arguments, the program first.
 */
export function isolate(
  isolation: Isolation,
  command: readonly string[],
): string[] {
  return [
    "setpriv",
    "--pdeathsig",
    "KILL",
    "unshare",
    ...(isolation === "user" ? ["--user", "--map-root-user"] : []),
    "--mount",
    "--net",
    "--pid",
    "--fork",
    "--kill-child",
    "--mount-proc",
    ...command,
  ];
}

/**
 * Checks that the namespaces can be made, with packet filters inside.
 *
 * @param isolation How they are to be made.
 * @throws {LabError} With what to do when they cannot.
 */
export async function checkIsolation(isolation: Isolation): Promise<void> {
  const namespaces = await attemptIsolated(isolation, ["true"]);
  if (!namespaces.success) {
    const todo = isolation === "root"
      ? "run it with the capabilities of root (a container needs --privileged)"
      : "run it as root, or allow user namespaces: sysctl -w kernel.unprivileged_userns_clone=1, " +
        "and on Ubuntu kernel.apparmor_restrict_unprivileged_userns=0";
    throw new LabError(`Cannot make the lab's namespaces: ${todo}`, {
      detail: namespaces.stderr,
    });
  }
  const nftables = await attemptIsolated(isolation, ["nft", "list", "ruleset"]);
  if (!nftables.success) {
    throw new LabError(
      "Cannot use nftables, which forwards on the lab's nodes: install the " +
        "package nftables; the kernel needs nf_tables",
      { detail: nftables.stderr },
    );
  }
}

/** The `PATH` of a normal user on Debian lacks the folders of `nft`. */
function environment(): Record<string, string> {
  const path = Deno.env.get("PATH") ?? "/usr/local/bin:/usr/bin:/bin";
  return { PATH: `${path}:/usr/local/sbin:/usr/sbin:/sbin` };
}

/**
 * A command inside the lab's namespaces, ready to be started.
 *
 * @param isolation How the namespaces are made.
 * @param command The command.
 * @param options Where its input comes from and its output goes.
 */
export function isolatedCommand(
  isolation: Isolation,
  command: readonly string[],
  options: Pick<Deno.CommandOptions, "stdin" | "stdout" | "stderr"> = {},
): Deno.Command {
  const [program = "", ...args] = isolate(isolation, command);
  const env = { ...environment(), [INSIDE_VARIABLE]: "1" };
  return new Deno.Command(program, { args, env, ...options });
}

/** How a command ended, and what it wrote. */
export interface Attempt {
  readonly success: boolean;
  readonly stdout: string;
  readonly stderr: string;
}

/**
 * Runs a command inside namespaces that end with it.
 *
 * @param isolation How the namespaces are made.
 * @param command The command.
 * @throws {LabError} Without the program that makes namespaces.
 */
export async function attemptIsolated(
  isolation: Isolation,
  command: readonly string[],
): Promise<Attempt> {
  const decoder = new TextDecoder();
  try {
    const { success, stdout, stderr } = await isolatedCommand(
      isolation,
      command,
      { stdin: "null" },
    ).output();
    return {
      success,
      stdout: decoder.decode(stdout).trim(),
      stderr: decoder.decode(stderr).trim(),
    };
  } catch (cause) {
    throw new LabError(
      "Cannot make namespaces: install the package util-linux",
      { cause },
    );
  }
}

/**
 * Runs a command inside the namespaces, on this terminal.
 *
 * @param isolation How the namespaces are made.
 * @param command The command.
 * @returns Its exit code.
 */
export async function runIsolated(
  isolation: Isolation,
  command: readonly string[],
): Promise<number> {
  const child = isolatedCommand(isolation, command).spawn();
  // The terminal sends SIGINT to the whole group: the lab inside ends on it.
  const wait = (): void => {};
  // SIGKILL, because `unshare` blocks the others while it waits.
  const end = (): void => child.kill("SIGKILL");
  Deno.addSignalListener("SIGINT", wait);
  Deno.addSignalListener("SIGTERM", end);
  Deno.addSignalListener("SIGHUP", end);
  try {
    return (await child.status).code;
  } finally {
    Deno.removeSignalListener("SIGINT", wait);
    Deno.removeSignalListener("SIGTERM", end);
    Deno.removeSignalListener("SIGHUP", end);
  }
}
