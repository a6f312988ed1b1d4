import { assertEquals } from "@std/assert";
import {
  ANNA,
  BERT,
  CARL,
  GROUP,
  groupRecord,
  ME,
  RecordingSink,
  segmentRecord,
} from "../../tests/claims_rig.ts";
import { readTable } from "./table_reader.ts";
import { Beating } from "./beating.ts";
import { stepGroups } from "./steps.ts";
import { makeContext } from "./test_context.ts";

const options = { permissions: "none" } as const;
const HOLD = 10_000;

/** A table that came at a time: who is alive, and the order of the candidates. */
type Table = readonly [
  now: number,
  alive: readonly number[],
  order: readonly number[],
];

interface OrderCase {
  readonly name: string;
  readonly tables: readonly Table[];
  readonly placed: readonly number[];
}

const ORDERS: readonly OrderCase[] = [
  {
    name: "at the start: nobody",
    tables: [[0, [ANNA, BERT], [ANNA, BERT, ME]]],
    placed: [],
  },
  {
    name: "after a changed preference: who has overtaken us",
    tables: [
      [0, [ANNA, BERT], [ANNA, ME, BERT]],
      [HOLD, [ANNA, BERT], [BERT, ANNA, ME]],
    ],
    placed: [BERT],
  },
  {
    name: "after it has become a candidate: who was here before",
    tables: [[0, [ANNA, BERT], [ME, BERT]], [HOLD, [ANNA, BERT], [ANNA, ME]]],
    placed: [ANNA],
  },
  {
    name: "after a change behind the first: nobody",
    tables: [
      [0, [ANNA, BERT], [ANNA, ME, BERT]],
      [HOLD, [ANNA, BERT], [ANNA, ME]],
    ],
    placed: [],
  },
  {
    name: "after it left and returned: not who has just come",
    tables: [
      [0, [ANNA, BERT], [ANNA, ME, BERT]],
      [HOLD, [BERT], [ME, BERT]],
      [HOLD + 500, [ANNA, BERT], [ANNA, ME, BERT]],
    ],
    placed: [],
  },
  {
    name: "after its interfaces are known at last: not who came shortly before",
    tables: [
      [0, [BERT], [ME, BERT]],
      [HOLD, [ANNA, BERT], [ME, BERT]],
      [2 * HOLD - 1, [ANNA, BERT], [ANNA, ME, BERT]],
    ],
    placed: [],
  },
  {
    name: "after two changes within ten seconds: both",
    tables: [
      [0, [ANNA, BERT, CARL], [ME, ANNA, BERT]],
      [HOLD, [ANNA, BERT, CARL], [ANNA, ME, BERT]],
      [HOLD + 9999, [ANNA, BERT, CARL], [BERT, ANNA, ME]],
    ],
    placed: [ANNA, BERT],
  },
  {
    name: "after two changes further apart: the later",
    tables: [
      [0, [ANNA, BERT, CARL], [ME, ANNA, BERT]],
      [HOLD, [ANNA, BERT, CARL], [ANNA, ME, BERT]],
      [2 * HOLD, [ANNA, BERT, CARL], [BERT, ANNA, ME]],
    ],
    placed: [BERT],
  },
];
Deno.test.each(ORDERS)(
  "readTable() is to place a group, $name",
  options,
  ({ tables, placed }) => {
    const ctx = makeContext(ME, new RecordingSink());
    for (const [now, alive, order] of tables) {
      const record = segmentRecord([ANNA, BERT, CARL], [groupRecord(order)]);
      const members = record.members.map((each) => ({
        ...each,
        isAlive: alive.includes(each.node),
      }));
      readTable(ctx, { ...record, members }, now);
    }
    assertEquals(ctx.segment.group(GROUP).placed, placed);
  },
);

Deno.test(
  "nobody's beats are needed for a group that is forgotten",
  options,
  () => {
    const sink = new RecordingSink();
    const ctx = makeContext(ME, sink);
    const beating = new Beating(ctx.self);
    const group = groupRecord([ANNA, BERT, ME], { isNew: true });
    readTable(ctx, segmentRecord([ANNA, BERT], [group]), 0);
    // A foreign host uses the address, and nobody claims it.
    for (let now = 0; now < 40_000; now += 50) {
      const known = ctx.segment.group(GROUP);
      known.announcing.foreignAt = now;
      stepGroups(ctx, now);
      beating.run([ctx], now);
    }
    assertEquals(beating.partners, 2);
    readTable(ctx, segmentRecord([ANNA, BERT], []), 40_000);
    for (let now = 40_000; now < 50_000; now += 50) {
      stepGroups(ctx, now);
      beating.run([ctx], now);
    }
    assertEquals(ctx.segment.groups.size, 0);
    assertEquals(beating.partners, 0);
  },
);
