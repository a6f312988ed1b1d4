/** What the speakers say about themselves on their HTTP port. */
import type { ServiceStatus, SpeakerStatus } from "../../speaker/status.ts";
import { LabError } from "./lab_error.ts";
import type { LabNode } from "./lab_node.ts";
import { ROLE_PORT, urlHost } from "./topology.ts";

/** Time that a speaker gets to say something, also all about many Services. */
const TIMEOUT_MS = 5000;

interface Reply {
  readonly ok: boolean;
  readonly text: string;
}

async function request(
  address: string,
  path: string,
): Promise<Reply | undefined> {
  try {
    const response = await fetch(
      `http://${urlHost(address)}:${ROLE_PORT}${path}`,
      { signal: AbortSignal.timeout(TIMEOUT_MS) },
    );
    return { ok: response.ok, text: await response.text() };
  } catch {
    // Not up yet, or down: the caller waits or says so.
    return undefined;
  }
}

/**
 * Asks whether a role is ready.
 *
 * @param address Where its HTTP port is.
 * @returns `"ready"`, or what it says about why it is not.
 */
export async function readiness(address: string): Promise<string> {
  const reply = await request(address, "/readyz");
  if (reply === undefined) return "it does not answer";
  return reply.ok ? "ready" : reply.text.trim();
}

/** How often a speaker gave something up because it had stood still. */
export function stallsIn(status: Pick<SpeakerStatus, "claims">): number {
  return status.claims.find(({ event, reason }) =>
    event === "silent" && reason === "stall"
  )?.count ?? 0;
}

/** Whether the others wait longer for a speaker than usual: it was late again and again, and says so. */
export function asksForPatience(
  { worker: { patience, detectionTime } }: {
    readonly worker: Pick<
      SpeakerStatus["worker"],
      "patience" | "detectionTime"
    >;
  },
): boolean {
  return patience > detectionTime;
}

/** The part of a speaker's answer that is compared. */
export interface Answer<S extends Pick<ServiceStatus, "service" | "owner">> {
  readonly node: string;
  readonly services: readonly S[];
}

/** What the speakers decided, or why that is not known or not one answer. */
export type Agreement<S = ServiceStatus> =
  | {
    readonly kind: "agreed";
    /** By `namespace/name` of the Service. */
    readonly services: ReadonlyMap<string, S>;
  }
  | { readonly kind: "open"; readonly why: string };

/**
 * Compares what speakers decided.
 *
 * @param answers What each said, with its node's name.
 * @returns Their common decisions, or where they differ.
 */
export function compareStatuses<
  S extends Pick<ServiceStatus, "service" | "owner">,
>(answers: readonly Answer<S>[]): Agreement<S> {
  const [first, ...others] = answers;
  if (first === undefined) return { kind: "open", why: "no speaker is up" };
  const services = new Map(
    first.services.map((each) => [each.service, each]),
  );
  for (const other of others) {
    for (const { service, owner } of other.services) {
      const expected = services.get(service)?.owner;
      if (owner === expected) continue;
      return {
        kind: "open",
        why: `${first.node} and ${other.node} differ about ${service}: ` +
          `${expected ?? "nobody"} or ${owner ?? "nobody"}`,
      };
    }
  }
  return { kind: "agreed", services };
}

/**
 * Asks the speaker of a node about itself.
 *
 * @returns `undefined` while it does not answer.
 */
export async function askStatus(
  { plan }: LabNode,
): Promise<SpeakerStatus | undefined> {
  const reply = await request(plan.management, "/status");
  return reply?.ok ? JSON.parse(reply.text) as SpeakerStatus : undefined;
}

/**
 * What all speakers that are up say of themselves.
 *
 * @param nodes The nodes of the lab.
 * @throws {LabError} When one does not answer.
 */
export async function askStatuses(
  nodes: readonly LabNode[],
): Promise<readonly SpeakerStatus[]> {
  return await Promise.all(
    nodes.filter(({ up }) => up).map(async (node) => {
      const status = await askStatus(node);
      if (status !== undefined) return status;
      throw new LabError(`The speaker of ${node.name} is silent`);
    }),
  );
}

/**
 * Asks all speakers that are up.
 *
 * @param nodes The nodes of the lab.
 * @returns Their common decisions, or why there are none.
 */
export async function askSpeakers(
  nodes: readonly LabNode[],
): Promise<Agreement> {
  const up = nodes.filter((node) => node.up);
  const answers = await Promise.all(up.map(askStatus));
  const silent = up.find((_, index) => answers[index] === undefined);
  if (silent !== undefined) {
    return { kind: "open", why: `the speaker of ${silent.name} is silent` };
  }
  return compareStatuses(answers.filter((answer) => answer !== undefined));
}
