/** Cables that are pulled, frames that do not pass, an API server out of reach. */
import { lanPort, MANAGEMENT_BRIDGE } from "../network.ts";
import { run } from "../process.ts";
import { API_PORT } from "../topology.ts";
import { type Cut, NO_API_CUT, renderApiCut, renderCuts } from "./cuts.ts";
import type { Diary, Links } from "./diary.ts";
import type { Ongoing } from "./ongoing.ts";
import type { PlannedFault } from "./plan.ts";

/** Nodes to which something happens that is no reason to move an address. */
const MOVES_NOTHING: readonly number[] = [];

/** As many frames as a network loses that is about to fail, and beats still tell who lives. */
const LOST_PERCENT = 20;

function both(a: number, b: number): Links {
  return [[a, b], [b, a]];
}

/** Cuts links of the lab, one or several at once. */
export class LinkFaults {
  readonly #diary: Diary;
  #cuts: readonly Cut[] = [];

  /** Takes the lab. */
  constructor(diary: Diary) {
    this.#diary = diary;
  }

  /** A node's cable on the LAN is pulled. */
  async unplug(victim: number): Promise<Ongoing> {
    const name = this.#diary.name(victim);
    const links = [...this.#toAll(victim), ...this.#fromAll(victim)];
    const set = (state: string): Promise<string> =>
      run(["ip", "link", "set", lanPort(name), state]);
    const text = `the cable of ${name} is pulled`;
    const how = { isHealed: false, isIpOnly: false };
    this.#diary.linked(text, [victim], links, how);
    await set("down");
    this.#diary.did(`the cable of ${name} is out`, [victim]);
    return {
      text,
      starts: undefined,
      heal: async () => {
        await set("up");
        const healed = { isHealed: true, isIpOnly: false };
        const text = `the cable of ${name} is back`;
        this.#diary.linked(text, [victim], links, healed);
      },
    };
  }

  /** No frame of a node passes, in either way; its carrier stays. */
  partition(victim: number): Promise<Ongoing> {
    const links = [...this.#toAll(victim), ...this.#fromAll(victim)];
    const text = `${this.#diary.name(victim)} is cut from all`;
    return this.#cut(text, [victim], links);
  }

  /** A node hears nobody, and is heard. */
  deafen(victim: number): Promise<Ongoing> {
    const text = `${this.#diary.name(victim)} hears nobody`;
    return this.#cut(text, [victim], this.#fromAll(victim));
  }

  /** A node is heard by nobody, and hears. */
  silence(victim: number): Promise<Ongoing> {
    const text = `nobody hears ${this.#diary.name(victim)}`;
    return this.#cut(text, [victim], this.#toAll(victim));
  }

  /** Two nodes do not hear each other: others vouch for both. */
  cutLink(a: number, b: number): Promise<Ongoing> {
    const names = `${this.#diary.name(a)} and ${this.#diary.name(b)}`;
    const text = `${names} do not hear each other`;
    return this.#cut(text, MOVES_NOTHING, both(a, b));
  }

  /** A node does not hear another, which hears it. */
  cutHalfLink(from: number, to: number): Promise<Ongoing> {
    const name = this.#diary.name(to);
    const text = `${name} does not hear ${this.#diary.name(from)}`;
    return this.#cut(text, MOVES_NOTHING, [[from, to]]);
  }

  /** The link between the client and a node is cut. */
  cutClient(victim: number, way: PlannedFault["way"]): Promise<Ongoing> {
    const { client } = this.#diary;
    const name = this.#diary.name(victim);
    switch (way) {
      case "both":
        return this.#cut(
          `${name} and the client do not hear each other`,
          [victim],
          both(victim, client),
        );
      case "toClient":
        return this.#cut(`the client does not hear ${name}`, [victim], [
          [victim, client],
        ]);
      case "fromClient":
        return this.#cut(`${name} does not hear the client`, [victim], [
          [client, victim],
        ]);
    }
  }

  /**
   * No node hears another's IP. As long as ARP and Neighbor Discovery pass it
   * is no reason to move anything.
   */
  cutIp(): Promise<Ongoing> {
    const links = this.#betweenNodes();
    return this.#cut("no node hears another's IP", MOVES_NOTHING, links, true);
  }

  /** Of the frames between nodes some get lost, at random, and the client's none. */
  async loseSome(): Promise<Ongoing> {
    const diary = this.#diary;
    const text = `${LOST_PERCENT} % of the frames between nodes get lost`;
    const cuts = this.#betweenNodes().map(([from, to]): Cut => ({
      ...{ from: diary.name(from), to: diary.name(to) },
      ...{ isIpOnly: false, percent: LOST_PERCENT },
    }));
    diary.lost(text, LOST_PERCENT / 100);
    await this.#apply([...this.#cuts, ...cuts]);
    return {
      text,
      starts: undefined,
      heal: async () => {
        await this.#apply(this.#cuts.filter((cut) => !cuts.includes(cut)));
        diary.lost(`no more: ${text}`, 0);
      },
    };
  }

  #betweenNodes(): Links {
    const all = this.#diary.lab.nodes.map((_, index) => index);
    return all.flatMap((from) =>
      all.filter((to) => to !== from).map((to) => [from, to] as const)
    );
  }

  /** No speaker reaches the API server. */
  async cutApi(): Promise<Ongoing> {
    const text = "no speaker reaches the API server";
    this.#diary.did(text, MOVES_NOTHING);
    await run(["nft", "-f", "-"], renderApiCut(MANAGEMENT_BRIDGE, API_PORT));
    return {
      text,
      starts: undefined,
      heal: async () => {
        await run(["nft", "-f", "-"], NO_API_CUT);
        this.#diary.did("the API server is reached again", MOVES_NOTHING);
      },
    };
  }

  #others(index: number): readonly number[] {
    return Array.from({ length: this.#diary.client + 1 }, (_, other) => other)
      .filter((other) => other !== index);
  }

  #toAll(from: number): Links {
    return this.#others(from).map((to) => [from, to] as const);
  }

  #fromAll(to: number): Links {
    return this.#others(to).map((from) => [from, to] as const);
  }

  async #cut(
    text: string,
    nodes: readonly number[],
    links: Links,
    isIpOnly = false,
  ): Promise<Ongoing> {
    const diary = this.#diary;
    const cuts = links.map(([from, to]): Cut => ({
      ...{ from: diary.name(from), to: diary.name(to), isIpOnly },
    }));
    // What is cut counts from before the command on, and to after the next:
    // between, nobody can say who hears whom.
    diary.linked(text, nodes, links, { isHealed: false, isIpOnly });
    await this.#apply([...this.#cuts, ...cuts]);
    diary.did(`${text}: in force`, nodes);
    return {
      text,
      starts: undefined,
      heal: async () => {
        await this.#apply(this.#cuts.filter((cut) => !cuts.includes(cut)));
        const healed = { isHealed: true, isIpOnly };
        diary.linked(`no more: ${text}`, nodes, links, healed);
      },
    };
  }

  async #apply(cuts: readonly Cut[]): Promise<void> {
    this.#cuts = cuts;
    await run(["nft", "-f", "-"], renderCuts(cuts));
  }
}
