/** A lab with a client that writes down who answers, and faults that are judged. */
import { LIBRARY_PATHS } from "../../../ffi/mod.ts";
import { settle, suspects } from "../facts.ts";
import { wallClock } from "../history.ts";
import { type Lab, roleReady } from "../lab.ts";
import { LabError } from "../lab_error.ts";
import { ENVIRONMENT, type LabNode } from "../lab_node.ts";
import type { ServiceFacts } from "../outcome.ts";
import { LabProcess } from "../process.ts";
import { LAB_DIRECTORY } from "../programs.ts";
import { askStatus } from "../speaker_status.ts";
import { CheckError, pause, until } from "../waiting.ts";
import { createServices } from "../workload.ts";
import { Diary } from "./diary.ts";
import { Injector } from "./injector.ts";
import { type Judgement, judgeStep } from "./judge.ts";
import { type Footprint, readFootprint } from "./footprint.ts";
import type { Ongoing } from "./ongoing.ts";
import type { PlannedStep } from "./plan.ts";
import { Punctuality } from "./punctuality.ts";
import type { Happening } from "./recorded.ts";
import { ownersAtRest } from "./rest.ts";
import type { WireRecord } from "./wire.ts";
import { WireLog } from "./wire_log.ts";

/** How faults are judged. */
export interface FaultLabOptions {
  /** Directory of the logs. */
  readonly logs?: string | undefined;
  /** How late frames and processes may be on this machine, in ms. */
  readonly lateMs: number;
}

/** What became of a step. */
export interface StepResult extends Judgement {
  /** What was done, for people. */
  readonly text: string;
  /** Nodes that the machine made late or stand still meanwhile: it proves nothing. */
  readonly stalled: readonly string[];
  /** Why it did not come to rest; `undefined` when it did. */
  readonly unrest: string | undefined;
}

/** What a step comes to. */
export type StepVerdict = "holds" | "void" | "violated";

/**
 * Judges a step. One in which the machine made a speaker stand still, or late so
 * often that the others wait longer for it, says nothing when something is
 * breached: that is a fault that nobody made.
 */
export function verdictOf(
  { violations, unrest, stalled }: StepResult,
): StepVerdict {
  if (violations.length === 0 && unrest === undefined) return "holds";
  return stalled.length > 0 ? "void" : "violated";
}

/** A step that the machine spoils is made again, so often in all. */
const ATTEMPTS = 3;
const CLIENT_WIRE = new URL("client_wire.ts", import.meta.url).pathname;
/** Time between two questions for an address, in milliseconds. */
const ASK_MS = 10;
/** Rest that has not come by then does not come: longer than every bound. */
const REST_LIMIT_MS = 15_000;
/** Longer than the others wait longer for who is on time again, in milliseconds. */
const ON_TIME_MS = 25_000;
/** Between two looks whether it is, in milliseconds. */
const ON_TIME_LOOK_MS = 500;
/** What is recorded before a fault, in milliseconds. */
const CALM_MS = 150;
/** A speaker that was started is ready, and known to all, by then. */
const START_LIMIT_MS = 45_000;

/** What an earlier run recorded there would be judged with what this one does. */
function makeFolder(folder: string): void {
  try {
    Deno.mkdirSync(folder);
  } catch (cause) {
    if (!(cause instanceof Deno.errors.AlreadyExists)) throw cause;
    throw new LabError(
      `${folder} has the records of an earlier run: give --logs another directory`,
      { cause },
    );
  }
}

/** Starts the client; gives the folder of its records. */
function startClient(lab: Lab, ips: readonly string[], logs: string): string {
  const { client, clientMac } = lab.topology.lan;
  const folder = `${logs}/wire`;
  makeFolder(folder);
  LabProcess.start(
    {
      name: "client-wire",
      namespace: "client",
      capabilities: "realTime",
      command: [
        ...[Deno.execPath(), "run", "--quiet", "--no-prompt"],
        ...[`--allow-ffi=${LIBRARY_PATHS.join()}`, `--allow-write=${folder}`],
        ...[CLIENT_WIRE, "eth0", clientMac, client.v4, client.v6],
        ...[String(ASK_MS), folder, ...ips],
      ],
    },
    logs,
    ENVIRONMENT,
  );
  return folder;
}

/** A lab that faults are made in. */
export class FaultLab {
  /** The addresses that are asked for. */
  readonly ips: readonly string[];
  readonly #lab: Lab;
  readonly #options: FaultLabOptions;
  readonly #orders: readonly (readonly number[])[];
  readonly #log: WireLog;
  readonly #diary: Diary;
  readonly #injector: Injector;
  readonly #punctuality: Punctuality;
  #records: WireRecord[] = [];
  #happenings: Happening[] = [];

  private constructor(
    lab: Lab,
    options: FaultLabOptions,
    facts: readonly ServiceFacts[],
  ) {
    this.#lab = lab;
    this.#options = options;
    this.ips = facts.flatMap(({ ips }) => ips);
    const names = lab.nodes.map(({ name }) => name);
    this.#orders = facts.flatMap(({ ips, why }) =>
      ips.map(() => why.map(({ node }) => names.indexOf(node)))
    );
    this.#log = new WireLog(
      startClient(lab, this.ips, options.logs ?? LAB_DIRECTORY),
      options.logs !== undefined,
    );
    this.#diary = new Diary(
      lab,
      (happening) => this.#happenings.push(happening),
    );
    this.#injector = new Injector(this.#diary);
    this.#punctuality = new Punctuality(lab.nodes);
  }

  /**
   * Creates the lab's Services and waits until their owners answer.
   *
   * @throws {CheckError} When they do not.
   */
  static async start(lab: Lab, options: FaultLabOptions): Promise<FaultLab> {
    await createServices(lab);
    const facts = await settle(lab, "every Service answers");
    const made = new FaultLab(lab, options, facts);
    const unrest = await made.#rest();
    if (unrest !== undefined) throw new CheckError(unrest, suspects(lab));
    return made;
  }

  /** What the processes of the lab take now. */
  async footprint(): Promise<Footprint> {
    const { nodes, controller } = this.#lab;
    const speakers = nodes.flatMap(({ speaker }) => speaker ?? []);
    return await readFootprint(
      [...speakers, controller],
      this.#options.logs ?? LAB_DIRECTORY,
    );
  }

  /**
   * Makes the faults of a step, ends them, waits for rest and judges what the
   * client saw.
   *
   * @throws {CheckError} When a speaker does not come back.
   */
  async run({ faults, holdMs }: PlannedStep): Promise<StepResult> {
    const lateBefore = await this.#untilOnTime();
    const places = this.#places(faults[0]?.group ?? 0);
    await this.#punctuality.stalled();
    const startedMs = wallClock();
    this.#records = [];
    this.#happenings = [];
    await pause(CALM_MS);
    const ongoing = await Promise.all(
      faults.map((fault) => this.#injector.inject(fault, places)),
    );
    await pause(holdMs);
    await this.#heal(ongoing);
    const unrest = await this.#rest();
    const spoiled = [
      ...await this.#punctuality.stalled(),
      ...await this.#punctuality.late(),
    ];
    const judgement = judgeStep({
      ...{ ips: this.ips, orders: this.#orders, records: this.#records },
      ...{ happenings: this.#happenings, startedMs },
      nodes: this.#lab.nodes.length,
      names: this.#lab.nodes.map(({ name }) => name),
      macs: this.#lab.nodes.map(({ plan }) => plan.mac),
      late: this.#options.lateMs,
    });
    const text = ongoing.map((each) => each.text).join(", and ");
    const stalled = new Set([...lateBefore, ...this.#blameless(spoiled)]);
    return { ...judgement, text, stalled: [...stalled], unrest };
  }

  /**
   * Makes a step, and again while the machine spoils it.
   *
   * @param tell Told of every attempt.
   * @returns The last attempt.
   */
  async runUntilJudged(
    step: PlannedStep,
    tell: (result: StepResult) => void,
  ): Promise<StepResult> {
    for (let left = ATTEMPTS;; left--) {
      const result = await this.run(step);
      tell(result);
      if (verdictOf(result) !== "void" || left === 1) return result;
    }
  }

  /** The owner of an address, and who follows it. */
  #places(group: number): readonly number[] {
    const order = this.#orders[group] ?? [];
    const owner = this.#ownersAtRest()[group];
    if (typeof owner !== "number") return order;
    return [owner, ...order.filter((node) => node !== owner)];
  }

  /** Speakers start last: they need the network. */
  async #heal(ongoing: readonly Ongoing[]): Promise<void> {
    for (const { starts, heal } of ongoing) {
      if (starts === undefined) await heal();
    }
    for (const { starts, heal } of ongoing) {
      if (starts === undefined) continue;
      await heal();
      const node = this.#lab.nodes[starts];
      if (node === undefined) continue;
      await this.#ready(node);
      this.#diary.became(starts, "ready", `${node.name} is ready`);
    }
    await this.#allMembers();
  }

  async #ready({ name, speaker, plan }: LabNode): Promise<void> {
    if (speaker === undefined) return;
    await roleReady(`the speaker of ${name}`, plan.management, speaker);
  }

  async #allMembers(): Promise<void> {
    const { nodes } = this.#lab;
    await until({
      what: "all speakers know each other",
      timeoutMs: START_LIMIT_MS,
      suspects: suspects(this.#lab),
      look: async () => {
        const statuses = await Promise.all(
          nodes.map(askStatus),
        );
        const members = statuses.map((status) => status?.members ?? []);
        const lonely = members.findIndex(({ length }) => length < nodes.length);
        return lonely < 0 || `${nodes[lonely]?.name} knows ${members[lonely]}`;
      },
    });
  }

  /** Waits until one node alone answers for each address; else says what is not so. */
  async #rest(): Promise<string | undefined> {
    const deadline = performance.now() + REST_LIMIT_MS;
    const since = wallClock();
    for (;;) {
      this.#records.push(...await this.#log.read());
      const wrong = this.#ownersAtRest(since).find((each) =>
        typeof each === "string"
      );
      if (wrong === undefined) return undefined;
      if (performance.now() > deadline) return String(wrong);
      await pause(50);
    }
  }

  /** Who alone has answered of late for each address, or why that is nobody. */
  #ownersAtRest(since = 0): readonly (number | string)[] {
    return ownersAtRest({
      ips: this.ips,
      macs: this.#lab.nodes.map(({ plan }) => plan.mac),
      records: this.#records,
    }, since);
  }

  /** Waits for those that were late, which a fault does too; gives who is late still. */
  async #untilOnTime(): Promise<readonly string[]> {
    const deadline = performance.now() + ON_TIME_MS;
    for (;;) {
      const late = await this.#punctuality.late();
      this.#records.push(...await this.#log.read());
      if (late.length === 0 || performance.now() > deadline) return late;
      await pause(ON_TIME_LOOK_MS);
    }
  }

  /** Without those whom a fault made stand still. */
  #blameless(stalled: readonly string[]): readonly string[] {
    const stopped = this.#happenings.flatMap(({ nodes, change }) =>
      change.kind === "node" && change.to === "paused" ? nodes ?? [] : []
    ).map((index) => this.#lab.nodes[index]?.name);
    return stalled.filter((name) => !stopped.includes(name));
  }
}
