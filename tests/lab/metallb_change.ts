/** Nodes that change from our speaker to MetalLB's and back, and what the wire shows of it. */
import { createHash } from "node:crypto";
import { assert, assertLess } from "@std/assert";
import type { SpeakerStatus } from "../../speaker/status.ts";
import { suspects } from "../../scripts/lab/facts.ts";
import type { Lab } from "../../scripts/lab/lab.ts";
import type { LabNode } from "../../scripts/lab/lab_node.ts";
import { SERVICE_NAMESPACE } from "../../scripts/lab/objects.ts";
import { type LabProcess, run } from "../../scripts/lab/process.ts";
import { ROLE_PORT } from "../../scripts/lab/topology.ts";
import { until, type Verdict } from "../../scripts/lab/waiting.ts";
import type { KeyDerivation } from "../../mod/swim/mod.ts";
import type { MetallbRelease } from "../interop/metallb/program.ts";
import { membersOf, startMetallb } from "./metallb.ts";
import { ASK_MS, WireWatch } from "./wire_watch.ts";

/** A Service with an address of each family, and the nodes in the order of its first. */
export interface Vip {
  readonly service: string;
  readonly v4: string;
  readonly v6: string;
  readonly order: readonly LabNode[];
}

/** The speaker of a node: a release of MetalLB's, or ours beside one that makes keys like that. */
export type Runner = MetallbRelease | KeyDerivation;

/** The flags of our speaker. */
export function flagsBeside(derivation: KeyDerivation): readonly string[] {
  return ["--ml-key-derivation", derivation];
}

/** Time that a change may take until all is calm, on a busy machine. */
const LIMIT_MS = 60_000;
/** Between two times that the nodes forget who is where, in ms. */
const STIR_MS = 1000;
/** Answers in a row, all of one node, that make it the owner. */
const ENOUGH = 15;
/** For how long two may answer, or one that owns nothing: MetalLB's goes on until it has ended, and begins before it knows of the others. */
const MOMENT_MS = 2000;
/** For how long nobody may answer while one that works is replaced. */
const SILENCE_MS = 2000;

/** Now, as the observer counts it. */
function now(): number {
  return performance.timeOrigin + performance.now();
}

/** The nodes in the order of an address, as MetalLB computes it. */
export function orderOf(ip: string, nodes: readonly LabNode[]): LabNode[] {
  const hash = ({ name }: LabNode): string =>
    createHash("sha256").update(`${name}#${ip}`).digest("hex");
  return nodes.toSorted((a, b) => hash(a) < hash(b) ? -1 : 1);
}

/** The lab's nodes, each with one of the two speakers, and who answers for what. */
export class Change {
  readonly #lab: Lab;
  readonly #vips: readonly Vip[];
  readonly #wire: WireWatch;
  /** MetalLB's speakers that run, by node. */
  readonly #metallb = new Map<LabNode, LabProcess>();
  /** What each node has. */
  readonly #runners: Map<LabNode, Runner>;
  /** Nodes whose speaker was killed. */
  readonly #dead = new Set<LabNode>();

  /** Begins to ask for the first address of each Service; all nodes have ours. */
  constructor(
    lab: Lab,
    services: ReadonlyMap<string, readonly string[]>,
    derivation: KeyDerivation,
  ) {
    this.#lab = lab;
    this.#runners = new Map(lab.nodes.map((node) => [node, derivation]));
    this.#vips = [...services].map(([service, [v4 = "", v6 = ""]]) => ({
      ...{ service, v4, v6 },
      order: orderOf(v4, lab.nodes),
    }));
    this.#wire = new WireWatch(lab, this.#vips.map(({ v4 }) => v4));
  }

  /** A node changes to another speaker, in order: nothing moves that need not. */
  async turn(node: LabNode, runner: Runner): Promise<void> {
    const since = now();
    await this.#end(node, "SIGTERM");
    this.#runners.set(node, runner);
    await this.#start(node);
    await this.settle();
    for (const vip of this.#vips) this.#judge(vip, node, since);
  }

  /** The speaker of a node is killed, and its addresses go on; then it starts again, and has them back. */
  async kill(node: LabNode): Promise<void> {
    await this.#end(node, "SIGKILL");
    this.#dead.add(node);
    await this.settle();
    this.#dead.delete(node);
    await this.#start(node);
    await this.settle();
  }

  /** Waits until each address is with the first of its order, and everybody knows. */
  async settle(): Promise<void> {
    const since = now();
    let stirredAt = since;
    await until({
      what: "every address is with the first of its order",
      timeoutMs: LIMIT_MS,
      everyMs: 100,
      suspects: [...suspects(this.#lab), ...this.#metallb.values()],
      look: async () => {
        if (now() - stirredAt > STIR_MS) {
          stirredAt = now();
          await this.#stir();
        }
        for (const vip of this.#vips) {
          const verdict = this.#isWithFirst(vip, since);
          if (verdict !== true) return verdict;
        }
        return await this.#isAgreed();
      },
    });
  }

  /**
   * Has the nodes ask for one another, as machines on a LAN do now and then: only
   * a station that our speaker has heard can prove that it is not cut off, and
   * it does not announce before.
   */
  async #stir(): Promise<void> {
    for (const { name } of this.#lab.nodes) {
      await run(["ip", "-n", name, "neigh", "flush", "dev", "eth0"]);
    }
  }

  /** What our speakers say of foreign hosts, in their logs. */
  async conflicts(): Promise<readonly string[]> {
    const logs = new Set(
      this.#lab.nodes.flatMap(({ speaker }) => speaker?.log ?? []),
    );
    const texts = await Promise.all(
      [...logs].map((log) => Deno.readTextFile(log)),
    );
    assert(texts.every((text) => text.includes('"change":"joined"')));
    return texts.flatMap((text) => text.split("\n"))
      .filter((line) => line.includes('"kind":"conflict"'));
  }

  async #end(node: LabNode, signal: Deno.Signal): Promise<void> {
    await (this.#metallb.get(node) ?? node.speaker)?.stop(signal);
    this.#metallb.delete(node);
  }

  async #start(node: LabNode): Promise<void> {
    const runner = this.#runners.get(node);
    if (typeof runner === "object") {
      this.#metallb.set(node, await startMetallb(node, runner));
    } else if (runner !== undefined) node.startSpeaker(flagsBeside(runner));
  }

  #isWithFirst({ v4, v6, order }: Vip, since: number): Verdict {
    const first = order.find((node) => !this.#dead.has(node));
    const last = this.#wire.answers(v4, since).slice(-ENOUGH);
    const isSteady = last.length === ENOUGH &&
      last.every(({ mac }) => mac === first?.plan.mac);
    if (!isSteady) return `${v4} is not with ${first?.name}`;
    const isSame = this.#lab.sightings.macOf(v6) === first?.plan.mac;
    return isSame || `${v6} is not with ${first?.name}`;
  }

  /** Whether all speakers know the same members, and ours the owners. */
  async #isAgreed(): Promise<Verdict> {
    const alive = this.#lab.nodes.filter((node) => !this.#dead.has(node));
    const names = alive.map(({ name }) => name).sort().join();
    for (const node of alive) {
      const metallb = this.#metallb.get(node);
      const members = metallb === undefined
        ? await this.#statusOf(node)
        : await membersOf(metallb);
      if (typeof members === "string") return members;
      const known = members.join();
      if (known !== names) return `${node.name} knows ${known}, not ${names}`;
    }
    return true;
  }

  /** The members that our speaker knows of, once it knows who owns what. */
  async #statusOf(
    { name, plan }: LabNode,
  ): Promise<readonly string[] | string> {
    let status: SpeakerStatus;
    try {
      const url = `http://${plan.management}:${ROLE_PORT}/status`;
      const response = await fetch(url, { signal: AbortSignal.timeout(1000) });
      status = await response.json();
    } catch {
      return `the speaker of ${name} does not answer`;
    }
    for (const { service, order } of this.#vips) {
      const first = order.find((node) => !this.#dead.has(node))?.name;
      const owner = status.services.find((each) =>
        each.service === `${SERVICE_NAMESPACE}/${service}`
      )?.owner;
      if (owner !== first) return `${name} has ${service} at ${owner}`;
    }
    return status.members;
  }

  /** What was seen of an address while a node changed. */
  #judge({ v4, order }: Vip, node: LabNode, since: number): void {
    const [first, second] = order;
    const owners = first === node ? [first, second] : [first];
    const macs = new Set(owners.map((owner) => owner?.plan.mac));
    const answers = this.#wire.answers(v4, since);
    const others = answers.filter(({ mac }) => !macs.has(mac));
    const { twoMs, silenceMs } = this.#wire.judge(v4, since);
    const what = `${v4} of ${first?.name} while ${node.name} changes`;
    console.error(
      `${what}: two ${Math.round(twoMs)} ms, nobody ${
        Math.round(silenceMs)
      } ms, others ${others.length}`,
    );
    assertLess(others.length * ASK_MS, MOMENT_MS, `${what}: others answer`);
    assertLess(twoMs, MOMENT_MS, `${what}: two answer`);
    assertLess(silenceMs, SILENCE_MS, `${what}: nobody answers`);
  }
}
