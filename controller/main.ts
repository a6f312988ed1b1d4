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
import {
  type Controller,
  type ControllerOptions,
  startController,
} from "./controller.ts";
import type { ElectionSettings } from "./leadership.ts";
import type { Readiness } from "./readiness.ts";
import { Webhooks, type WebhooksOptions } from "./webhook/webhooks.ts";

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

function webhookOptions(
  namespace: string,
  settings: ControllerSettings,
): WebhooksOptions {
  const at = {
    hostname: settings["webhook-address"],
    port: settings["webhook-port"],
  };
  const certificate = settings["disable-cert-rotation"]
    ? { kind: "files", folder: settings["cert-dir"] } as const
    : {
      kind: "secret",
      name: settings["webhook-secret"],
      serviceName: settings["cert-service-name"],
    } as const;
  const isOlder = settings["tls-min-version"] === "VersionTLS12";
  return { namespace, at, minVersion: isOlder ? "1.2" : "1.3", certificate };
}

/** What both parts say about themselves, those that there are. */
function readinessOf(
  controller: Controller | undefined,
  webhooks: Webhooks | undefined,
): Readiness {
  const { ok, problems } = controller?.ready() ?? { ok: true, problems: [] };
  const missing = webhooks?.problems() ?? [];
  return {
    ok: ok && missing.length === 0,
    problems: [...missing, ...problems],
  };
}

function start(
  host: Host,
  settings: ControllerSettings,
  { client, namespace, registry }: RoleContext,
): RunningRole {
  const { clock, random } = host;
  const mode = settings["webhook-mode"];
  const webhooks = mode === "disabled" ? undefined : new Webhooks(
    webhookOptions(namespace, settings),
    { client, host, log: getLogger(["herald", "webhooks"]), registry },
  );
  const controller = mode === "onlywebhook" ? undefined : startController(
    optionsOf(namespace, settings, random),
    {
      client,
      clock,
      random,
      log: getLogger(["herald", "controller"]),
      registry,
    },
  );
  webhooks?.start();
  return {
    probes: {
      live: () => ({ ok: true, problems: [] }),
      ready: () => readinessOf(controller, webhooks),
      metrics: async () => {
        controller?.observe();
        return {
          text: await registry.metrics(),
          contentType: registry.contentType,
        };
      },
    },
    stop: async () => {
      await webhooks?.stop();
      await controller?.stop();
    },
  };
}
