/**
 * Runs a role out of the image's files as a container runtime does it for the
 * Pod of `manifests/base`: in namespaces of its own, with a root that cannot be
 * written, as the Pod's user, with the Pod's capabilities and no others.
 */
import type { ProcessConfig } from "./built_image.ts";
import { environmentOf, type PodContainer } from "./pod_manifest.ts";
import { RoleProcess } from "./role_process.ts";

/** Where the kubelet mounts the service account's files. */
export const ACCOUNT = "/var/run/secrets/kubernetes.io/serviceaccount";

/** Where the kubelet mounts the Secret of the speakers. */
const MEMBERLIST = "/etc/ml_secret_key";

/** Mount points that a runtime adds to an image's files. */
const MOUNT_POINTS = ["/proc", "/dev", ACCOUNT, MEMBERLIST];

const DEVICES = ["null", "zero", "random", "urandom"];

/** The last thing that it does is to become the container's process. */
const SCRIPT = `set -eu
root=$1 account=$2
shift 2
mount --bind "$root" "$root"
mount -t proc -o nosuid,nodev,noexec proc "$root/proc"
mount -t tmpfs -o nosuid,noexec,size=64k tmpfs "$root/dev"
for device in ${DEVICES.join(" ")}; do
  : > "$root/dev/$device"
  mount --bind "/dev/$device" "$root/dev/$device"
done
mount -o remount,ro,nosuid,noexec "$root/dev"
mount --bind "$account" "$root${ACCOUNT}"
mount -o remount,bind,ro,nosuid,nodev,noexec "$root${ACCOUNT}"
mount --bind "$account" "$root${MEMBERLIST}"
mount -o remount,bind,ro,nosuid,nodev,noexec "$root${MEMBERLIST}"
mount -o remount,bind,ro,nosuid,nodev "$root"
exec "$@"
`;

/** What it takes to change the root and the user; gone once that is done. */
const TO_GET_THERE = ["sys_chroot", "setuid", "setgid", "setpcap"];

/** A container to start. */
export interface ContainerOptions {
  /** Folder with the image's files. */
  readonly root: string;
  /** Folder with the service account's files, and that of the speakers' Secret. */
  readonly account: string;
  readonly process: ProcessConfig;
  readonly pod: PodContainer;
  /** Values of the Pod's fields, by their paths. */
  readonly fields: Readonly<Record<string, string>>;
  /** Where the API is, as the kubelet tells. */
  readonly api: { readonly host: string; readonly port: number };
  /** Address of the role's HTTP port. */
  readonly address: string;
}

/** A started container. */
export interface Container extends AsyncDisposable {
  readonly role: RoleProcess;
  /** Process id of the role, as this process sees it. */
  readonly pid: () => Promise<number>;
}

/** Makes the mount points; what a runtime does before it starts anything. */
export async function makeMountPoints(root: string): Promise<void> {
  for (const path of MOUNT_POINTS) {
    await Deno.mkdir(root + path, { recursive: true });
  }
}

/** The command that becomes the Pod's container, its output piped. */
export function containerCommand(options: ContainerOptions): Deno.Command {
  const { root, account, process, pod, fields, api } = options;
  const environment = [
    ...process.Env,
    `KUBERNETES_SERVICE_HOST=${api.host}`,
    `KUBERNETES_SERVICE_PORT=${api.port}`,
    ...environmentOf(pod, fields),
  ];
  const [program = "", ...args] = [
    ...["setpriv", "--pdeathsig", "KILL"],
    ...["unshare", "--pid", "--fork", "--kill-child"],
    ...["--mount", "--propagation", "private"],
    ...pod.hostNetwork ? [] : ["--net"],
    ...["sh", "-c", SCRIPT, "sh", root, account],
    ...["env", "-i", ...environment],
    ...confined(options),
  ];
  return new Deno.Command(program, {
    args,
    stdin: "null",
    stdout: "piped",
    stderr: "piped",
  });
}

/** Starts the Pod's container. */
export function startContainer(options: ContainerOptions): Container {
  const child = containerCommand(options).spawn();
  let hasEnded = false;
  child.status.then(() => hasEnded = true);
  const pid = () => childOf(child.pid, () => hasEnded);
  const role = RoleProcess.adopt(child, {
    address: options.address,
    terminate: async () => Deno.kill(await pid(), "SIGTERM"),
  });
  return { role, pid, [Symbol.asyncDispose]: () => role.stop().then(() => {}) };
}

/** The command, behind what takes privileges away. */
function confined({ root, process, pod }: ContainerOptions): string[] {
  const { security, command, args } = pod;
  const [program = "", ...rest] = [...command, ...args];
  const [imageUser, imageGroup] = process.User.split(":").map(Number);
  const user = security.runAsUser ?? imageUser;
  const group = security.runAsGroup ??
    (security.runAsUser === undefined ? imageGroup : 0);
  const kept = (security.capabilities?.add ?? []).map((name) =>
    name.toLowerCase()
  );
  const bounding = [
    "-all",
    ...[...kept, ...TO_GET_THERE].map((name) => `+${name}`),
  ];
  return [
    ...["setpriv", "--inh-caps=-all", `--bounding-set=${bounding.join()}`],
    // The environment is the container's already, its PATH too.
    "/sbin/capsh",
    `--chroot=${root}`,
    `--drop=${TO_GET_THERE.map((name) => `cap_${name}`).join()}`,
    ...security.allowPrivilegeEscalation === false ? ["--no-new-privs"] : [],
    ...[`--gid=${group}`, "--groups=", `--uid=${user}`],
    ...[`--shell=/usr/bin/${program}`, "--", ...rest],
  ];
}

/** The only child of a process, once there is one. */
async function childOf(
  parent: number,
  hasEnded: () => boolean,
): Promise<number> {
  while (!hasEnded()) {
    const { stdout } = await new Deno.Command("ps", {
      args: ["-o", "pid=", "--ppid", String(parent)],
    }).output();
    const pid = Number(new TextDecoder().decode(stdout).trim());
    if (pid > 0) return pid;
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
  throw new TypeError("The container has ended");
}
