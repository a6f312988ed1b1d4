/**
 * Herald: a load balancer for bare-metal Kubernetes. Picks a role or a
 * verb and hands over; each is imported only when it is chosen.
 */
import { UsageError } from "./mod/cli/mod.ts";
import { collectGarbage } from "./mod/memory/mod.ts";
import type { Host } from "./mod/role/mod.ts";
import { SYSTEM_CLOCK } from "./mod/time/mod.ts";

/** A long-running role, or a verb that answers and ends. */
interface Role {
  readonly summary: string;
  /** Runs it with the arguments after its name; gives the exit code. */
  readonly run: (args: readonly string[]) => Promise<number>;
}

const encoder = new TextEncoder();

function stopRequested(): Promise<string> {
  return new Promise((resolve) => {
    for (const signal of ["SIGTERM", "SIGINT"] as const) {
      Deno.addSignalListener(signal, () => resolve(signal));
    }
  });
}

/** The effects of this runtime. */
const HOST: Host = {
  clock: SYSTEM_CLOCK,
  random: Math.random,
  heap: {
    used: () => Deno.memoryUsage().heapUsed,
    collect: collectGarbage,
  },
  platform: {
    createHttpClient: Deno.createHttpClient,
    fetch,
    readTextFile: Deno.readTextFile,
  },
  env: (name) => Deno.env.get(name),
  write: (line) => {
    Deno.stdout.writeSync(encoder.encode(line));
  },
  serve: (at, handler) => {
    const server = Deno.serve(
      { ...at, onListen: () => {} },
      (request, { remoteAddr }) =>
        handler(request, { address: remoteAddr.hostname }),
    );
    return { port: server.addr.port, close: () => server.shutdown() };
  },
  serveTls: async (at, tls, handler) => {
    const { createServer } = await import("node:https");
    const { serveHttps } = await import("./mod/role/mod.ts");
    return await serveHttps(createServer, { at, tls, handler });
  },
  stopRequested,
};

/** All files below a folder; nothing when the path is no folder. */
async function listFolder(
  path: string,
): Promise<readonly string[] | undefined> {
  if (!(await Deno.stat(path)).isDirectory) return undefined;
  const files: string[] = [];
  for await (const { name, isDirectory } of Deno.readDir(path)) {
    const inside = `${path.replace(/\/+$/, "")}/${name}`;
    const below = isDirectory ? await listFolder(inside) : undefined;
    files.push(...below ?? [inside]);
  }
  return files;
}

const ROLES: Readonly<Record<string, Role>> = {
  controller: {
    summary: "gives Services of type LoadBalancer their addresses",
    run: async (args) =>
      (await import("./controller/main.ts")).runController(args, HOST),
  },
  speaker: {
    summary: "announces the addresses from this node (ARP, NDP)",
    run: async (args) =>
      (await import("./speaker/main.ts")).runSpeaker(args, HOST),
  },
};

const VERBS: Readonly<Record<string, Role>> = {
  plan: {
    summary: "says how many pools and nodes a number of addresses takes",
    run: async (args) =>
      (await import("./scripts/verbs/plan.ts")).runPlan(args, HOST),
  },
  status: {
    summary: "shows pools, addresses with their owners, and speakers",
    run: async (args) =>
      (await import("./scripts/verbs/status.ts")).runStatus(args, HOST),
  },
  explain: {
    summary: "says why a Service, an address or a node is as it is",
    run: async (args) =>
      (await import("./scripts/verbs/explain.ts")).runExplain(args, HOST),
  },
  ping: {
    summary: "shows who answers for an address on this segment",
    run: async (args) =>
      (await import("./scripts/verbs/ping.ts")).runPing(args, HOST),
  },
  drain: {
    summary: "gives a node's addresses away, so that it may be shut down",
    run: async (args) =>
      (await import("./scripts/verbs/drain.ts")).runDrain(args, HOST),
  },
  lab: {
    summary: "shows all of it on this machine, on real packets",
    run: async (args) => {
      if (!import.meta.url.endsWith(".ts")) {
        throw new UsageError(
          "The lab needs a checkout: run deno task run there",
        );
      }
      return await (await import("./scripts/lab/mod.ts")).runLab(args);
    },
  },
  validate: {
    summary: "checks manifests without a cluster",
    run: async (args) =>
      (await import("./scripts/verbs/validate.ts")).runValidate(args, {
        readText: Deno.readTextFile,
        listFolder,
        write: HOST.write,
      }),
  },
};

function overview(): string {
  const rows = (commands: Readonly<Record<string, Role>>): string[] =>
    Object.entries(commands).map(([name, { summary }]) =>
      `  ${name.padEnd(12)}${summary}`
    );
  return [
    "Herald, the load balancer for bare-metal Kubernetes.",
    "",
    "Usage: herald ROLE|VERB [flags]",
    "",
    "Roles, which run until they are stopped:",
    ...rows(ROLES),
    "",
    "Verbs, which answer and end:",
    ...rows(VERBS),
    "",
    "herald ROLE|VERB --help shows what it takes.",
  ].join("\n");
}

async function main(args: readonly string[]): Promise<number> {
  const [name, ...rest] = args;
  if (name === undefined || name === "--help" || name === "-h") {
    console.info(overview());
    return name === undefined ? 2 : 0;
  }
  const all = { ...ROLES, ...VERBS };
  const role = Object.hasOwn(all, name) ? all[name] : undefined;
  if (role === undefined) {
    const known = (commands: typeof ROLES): string =>
      Object.keys(commands).join(", ");
    throw new UsageError(
      `Unknown role or verb "${name}": there are the roles ${
        known(ROLES)
      } and the verbs ${known(VERBS)}`,
    );
  }
  return await role.run(rest);
}

try {
  Deno.exit(await main(Deno.args));
} catch (error) {
  const { describeError } = await import("./mod/telemetry/mod.ts");
  console.error(`herald: ${describeError(error)}`);
  Deno.exit(error instanceof UsageError ? error.exitCode : 1);
}
