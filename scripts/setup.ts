/**
 * Sees to it that the machine has what the tasks need: installs it with apt as
 * root on Debian or Ubuntu, else says exactly what to install. Quiet and fast
 * when all is there.
 *
 * Usage: deno task setup [run|test|bench|image …] [--check]
 */

/** A task that needs something. */
export type Need = "run" | "test" | "bench" | "image";

const NEEDS: readonly Need[] = ["run", "test", "bench", "image"];

/** A package of Debian and Ubuntu and how to see that it is there. */
export interface Requirement {
  /** Name of the package. */
  readonly package: string;
  /** A program in `PATH`, or any of these files. */
  readonly evidence:
    | { readonly program: string }
    | { readonly anyFile: readonly string[] };
  readonly needs: readonly Need[];
  /** Without it something is left out, and says so; the task still runs. */
  readonly optional?: true;
  /** What it is for, as the person reads it. */
  readonly why: string;
}

/** Everything that the tasks need of the machine, besides Deno. */
export const REQUIREMENTS: readonly Requirement[] = [
  {
    package: "libpcap0.8",
    evidence: {
      anyFile: [
        "/usr/lib/x86_64-linux-gnu/libpcap.so.0.8",
        "/usr/lib/aarch64-linux-gnu/libpcap.so.0.8",
        "/usr/lib64/libpcap.so.1",
        "/usr/lib/libpcap.so.1",
      ],
    },
    needs: ["run", "test", "bench"],
    why: "raw frames",
  },
  {
    package: "iproute2",
    evidence: { program: "ip" },
    needs: ["run", "test", "bench"],
    why: "network namespaces",
  },
  {
    package: "util-linux",
    evidence: { program: "unshare" },
    needs: ["run", "test", "bench"],
    why: "private namespaces, dropped capabilities",
  },
  {
    package: "nftables",
    evidence: { program: "nft" },
    needs: ["run", "test"],
    why: "the rules of kube-proxy or of its stand-in",
  },
  {
    package: "procps",
    evidence: { program: "ps" },
    needs: ["test", "bench"],
    why: "threads and memory of processes",
  },
  {
    package: "etcd-server",
    evidence: { program: "etcd" },
    needs: ["test"],
    optional: true,
    why: "tests against a real kube-apiserver",
  },
  {
    package: "libcap2-bin",
    evidence: { program: "capsh" },
    needs: ["test"],
    why: "the roles as their Pods run them, from the image",
  },
  {
    package: "debian-archive-keyring",
    evidence: {
      anyFile: ["/usr/share/keyrings/debian-archive-keyring.gpg"],
    },
    needs: ["test", "image"],
    why: "the signatures of the packages in the image",
  },
  {
    package: "gcc",
    evidence: { program: "cc" },
    needs: ["bench"],
    why: "the reference responder in C",
  },
  {
    package: "libpcap0.8-dev",
    evidence: { anyFile: ["/usr/include/pcap/pcap.h"] },
    needs: ["bench"],
    why: "the reference responder in C",
  },
];

/** What to do about missing packages. */
export type Plan =
  | { readonly kind: "nothing" }
  | { readonly kind: "install"; readonly packages: readonly string[] }
  | {
    readonly kind: "tell";
    readonly message: string;
    /** Whether the task can run all the same. */
    readonly goOn: boolean;
  };

/** What is known about the machine. */
export interface Machine {
  readonly missing: readonly Requirement[];
  readonly root: boolean;
  /** Whether it has apt-get. */
  readonly apt: boolean;
}

/**
 * Decides what to do.
 *
 * @param machine What is missing and what the user may do.
 * @param options `check`: only say what is missing.
 * @returns The decision.
 */
export function planSetup(
  machine: Machine,
  options: { readonly check: boolean },
): Plan {
  const { missing, root, apt } = machine;
  if (missing.length === 0) return { kind: "nothing" };
  const packages = missing.map((requirement) => requirement.package);
  if (root && apt && !options.check) return { kind: "install", packages };
  const reasons = missing.map(({ package: name, why }) => `  ${name}: ${why}`);
  const todo = apt
    ? `Install it: ${root ? "" : "sudo "}apt-get install -y ${
      packages.join(" ")
    }`
    : "Install what your distribution calls these packages of Debian.";
  return {
    kind: "tell",
    goOn: missing.every(({ optional }) => optional === true),
    message: ["This machine lacks:", ...reasons, todo].join("\n"),
  };
}

async function exists(path: string): Promise<boolean> {
  try {
    await Deno.stat(path);
    return true;
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return false;
    if (error instanceof Deno.errors.NotADirectory) return false;
    if (error instanceof Deno.errors.PermissionDenied) return false;
    throw error;
  }
}

/** apt puts programs here, and the `PATH` of a user may lack the first two. */
const PROGRAM_FOLDERS = ["/usr/sbin", "/sbin", "/usr/bin", "/bin"];

async function hasProgram(name: string): Promise<boolean> {
  const path = (Deno.env.get("PATH") ?? "").split(":");
  for (const folder of [...path, ...PROGRAM_FOLDERS]) {
    if (folder !== "" && await exists(`${folder}/${name}`)) return true;
  }
  return false;
}

async function isPresent({ evidence }: Requirement): Promise<boolean> {
  if ("program" in evidence) return await hasProgram(evidence.program);
  for (const file of evidence.anyFile) if (await exists(file)) return true;
  return false;
}

async function findMissing(needs: readonly Need[]): Promise<Requirement[]> {
  const wanted = REQUIREMENTS.filter((requirement) =>
    requirement.needs.some((need) => needs.includes(need))
  );
  const present = await Promise.all(wanted.map(isPresent));
  return wanted.filter((_, index) => present[index] !== true);
}

/** Runs apt-get quietly; its output is shown only when it fails. */
async function aptGet(...args: readonly string[]): Promise<string> {
  const { success, stdout, stderr } = await new Deno.Command("apt-get", {
    args: ["-qq", "-y", ...args],
    env: { DEBIAN_FRONTEND: "noninteractive" },
    stdin: "null",
  }).output();
  if (success) return "";
  const decoder = new TextDecoder();
  return decoder.decode(stdout) + decoder.decode(stderr) ||
    "apt-get failed without a word";
}

async function install(packages: readonly string[]): Promise<string> {
  const args = ["install", "--no-install-recommends", ...packages];
  // The package lists of a fresh machine are empty or stale: then once more.
  if (await aptGet(...args) === "") return "";
  return await aptGet("update") || await aptGet(...args);
}

function isNeed(text: string): text is Need {
  return NEEDS.some((need) => need === text);
}

async function main(args: readonly string[]): Promise<number> {
  const check = args.includes("--check");
  const words = args.filter((arg) => arg !== "--check");
  const needs = words.filter(isNeed);
  if (needs.length !== words.length) {
    console.error(`Usage: deno task setup [${NEEDS.join("|")} …] [--check]`);
    return 2;
  }
  const missing = await findMissing(
    needs.length === 0 ? NEEDS : needs,
  );
  const plan = planSetup(
    { missing, root: Deno.uid() === 0, apt: await hasProgram("apt-get") },
    { check },
  );
  if (plan.kind === "tell") {
    console.error(plan.message);
    return plan.goOn && !check ? 0 : 1;
  }
  if (plan.kind === "nothing") return 0;
  console.error(`Installing ${plan.packages.join(", ")} …`);
  const failure = await install(plan.packages);
  if (failure === "") return 0;
  console.error(failure.trimEnd());
  console.error(
    `Cannot install them; try: apt-get install -y ${plan.packages.join(" ")}`,
  );
  return missing.every(({ optional }) => optional === true) ? 0 : 1;
}

if (import.meta.main) Deno.exit(await main(Deno.args));
