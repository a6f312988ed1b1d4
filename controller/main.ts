/** The controller role: flags, then the cluster, then the work. */
import { getLogger } from "@logtape/logtape";
import { Registry } from "prom-client";
import { parseCommand } from "../mod/cli/mod.ts";
import {
  type Host,
  openCluster,
  type RunningRole,
  runUntilStopped,
} from "../mod/role/mod.ts";
import { CONTROLLER, type ControllerSettings } from "./flags.ts";
import { startController } from "./controller.ts";

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
  return await runUntilStopped(host, settings, () => start(host, settings));
}

async function start(
  host: Host,
  settings: ControllerSettings,
): Promise<RunningRole> {
  const { client, namespace } = await openCluster(host, settings);
  const { clock, random } = host;
  const registry = new Registry();
  const controller = startController(
    { namespace, loadBalancerClass: settings["lb-class"] ?? "" },
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
    stop: async () => {
      await controller.stop();
      client[Symbol.dispose]();
    },
  };
}
