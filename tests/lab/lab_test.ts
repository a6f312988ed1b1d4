/**
 * The lab as people start it: a child process, its output, its exit code, and
 * what is left of it afterwards.
 */
import {
  assert,
  assertEquals,
  assertGreater,
  assertStringIncludes,
} from "@std/assert";
import { kubernetesTest } from "../kubernetes/mod.ts";
import { TEST_NAMESPACE } from "../network_namespace.ts";
import { privilege, skip } from "../privileges.ts";
import { labObstacle } from "./in_lab.ts";

const ROOT = new URL("../../", import.meta.url).pathname;

interface Service {
  readonly name: string;
  readonly ips: readonly string[];
  readonly owner: string;
  readonly standbys: readonly string[];
  readonly clientMac: string;
  readonly ownerMac: string;
  readonly http: boolean;
}

interface Result {
  readonly proxy: string;
  readonly nodes: readonly string[];
  readonly services: readonly Service[];
  readonly failover: {
    readonly killed: string;
    readonly newOwner: string;
    readonly firstAnnouncementMs: number;
    readonly outageMs: number;
    readonly probes: number;
    readonly lost: number;
  };
  readonly events: readonly {
    readonly kind: string;
    readonly atMs: number;
    readonly node?: string;
    readonly ip?: string;
  }[];
}

function command(
  args: readonly string[],
  env: Readonly<Record<string, string>> = {},
): Deno.Command {
  return new Deno.Command(Deno.execPath(), {
    args: [
      "run",
      "--quiet",
      "--no-prompt",
      "-P=lab",
      "main.ts",
      "lab",
      ...args,
    ],
    cwd: ROOT,
    env: { NO_COLOR: "1", DENO_NO_UPDATE_CHECK: "1", ...env },
    stdin: "null",
    stdout: "piped",
    stderr: "piped",
  });
}

interface Finished {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

async function runLab(
  args: readonly string[],
  env?: Readonly<Record<string, string>>,
): Promise<Finished> {
  const { code, stdout, stderr } = await command(args, env).output();
  const decoder = new TextDecoder();
  return {
    code,
    stdout: decoder.decode(stdout),
    stderr: decoder.decode(stderr),
  };
}

/** Runs the scenario, which must hold, and gives the object of its last line. */
async function runScenario(
  args: readonly string[],
  env?: Readonly<Record<string, string>>,
): Promise<Result> {
  const { code, stdout, stderr } = await runLab(
    ["--once", "--json", ...args],
    env,
  );
  assertEquals(code, 0, stderr);
  return JSON.parse(stdout.trimEnd().split("\n").at(-1) ?? "");
}

function checkResult(result: Result, nodes: number, services: number): void {
  assertEquals(result.nodes.length, nodes);
  assertEquals(result.services.length, services);
  assertEquals(
    new Set(result.services.flatMap(({ ips }) => ips)).size,
    result.services.flatMap(({ ips }) => ips).length,
  );
  for (const service of result.services) {
    assertEquals(Object.keys(service), [
      "name",
      "ips",
      "owner",
      "standbys",
      "clientMac",
      "ownerMac",
      "http",
    ]);
    assert(result.nodes.includes(service.owner));
    assert(!service.standbys.includes(service.owner));
    assertEquals(service.clientMac, service.ownerMac);
    assertEquals(service.http, true);
  }
  checkFailover(result);
}

function checkFailover({ services, failover, events }: Result): void {
  const [first] = services;
  assertEquals(failover.killed, first?.owner);
  assert(first?.standbys.includes(failover.newOwner));
  assertGreater(failover.firstAnnouncementMs, 0);
  assertGreater(failover.outageMs, 0);
  assertGreater(failover.lost, 0);
  assertGreater(failover.probes, failover.lost);
  const killed = events.findIndex(({ kind }) => kind === "nodeKilled");
  const moves = events.slice(killed).filter(({ kind, ip }) =>
    kind === "moved" && ip === first?.ips[0]
  );
  const owners = moves.map(({ node }) => node);
  assertEquals(owners[0], failover.newOwner);
  assertEquals(
    owners.slice(-2),
    [first?.standbys[0], failover.killed],
    "the first Service's address moves to the heir and back",
  );
  // Where the heir was late, the next standby had it for a moment.
  assert(owners.length <= 3, owners.join());
}

/** How many processes carry a variable in their environment. */
async function countProcesses(variable: string): Promise<number> {
  const { stdout } = await new Deno.Command("sh", {
    args: ["-c", 'grep -lsF "$0" /proc/[0-9]*/environ || true', variable],
    // The search must not find itself.
    clearEnv: true,
    env: { PATH: Deno.env.get("PATH") ?? "" },
  }).output();
  return new TextDecoder().decode(stdout).split("\n").filter((line) =>
    line !== ""
  ).length;
}

/** Those that the lab or anybody makes, except tests that run beside this one. */
async function namedNamespaces(): Promise<readonly string[]> {
  const { stdout } = await new Deno.Command("ip", { args: ["netns", "list"] })
    .output();
  return new TextDecoder().decode(stdout).split("\n")
    .filter((name) => !name.startsWith(TEST_NAMESPACE));
}

/** Reads a stream until a text has come, then lets go of it. */
async function readUntil(
  stream: ReadableStream<Uint8Array>,
  text: string,
): Promise<void> {
  let seen = "";
  const decoder = new TextDecoder();
  for await (const chunk of stream) {
    seen += decoder.decode(chunk, { stream: true });
    if (seen.includes(text)) return;
  }
  throw new Error(`The lab ended before it said "${text}":\n${seen}`);
}

async function survivesNothing(signal: Deno.Signal): Promise<void> {
  const value = crypto.randomUUID();
  const variable = `HERALD_TEST_RUN=${value}`;
  const before = await namedNamespaces();
  const child = command(["--once"], { HERALD_TEST_RUN: value }).spawn();
  await readUntil(child.stdout, "capabilities");
  assertGreater(await countProcesses(variable), 10);
  child.kill(signal);
  await child.status;
  await child.stderr.cancel();
  const deadline = performance.now() + 10_000;
  let left = await countProcesses(variable);
  while (left > 0 && performance.now() < deadline) {
    left = await countProcesses(variable);
  }
  assertEquals(left, 0, "processes that outlive the lab");
  assertEquals(await namedNamespaces(), before);
}

async function canMakeUserNamespace(): Promise<boolean> {
  const { success } = await new Deno.Command("unshare", {
    args: ["--user", "--map-root-user", "--mount", "--net", "true"],
    stdout: "null",
    stderr: "null",
  }).output();
  return success;
}

const SCENARIOS = new Map<string, () => Promise<void>>([
  ["lab --once --json shows a failover and exits 0", async () => {
    checkResult(await runScenario([]), 3, 4);
  }],
  [
    "lab --nodes 2 --services 6 scales, in a user namespace, with a user's PATH",
    async () => {
      const isolation = await canMakeUserNamespace() ? "user" : "auto";
      const flags = ["--nodes", "2", "--services", "6"];
      const result = await runScenario([...flags, "--isolation", isolation], {
        // Debian gives the folders of nft to root only.
        PATH: "/usr/local/bin:/usr/bin:/bin",
      });
      checkResult(result, 2, 6);
      // Its families come from two pools; one node answers for both.
      const split = result.services.find(({ name }) => name === "split");
      assertEquals(split?.ips, ["192.0.2.230", "2001:db8:1::2000"]);
    },
  ],
  ["lab that fails exits 1 and shows the log that explains it", async () => {
    // The roles inherit the variable and refuse it.
    const { code, stdout } = await runLab(["--once"], {
      HERALD_LOG_LEVEL: "loud",
    });
    assertEquals(code, 1);
    assertStringIncludes(stdout, "✗ failed");
    assertStringIncludes(stdout, "has ended");
    assertStringIncludes(stdout, 'not "loud"');
  }],
  ["lab that is killed leaves no process and no namespace", async () => {
    await survivesNothing("SIGKILL");
  }],
  ["lab that is told to stop leaves no process and no namespace", async () => {
    await survivesNothing("SIGTERM");
  }],
]);

const found = privilege();
for (const [name, scenario] of SCENARIOS) {
  if (found.kind === "missing") skip(name, found.reason);
  else Deno.test(name, scenario);
}

if (found.kind !== "missing") {
  await kubernetesTest(
    "lab --apiserver real holds with the rights of the manifests",
    async () => checkResult(await runScenario(["--apiserver", "real"]), 3, 4),
  );
}

const WITH_KUBE_PROXY = "lab --proxy kube-proxy holds, in a user namespace";
const isolation = await canMakeUserNamespace() ? "user" : "root";
const obstacle = await labObstacle(
  { apiserver: "embedded", proxy: "kube-proxy" },
  isolation,
);
if (obstacle === undefined) {
  Deno.test(WITH_KUBE_PROXY, async () => {
    const flags = ["--proxy", "kube-proxy", "--isolation", isolation];
    const result = await runScenario(flags);
    assertEquals(result.proxy, "kube-proxy");
    checkResult(result, 3, 4);
  });
} else {
  skip(WITH_KUBE_PROXY, obstacle.reason, { required: obstacle.required });
}

Deno.test("lab refuses an unknown flag with exit code 2", async () => {
  const { code, stderr } = await runLab(["--node", "3"]);
  assertEquals(code, 2);
  assertStringIncludes(stderr, 'Unknown flag "--node"');
});

Deno.test("lab --help lists its flags", async () => {
  const { code, stdout } = await runLab(["--help"]);
  assertEquals(code, 0);
  for (const flag of ["--once", "--json", "--nodes", "--services", "--proxy"]) {
    assertStringIncludes(stdout, flag);
  }
});
