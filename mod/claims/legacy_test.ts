import { assertEquals } from "@std/assert";
import {
  ANNA,
  BERT,
  CARL,
  claimOf,
  GROUP,
  groupRecord,
  ME,
  RecordingSink,
  segmentRecord,
  SLOT,
} from "../../tests/claims_rig.ts";
import { NO_CLAIM, NO_NODE } from "../ownership/mod.ts";
import type { Context } from "./context.ts";
import type { Group } from "./group.ts";
import {
  awaitsLegacy,
  isOursByOrder,
  legacyMayOwn,
  legacySilences,
  succeedsLegacy,
} from "./legacy.ts";
import { ClaimEngine } from "./mod.ts";
import {
  addGroup,
  addPeer,
  makeContext,
  type PeerFields,
} from "./test_context.ts";
import { nextSuccessor } from "./yielding.ts";

const NOW = 100_000;
const pure = { permissions: "none" } as const;

/** Anna's speaker is MetalLB's; Bert's and Carl's are ours. */
function world(
  order: readonly number[],
  anna: PeerFields = {},
): { readonly ctx: Context; readonly group: Group } {
  const ctx = makeContext(ME, new RecordingSink());
  addPeer(ctx, ANNA, { speaksClaims: false, ...anna });
  for (const node of [BERT, CARL]) {
    addPeer(ctx, node, { beatAt: NOW - 50, isTwoWay: true, isArmed: true });
  }
  return { ctx, group: addGroup(ctx, GROUP, order) };
}

const LEFT = { isAlive: false, hasLeft: true };
const DEAD = { isAlive: false };

interface SilenceCase {
  readonly name: string;
  readonly order: readonly number[];
  readonly anna?: PeerFields;
  readonly change?: (ctx: Context) => void;
  readonly is: boolean;
}

const SILENCES: readonly SilenceCase[] = [
  { name: "comes first", order: [ANNA, ME], is: true },
  { name: "comes before", order: [BERT, ANNA, ME], is: true },
  { name: "comes after", order: [ME, ANNA], is: false },
  { name: "meets one that is no candidate", order: [BERT], is: true },
  {
    name: "comes first and is called dead",
    order: [ANNA, ME],
    anna: DEAD,
    is: true,
  },
  {
    name: "comes first and has left",
    order: [ANNA, ME],
    anna: LEFT,
    is: false,
  },
  {
    name: "comes after one that ends",
    order: [ME, ANNA],
    change: ({ self }) => self.lifecycle = "exiting",
    is: true,
  },
  {
    name: "comes after one that drains",
    order: [ME, ANNA],
    change: ({ self }) => self.lifecycle = "draining",
    is: true,
  },
  {
    name: "comes after one whose main thread is silent",
    order: [ME, ANNA],
    change: ({ self }) => self.isMainSilent = true,
    is: true,
  },
];
Deno.test.each(SILENCES)(
  "legacySilences() by a member that $name: $is",
  pure,
  ({ order, anna, change, is }) => {
    const { ctx, group } = world(order, anna);
    change?.(ctx);
    assertEquals(legacySilences(ctx, group, addPeer(ctx, ANNA)), is);
  },
);

const SUCCESSIONS = [
  { name: "comes after", order: [ME, ANNA], anna: {}, rank: 1, is: true },
  { name: "is no candidate", order: [ME, BERT], anna: {}, rank: 1, is: true },
  { name: "comes first", order: [ANNA, ME], anna: {}, rank: 1, is: false },
  {
    name: "comes first and is dead",
    order: [ANNA, ME],
    anna: DEAD,
    rank: 1,
    is: false,
  },
  {
    name: "comes first and has left",
    order: [ANNA, ME],
    anna: LEFT,
    rank: 1,
    is: true,
  },
  {
    name: "has left, with another before us",
    order: [ANNA, BERT, ME],
    anna: LEFT,
    rank: 2,
    is: false,
  },
  {
    name: "comes after, but sends claims",
    order: [ME, ANNA],
    anna: { speaksClaims: true },
    rank: 1,
    is: false,
  },
];
Deno.test.each(SUCCESSIONS)(
  "succeedsLegacy() where the owner $name: $is",
  pure,
  ({ order, anna, rank, is }) => {
    const { ctx, group } = world(order, anna);
    group.believe(claimOf(ANNA, 1), ctx.segment.peer(ANNA), NOW);
    assertEquals(succeedsLegacy(group, rank), is);
  },
);

const UNKNOWN = [
  {
    name: "first, before one of MetalLB's",
    order: [ME, ANNA],
    anna: {},
    rank: 1,
    is: true,
  },
  {
    name: "first, before a dead one",
    order: [ME, ANNA],
    anna: DEAD,
    rank: 1,
    is: false,
  },
  {
    name: "first, with none of MetalLB's",
    order: [ME, BERT],
    anna: {},
    rank: 1,
    is: false,
  },
  { name: "second", order: [BERT, ME, ANNA], anna: {}, rank: 2, is: false },
];
Deno.test.each(UNKNOWN)(
  "isOursByOrder() for a node that is $name: $is",
  pure,
  ({ order, anna, rank, is }) => {
    assertEquals(isOursByOrder(world(order, anna).group, rank), is);
  },
);

const RIVALS = [
  { name: "comes first", order: [ANNA, ME], anna: {}, is: true },
  { name: "comes after", order: [ME, ANNA], anna: {}, is: false },
  { name: "is dead", order: [ANNA, ME], anna: DEAD, is: false },
  { name: "is no candidate", order: [BERT, ME], anna: {}, is: false },
];
Deno.test.each(RIVALS)(
  "legacyMayOwn() when MetalLB's speaker $name: $is",
  pure,
  ({ order, anna, is }) => {
    assertEquals(legacyMayOwn(world(order, anna).group), is);
  },
);

interface AwaitCase {
  readonly name: string;
  readonly order: readonly number[];
  readonly lifecycle: "member" | "draining" | "exiting";
  readonly since: number;
  readonly is: boolean;
  readonly successor: number;
}

const AWAITED: readonly AwaitCase[] = [
  {
    name: "ends",
    order: [ME, ANNA, BERT],
    lifecycle: "exiting",
    since: NOW,
    is: true,
    successor: ANNA,
  },
  {
    name: "ends, behind ours",
    order: [ME, BERT, ANNA],
    lifecycle: "exiting",
    since: NOW,
    is: true,
    successor: BERT,
  },
  {
    name: "ends, for half a second",
    order: [ME, ANNA, BERT],
    lifecycle: "exiting",
    since: NOW - 500,
    is: false,
    successor: BERT,
  },
  {
    name: "is no candidate",
    order: [ANNA, BERT],
    lifecycle: "member",
    since: NOW,
    is: true,
    successor: ANNA,
  },
  {
    name: "drains",
    order: [ME, ANNA, BERT],
    lifecycle: "draining",
    since: NOW,
    is: false,
    successor: BERT,
  },
];
Deno.test.each(AWAITED)(
  "awaitsLegacy() of a node that $name: $is, and nextSuccessor() is $successor",
  pure,
  ({ order, lifecycle, since, is, successor }) => {
    const { ctx, group } = world(order);
    ctx.self.lifecycle = lifecycle;
    group.handover.since = since;
    assertEquals(awaitsLegacy(ctx, group, NOW), is);
    assertEquals(nextSuccessor(ctx, group, NOW), successor);
  },
);

/** An engine beside Anna, whose speaker is MetalLB's. */
class Beside {
  readonly sink = new RecordingSink();
  readonly engine = new ClaimEngine({
    node: ME,
    incarnation: 1,
    sink: this.sink,
    random: () => 0.5,
  });
  readonly #order: readonly number[];
  #now = 0;

  constructor(order: readonly number[], anna?: "alive" | "left") {
    this.#order = order;
    this.meet(anna);
  }

  /** The membership changes. */
  meet(anna?: "alive" | "left"): void {
    const members = anna === undefined ? [] : [{
      node: ANNA,
      isAlive: anna === "alive",
      hasLeft: anna === "left",
      speaksClaims: false,
    }];
    const record = segmentRecord([], [groupRecord(this.#order)]);
    this.engine.apply([{ ...record, members }], this.#now);
  }

  announced(): void {
    this.engine.receiveAnnouncement(SLOT, GROUP, ANNA, NO_CLAIM, this.#now);
  }

  answered(): void {
    this.engine.receiveAnswer(SLOT, GROUP, ANNA, NO_CLAIM, this.#now);
  }

  /** What is done up to a time, each with its own, but not what is asked. */
  until(end: number): string[] {
    const done: string[] = [];
    for (;;) {
      this.engine.run(this.#now);
      done.push(...this.sink.take().map((what) => `${this.#now}: ${what}`));
      const { nextDeadline } = this.engine;
      if (nextDeadline > end) break;
      this.#now = Math.max(this.#now, nextDeadline);
    }
    this.#now = end;
    return done.filter((each) => !each.includes("ask"));
  }
}

Deno.test(
  "ClaimEngine that joins before MetalLB's takes over once nobody answers for 100 ms",
  pure,
  () => {
    const node = new Beside([ME, ANNA], "alive");
    node.engine.join(0);
    assertEquals(node.until(300).slice(0, 2), [
      "100: answer 1000 term 1 alone",
      "100: takeOver ownerUnknown",
    ]);
  },
);

Deno.test(
  "ClaimEngine takes over at once from MetalLB's that comes after it",
  pure,
  () => {
    const node = new Beside([ME, ANNA], "alive");
    node.engine.join(0);
    node.until(20);
    node.answered();
    assertEquals(node.until(20).slice(0, 3), [
      "20: answer 1000 term 1",
      `20: takeOver legacyOwner ${ANNA}`,
      "20: announce 1000",
    ]);
  },
);

Deno.test(
  "ClaimEngine takes over from MetalLB's that comes first at its goodbye, whatever that still says",
  pure,
  () => {
    const node = new Beside([ANNA, ME], "alive");
    node.engine.join(0);
    node.announced();
    assertEquals(node.until(500), []);
    node.meet("left");
    assertEquals(node.until(500).at(1), `500: takeOver legacyOwner ${ANNA}`);
    node.announced();
    assertEquals(node.until(600).filter((each) => each.includes("sil")), []);
    assertEquals(node.engine.ownsAny, true);
  },
);

Deno.test(
  "ClaimEngine that owns asks at once when MetalLB's has come that is first",
  pure,
  () => {
    const node = new Beside([ANNA, ME]);
    node.engine.join(0);
    node.until(5000);
    node.sink.take();
    node.meet("alive");
    node.engine.run(5000);
    assertEquals(
      node.sink.take().filter((each) => each.startsWith("ask 1000")),
      ["ask 1000 term 1"],
    );
    node.answered();
    assertEquals(node.until(5001), [
      "5000: silence 1000",
      "5000: silent legacyOwner",
    ]);
  },
);

Deno.test(
  "ClaimEngine that ends answers until MetalLB's announces",
  pure,
  () => {
    const node = new Beside([ME, ANNA], "alive");
    node.engine.join(0);
    node.answered();
    node.until(10_000);
    node.engine.exit(10_000);
    assertEquals(node.until(10_100), [`10000: offer exit ${ANNA}`]);
    node.announced();
    assertEquals(node.until(10_200), [
      "10100: silence 1000",
      "10100: silent legacyOwner",
    ]);
  },
);

Deno.test("ClaimEngine calls nobody foreign before it has joined", pure, () => {
  const node = new Beside([ME, ANNA]);
  const notices = (): string[] => {
    node.engine.receiveAnnouncement(SLOT, GROUP, NO_NODE, NO_CLAIM, 0);
    return node.until(0).filter((each) => each.includes("notice"));
  };
  assertEquals(notices(), []);
  node.engine.join(0);
  assertEquals(notices(), ["0: notice 1000 foreignConflict"]);
});

Deno.test(
  "ClaimEngine corrects the clients of a node that announces and is no member",
  pure,
  () => {
    const node = new Beside([ME, ANNA]);
    node.engine.join(0);
    node.until(10_000);
    node.announced();
    assertEquals(node.until(10_500), ["10000: announce 1000"]);
    node.announced();
    assertEquals(node.until(20_000), ["11000: announce 1000"]);
  },
);
