/** The lab of the bench, and how it becomes again what it was before a run. */
import { settle, suspects } from "../../lab/facts.ts";
import { type Lab, roleReady } from "../../lab/lab.ts";
import { ENVIRONMENT, type LabNode } from "../../lab/lab_node.ts";
import type { ServiceFacts } from "../../lab/outcome.ts";
import { LabProcess } from "../../lab/process.ts";
import { LAB_DIRECTORY } from "../../lab/programs.ts";
import { startQuietLab } from "../../lab/session.ts";
import type { TimedSighting } from "../../lab/sighting.ts";
import { asksForPatience, askStatus } from "../../lab/speaker_status.ts";
import {
  CheckError,
  lookEvery,
  patience,
  pause,
  until,
  type Verdict,
} from "../../lab/waiting.ts";
import {
  createServices,
  nodeNamed,
  rulesFollow,
  setEndpoints,
} from "../../lab/workload.ts";
import { askerLaunch } from "./asker_launch.ts";
import { type Answering, judgeAnswers, type SeenAnswer } from "./answering.ts";
import type { Order } from "./protocol.ts";

/** Time between two questions of the asker, in milliseconds. */
export const ASK_MS = 5;
/** A node that leaves four questions unanswered does not answer. */
const ANSWER_GAP_MS = 4 * ASK_MS;
/** How long the speakers are left alone before something happens to them. */
const CALM_MS = 1500;
/** Who was late while it started is waited for longer, until it has been on time for a while, in ms. */
const ON_TIME_MS = 60_000;
/** Speakers that stall while they start are started anew. */
const RESTORE_ATTEMPTS = 3;

/** The lab, and who is who in it for the first Service. */
export interface World {
  readonly lab: Lab;
  readonly facts: readonly ServiceFacts[];
  /** The address that the client asks for. */
  readonly ip: string;
  /** Whose it is when all is well. */
  readonly owner: LabNode;
  readonly logs: string;
  /** How long a run lasts that lasts as long as one likes. */
  readonly minutes: number;
}

/** What was seen while somebody asked. */
export interface Watch {
  /** All answers so far, in the order of their times. */
  readonly answers: readonly SeenAnswer[];
  /** Ends the asking. */
  stop(): Promise<Answering>;
}

/** Where all is when nobody has to wait for a hand-back any more. */
function atFirst(lab: Lab, facts: ServiceFacts): ServiceFacts {
  const [owner, ...standbys] = facts.why.map(({ node }) => node);
  const { plan } = nodeNamed(lab, owner);
  return { ...facts, owner: plan.name, ownerMac: plan.mac, standbys };
}

/**
 * Starts the lab with speakers as the manifests run them. The Pod of the first
 * Service is on the last standby, so that no run takes it away.
 */
export async function makeWorld(order: Order): Promise<World> {
  const logs = order.logs ?? LAB_DIRECTORY;
  const { services, proxy, speakers, minutes } = order;
  const lab = await startQuietLab({ services, logs, speakers, proxy });
  await createServices(lab);
  const facts = (await settle(lab, "every Service answers"))
    .map((each) => atFirst(lab, each));
  const [first] = facts;
  const [plan] = lab.services;
  if (first === undefined || plan === undefined) {
    throw new CheckError("The lab has no Service");
  }
  const pod = nodeNamed(lab, first.standbys.at(-1));
  await setEndpoints(lab, plan, [pod]);
  await rulesFollow(lab, plan, [pod]);
  const owner = nodeNamed(lab, first.owner);
  return { lab, facts, ip: first.ips[0] ?? "", owner, logs, minutes };
}

async function revive(lab: Lab, node: LabNode): Promise<void> {
  if (node.up) {
    await node.speaker?.stop();
    node.startSpeaker();
  } else await node.start(lab.dataPlane);
}

/**
 * Makes the world what it was: all nodes up, with new speakers, which know
 * nothing of earlier flaps; every address with its first candidate. Where
 * speakers stalled meanwhile, because the machine is busy, begins again.
 */
export async function restore(world: World): Promise<void> {
  for (let left = RESTORE_ATTEMPTS - 1;; left--) {
    try {
      return await restoreOnce(world);
    } catch (error) {
      if (!(error instanceof CheckError) || left === 0) throw error;
    }
  }
}

async function restoreOnce({ lab, facts }: World): Promise<void> {
  const claimed = new Map<string, string>();
  const end = lab.sightings.listen(({ ip, mac }) => claimed.set(ip, mac));
  const look = (): Verdict => {
    const away = facts.find(({ ips, ownerMac }) =>
      ips.some((ip) => claimed.get(ip) !== ownerMac)
    );
    return away === undefined || `"${away.name}" is not`;
  };
  try {
    await Promise.all(lab.nodes.map((node) => revive(lab, node)));
    await Promise.all(lab.nodes.map(ready));
    await until({
      ...{ what: "every address is with its owner again", look },
      timeoutMs: patience(lab.nodes.length, facts.length),
      suspects: suspects(lab),
    });
  } finally {
    end();
  }
  await pause(CALM_MS);
  await until({
    what: "no speaker asks the others to wait longer for it",
    timeoutMs: ON_TIME_MS,
    everyMs: lookEvery(facts.length, 200),
    suspects: suspects(lab),
    look: () => onTime(lab),
  });
}

async function onTime(lab: Lab): Promise<Verdict> {
  for (const node of lab.nodes) {
    const status = await askStatus(node);
    if (status === undefined) return `the speaker of ${node.name} is silent`;
    if (!asksForPatience(status)) continue;
    return `${node.name} asks for ${status.worker.patience} ms`;
  }
  return true;
}

/** Waits until the speaker of a node is ready. */
export async function ready(node: LabNode): Promise<void> {
  const { name, speaker, plan } = node;
  if (speaker === undefined) return;
  await roleReady(`the speaker of ${name}`, plan.management, speaker);
}

/** Asks for the world's address, and collects what is answered. */
export async function watch(world: World): Promise<Watch> {
  const { lab, ip, logs } = world;
  const answers: SeenAnswer[] = [];
  const end = lab.sightings.listen((seen) => {
    if (seen.kind === "answer" && seen.ip === ip) answers.push(seen);
  });
  const launch = askerLaunch(lab.topology, [ip], ASK_MS);
  const asker = LabProcess.start(launch, logs, ENVIRONMENT);
  await until({
    what: `${ip} is answered steadily`,
    timeoutMs: 15_000,
    suspects: [asker, ...suspects(lab)],
    look: () => answers.length >= 20 || `${answers.length} answers`,
  });
  return {
    answers,
    stop: async () => {
      await asker.stop();
      end();
      return judgeAnswers(answers, ANSWER_GAP_MS);
    },
  };
}

/**
 * Waits for a sighting.
 *
 * @throws {CheckError} When it does not come within 15 s.
 */
export async function soon(
  world: World,
  what: string,
  sighting: Promise<TimedSighting>,
): Promise<TimedSighting> {
  const seen = await Promise.race([
    sighting,
    pause(15_000).then(() => undefined),
  ]);
  if (seen !== undefined) return seen;
  throw new CheckError(`${what}: not within 15 s`, suspects(world.lab));
}
