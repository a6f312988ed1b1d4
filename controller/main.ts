/** The controller role: flags, then the cluster, then the work. */
import { getLogger } from "@logtape/logtape";
import { parseCommand, UsageError } from "../mod/cli/mod.ts";
import {
  type Host,
  type RoleContext,
  type RunningRole,
  runUntilStopped,
} from "../mod/role/mod.ts";
import { CONTROLLER, type ControllerSettings } from "./flags.ts";
import { type ControllerOptions, startController } from "./controller.ts";
import type { ElectionSettings } from "./leadership.ts";

/**
 * Runs the controller until it is asked to stop.
 *
 * @param args The arguments after `controller`.
 * @returns The exit code.
 * @throws {UsageError} For a command line that cannot be run.
 * @throws {AccessError} When no cluster can be found.
 */
export async function runController(
  args: readonly string[],
  host: Host,
): Promise<number> {
  const parsed = parseCommand(CONTROLLER, args, host.env);
  if (parsed.kind === "help") {
    host.write(`${parsed.text}\n`);
    return 0;
  }
  const settings = parsed.values;
  checkLease(settings);
  return await runUntilStopped(
    host,
    settings,
    (context) => Promise.resolve(start(host, settings, context)),
  );
}

/** A leader has to be able to miss a renewal. */
function checkLease(settings: ControllerSettings): void {
  const duration = settings["leader-lease-duration"];
  const renew = settings["leader-lease-renew"];
  if (renew * 3 <= duration) return;
  throw new UsageError(
    `--leader-lease-renew ${renew} is too long for --leader-lease-duration ${duration}: it takes at most a third of it`,
  );
}

function optionsOf(
  namespace: string,
  settings: ControllerSettings,
  random: () => number,
): ControllerOptions {
  const memberlistSecret = settings["ml-secret-name"];
  const election: ElectionSettings = {
    identity: settings["pod-name"] ?? randomName(random),
    durationMs: settings["leader-lease-duration"] * 1000,
    renewMs: settings["leader-lease-renew"] * 1000,
  };
  return {
    namespace,
    loadBalancerClass: settings["lb-class"] ?? "",
    alsoWithoutClass: settings["lb-class-and-none"],
    concurrency: settings["concurrent-writes"],
    rateLimit: {
      perSecond: settings["kube-api-qps"],
      burst: settings["kube-api-burst"],
    },
    ...settings["leader-elect"] ? { election } : {},
    ...memberlistSecret === undefined ? {} : { memberlistSecret },
  };
}

function randomName(random: () => number): string {
  const word = (): string => random().toString(36).slice(2, 10);
  return `herald-controller-${word()}${word()}`;
}

function start(
  { clock, random }: Host,
  settings: ControllerSettings,
  { client, namespace, registry }: RoleContext,
): RunningRole {
  const controller = startController(
    optionsOf(namespace, settings, random),
    {
      client,
      clock,
      random,
      log: getLogger(["herald", "controller"]),
      registry,
    },
  );
  return {
    probes: {
      live: () => ({ ok: true, problems: [] }),
      ready: () => controller.ready(),
      metrics: async () => {
        controller.observe();
        return {
          text: await registry.metrics(),
          contentType: registry.contentType,
        };
      },
    },
    stop: () => controller.stop(),
  };
}
