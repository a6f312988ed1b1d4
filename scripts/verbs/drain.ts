/** `main.ts drain NODE`: gives a node's addresses away before it is shut down. */
import {
  type Command,
  type Flags,
  type FlagValues,
  formatTable,
  numberFlag,
  parseCommand,
  switchFlag,
  UsageError,
} from "../../mod/cli/mod.ts";
import { type Host, openCluster } from "../../mod/role/mod.ts";
import { CLUSTER_FLAGS, type VerbHost } from "./cluster_flags.ts";
import { Drain, type DrainReport } from "./drain_run.ts";

const FLAGS = {
  undo: switchFlag({ help: "End the drain: the node takes part again." }),
  grace: numberFlag({
    placeholder: "SECONDS",
    help:
      "How long the node has to go on forwarding for clients whose caches are stale.",
    fallback: 120,
    min: 0,
    max: 86_400,
  }),
  timeout: numberFlag({
    placeholder: "SECONDS",
    help: "How long it may take until everything is given away.",
    fallback: 60,
    min: 1,
    max: 3600,
  }),
  ...CLUSTER_FLAGS,
} as const satisfies Flags;

const DRAIN: Command<typeof FLAGS> = {
  name: "drain",
  summary: "Gives a node's addresses away, so that it may be shut down.",
  description:
    `Sets the annotation herald-lb.io/drain: "true" on the Node. Its speaker hands each
address to the next candidate, which loses nothing, and takes none until "--undo".
Waits until the node announces nothing, shows where each Service went, and, after
a grace, says that the node may be shut down: until then it forwards for clients
that have not noticed. 120 s are the new owner's first announcements, one more
after 60 s (75 s at most), and the longest that Linux and Windows use an entry that
nobody confirms (45 s, and 8 s of asking).

Ctrl-C ends the waiting, not the drain. Pods are "kubectl drain"'s matter: drain the
addresses first.

Exit code: 0 = drained, or undone; 1 = not everything was given away in time, or
it was interrupted, or it failed; 2 = wrong arguments, or no such node.`,
  positionals: "NODE",
  flags: FLAGS,
};

/** What the verb needs of the runtime. */
export type DrainHost = VerbHost & Pick<Host, "stopRequested">;

/**
 * Runs the verb and gives its exit code.
 *
 * @throws {UsageError} For wrong arguments, and when there is no such node.
 * @throws {DrainError} When the node has no speaker, or a right is missing.
 * @throws {AccessError} When there is no access to a cluster.
 * @throws {KubeError} When the cluster does not answer.
 */
export async function runDrain(
  args: readonly string[],
  host: DrainHost,
): Promise<number> {
  const parsed = parseCommand(DRAIN, args, host.env);
  if (parsed.kind === "help") {
    host.write(`${parsed.text}\n`);
    return 0;
  }
  const { positionals: [node, ...more], values } = parsed;
  if (node === undefined || more.length > 0) {
    throw new UsageError(
      'Name one node: "drain NODE"; see "drain --help"',
    );
  }
  const cluster = await openCluster(host, values);
  using _ = cluster.client;
  const stop = new AbortController();
  host.stopRequested().then(() => stop.abort());
  const say = values.output === "json"
    ? () => {}
    : (line: string) => host.write(`${line}\n`);
  const drain = new Drain({
    cluster,
    clock: host.clock,
    node,
    values,
    timeoutMs: values.timeout * 1000,
    graceMs: values.grace * 1000,
    signal: stop.signal,
    onGivenAway: (report) => say(givenAway(report, values)),
    say,
  });
  const report = values.undo ? await drain.undo() : await drain.run();
  if (values.output === "json") {
    host.write(`${JSON.stringify(report, null, 2)}\n`);
  } else host.write(`${ending(report)}\n`);
  return report.outcome === "drained" || report.outcome === "undone" ? 0 : 1;
}

function givenAway(
  { services, node, handOverMs }: DrainReport,
  { grace }: FlagValues<typeof FLAGS>,
): string {
  const lines = services.length === 0 ? [`${node} announces nothing.`] : [
    ...table(services),
    "",
    `Given away within ${((handOverMs ?? 0) / 1000).toFixed(1)} s.`,
  ];
  const wait = `Waiting ${grace} s for clients with stale caches (--grace): ` +
    `${node} forwards for them.`;
  return [...lines, ...grace === 0 ? [] : [wait]].join("\n");
}

function table(services: DrainReport["services"]): string[] {
  return formatTable(
    ["SERVICE", "ADDRESS", "NOW AT", "WHY"],
    services.map(({ service, ips, to, state, why }) => [
      service,
      ips.replaceAll(",", ", "),
      to ?? state,
      why ?? "",
    ]),
  );
}

function ending({ node, outcome, services }: DrainReport): string {
  const stays =
    `It stays drained, also when it restarts, until "drain ${node} --undo".`;
  switch (outcome) {
    case "drained":
      return `${node} may be shut down. ${stays}`;
    case "undone":
      return `${node} takes part again: it gets back what it comes first for, by the fail-back policy.`;
    case "untouched":
      return `Interrupted before anything was changed: ${node} does not drain.`;
    case "interrupted":
      return `Interrupted: the drain of ${node} stays in force, and it may not be safe to shut it down yet. End it with "drain ${node} --undo", or wait with "drain ${node}".`;
    case "notDrained":
      return [
        ...table(services.filter(({ why }) => why !== null)),
        "",
        `${node} must not be shut down yet: these are not given away. ${stays}`,
      ].join("\n");
  }
}
