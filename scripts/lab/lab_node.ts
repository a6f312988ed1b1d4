/** One node of the lab: its speaker, its Pod and its cables. */
import type { DataPlane } from "./data_plane.ts";
import { setLinks } from "./network_driver.ts";
import { LabProcess } from "./process.ts";
import { manifestEnvironment, type ManifestRole } from "../engine_flags.ts";
import type { LabSettings, SpeakerStyle } from "./options.ts";
import { podLaunch, speakerLaunch } from "./programs.ts";
import type { NodePlan } from "./topology.ts";

/** Variables of every process. */
export const ENVIRONMENT: Readonly<Record<string, string>> = {
  NO_COLOR: "1",
  DENO_NO_UPDATE_CHECK: "1",
};

/** Variables of a role's process: in the lab's own style with the engine as it is. */
export function roleEnvironment(
  role: ManifestRole,
  style: SpeakerStyle,
): Readonly<Record<string, string>> {
  return style === "lab"
    ? ENVIRONMENT
    : { ...ENVIRONMENT, ...manifestEnvironment(role) };
}

/** How the processes of a node are run. */
export interface LabNodeOptions {
  /** Folder of their logs. */
  readonly logs: string;
  /** How many nodes there are. */
  readonly nodes: number;
  /** How its speaker is run. */
  readonly speakers: SpeakerStyle;
  /** What forwards on it. */
  readonly proxy: LabSettings["proxy"];
  /** More flags of its speaker. */
  readonly flags: readonly string[];
}

/** A node that can be killed and started. */
export class LabNode {
  /** Names and addresses. */
  readonly plan: NodePlan;
  readonly #options: LabNodeOptions;
  #pod: LabProcess | undefined;
  #speaker: LabProcess | undefined;

  /**
   * @param plan Names and addresses.
   * @param options How its processes are run.
   */
  constructor(plan: NodePlan, options: LabNodeOptions) {
    this.plan = plan;
    this.#options = options;
  }

  /** Name of the node. */
  get name(): string {
    return this.plan.name;
  }

  /** Whether its speaker was started and not killed. */
  get up(): boolean {
    return this.#speaker !== undefined;
  }

  /** Its processes that should be running. */
  get processes(): readonly LabProcess[] {
    return [this.#speaker, this.#pod].filter((process) =>
      process !== undefined
    );
  }

  /** Its speaker; undefined while it is down. */
  get speaker(): LabProcess | undefined {
    return this.#speaker;
  }

  /** Starts its Pod. */
  startPod(): void {
    const { logs } = this.#options;
    this.#pod = LabProcess.start(podLaunch(this.plan), logs, ENVIRONMENT);
  }

  /**
   * Starts its speaker.
   *
   * @param flags More flags than every speaker has; those of the lab when absent.
   */
  startSpeaker(flags: readonly string[] = this.#options.flags): void {
    const { logs, speakers } = this.#options;
    this.#speaker = LabProcess.start(
      speakerLaunch(this.plan, { ...this.#options, flags }),
      logs,
      roleEnvironment("speaker", speakers),
    );
  }

  /** The node dies: its processes by SIGKILL, its cables dead, its rules left. */
  async kill(dataPlane: DataPlane): Promise<void> {
    const dying = this.processes.map((process) => process.stop());
    this.#speaker = undefined;
    this.#pod = undefined;
    await Promise.all([
      ...dying,
      dataPlane.nodeDown(this.name),
      setLinks(this.name, "down"),
    ]);
  }

  /** The node boots: what {@linkcode kill} took away is back. */
  async start(dataPlane: DataPlane): Promise<void> {
    await setLinks(this.name, "up");
    this.startPod();
    this.startSpeaker();
    await dataPlane.nodeUp(this.name);
  }
}
