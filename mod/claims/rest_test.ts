/** How often nodes of an unchanged world wake. */
import { assertLessOrEqual } from "@std/assert";
import {
  ANNA,
  BERT,
  groupRecord,
  hashOf,
  ME,
  RecordingSink,
  segmentRecord,
  SLOT,
} from "../../tests/claims_rig.ts";
import {
  ClaimEngine,
  type ClaimSettings,
  DEFAULT_CLAIM_SETTINGS,
} from "./mod.ts";

const pure = { permissions: "none" } as const;

const NODES = [ME, ANNA, BERT];
/** Of each node, in groups of one frame. */
const OWNED = 100;
/** A frame is so long under way, in ms. */
const WAY = 0.4;
/** What is due within this of a wake costs no other, in ms. */
const AWAKE = 3;
/** A first burst is over, in ms. */
const REST = 20_000;
const END = 80_000;

/** One node: its groups come first with it. */
class Node {
  readonly sink = new RecordingSink();
  readonly engine: ClaimEngine;
  readonly begins: number;
  wakes = 0;
  #wokeAt = -Infinity;

  constructor(node: number, begins: number, settings: Partial<ClaimSettings>) {
    this.begins = begins;
    this.engine = new ClaimEngine({
      node,
      incarnation: 1,
      sink: this.sink,
      settings: { ...DEFAULT_CLAIM_SETTINGS, ...settings },
    });
    const groups = NODES.flatMap((first, at) => {
      const order = [first, ...NODES.filter((other) => other !== first)];
      return Array.from(
        { length: OWNED },
        (_, i) =>
          groupRecord(order, { id: 1000 * (at + 1) + i, hash: hashOf(node) }),
      );
    });
    const others = NODES.filter((other) => other !== node);
    this.engine.apply([segmentRecord(others, groups)], begins);
    this.engine.join(begins);
  }

  woke(now: number): void {
    if (now >= REST && now - this.#wokeAt > AWAKE) this.wakes++;
    this.#wokeAt = now;
  }
}

/** Three nodes that begin at different times; how often each woke in a second. */
function wakesOf(settings: Partial<ClaimSettings>): number[] {
  const nodes = NODES.map((node, at) => new Node(node, 33 * at, settings));
  const mail: {
    readonly at: number;
    readonly to: Node;
    readonly read: (now: number) => void;
  }[] = [];
  const post = (from: Node, now: number): void => {
    for (const { to, beat } of from.sink.beats.splice(0)) {
      const other = nodes[NODES.indexOf(to)];
      if (other === undefined || now < other.begins) continue;
      mail.push({
        at: now + WAY,
        to: other,
        read: (at) => other.engine.receiveBeat(SLOT, beat, at),
      });
    }
    for (const what of from.sink.take()) {
      const id = Number(/^announce (\d+)/.exec(what)?.[1] ?? NaN);
      const claim = from.sink.answering.get(`${SLOT}/${id}`);
      if (claim === undefined) continue;
      for (const other of nodes) {
        if (other === from || now < other.begins) continue;
        mail.push({
          at: now + WAY,
          to: other,
          read: (at) =>
            other.engine.receiveAnnouncement(SLOT, id, claim.node, claim, at),
        });
      }
    }
  };
  for (let now = 0; now < END;) {
    for (const node of nodes) {
      if (now < node.begins) continue;
      let isAwake = node.engine.nextDeadline <= now;
      while (mail[0]?.to === node && mail[0].at <= now) {
        isAwake = true;
        mail.shift()?.read(now);
      }
      if (!isAwake) continue;
      node.woke(now);
      node.engine.mainSpoke(now);
      node.engine.run(now);
      post(node, now);
    }
    mail.sort((a, b) => a.at - b.at);
    // A loop waits whole milliseconds.
    const due = nodes.map(({ engine, begins }) =>
      now < begins ? begins : now + Math.ceil(engine.nextDeadline - now)
    );
    now = Math.max(now, Math.min(mail[0]?.at ?? Infinity, ...due));
  }
  return nodes.map(({ wakes }) => wakes * 1000 / (END - REST));
}

Deno.test.each([
  { refresh: 0 },
  { refresh: DEFAULT_CLAIM_SETTINGS.refresh },
])(
  "nodes wake for one round of beats an interval, whatever they refresh: every $refresh ms",
  pure,
  ({ refresh }) => {
    for (const wakes of wakesOf({ refresh })) assertLessOrEqual(wakes, 11);
  },
);
