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
  const namespaces = await attempt(isolate(isolation, ["true"]));
  if (namespaces !== undefined) {
    const todo = isolation === "root"
      ? "run it with the capabilities of root (a container needs --privileged)"
      : "run it as root, or allow user namespaces: sysctl -w kernel.unprivileged_userns_clone=1, " +
        "and on Ubuntu kernel.apparmor_restrict_unprivileged_userns=0";
    throw new LabError(`Cannot make the lab's namespaces: ${todo}`, {
      detail: namespaces,
    });
  }
  const nftables = await attempt(
    isolate(isolation, ["nft", "list", "ruleset"]),
  );
  if (nftables !== undefined) {
    throw new LabError(
      "Cannot use nftables, the lab's stand-in for kube-proxy: install the " +
        "package nftables; the kernel needs nf_tables",
      { detail: nftables },
    );
  }
}

/** The `PATH` of a normal user on Debian lacks the folders of `nft`. */
function environment(): Record<string, string> {
  const path = Deno.env.get("PATH") ?? "/usr/local/bin:/usr/bin:/bin";
  return { PATH: `${path}:/usr/local/sbin:/usr/sbin:/sbin` };
}

/** Runs a command; gives what it said when it failed. */
async function attempt(
  [program = "", ...args]: readonly string[],
): Promise<string | undefined> {
  try {
    const { success, stderr } = await new Deno.Command(program, {
      args,
      stdin: "null",
      env: environment(),
    }).output();
    return success ? undefined : new TextDecoder().decode(stderr).trim();
  } catch (cause) {
    throw new LabError(
      `Cannot run "${program}": install the package util-linux`,
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
  const [program = "", ...args] = isolate(isolation, command);
  const child = new Deno.Command(program, {
    args,
    env: { ...environment(), [INSIDE_VARIABLE]: "1" },
  }).spawn();
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
