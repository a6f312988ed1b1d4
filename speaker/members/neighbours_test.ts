import { assertEquals } from "@std/assert";
import { NativeError } from "../../ffi/mod.ts";
import { formatMac } from "../../mod/net/mod.ts";
import { fromHex } from "../../tests/bytes.ts";
import { ManualClock } from "../../tests/manual_clock.ts";
import { Neighbours } from "./neighbours.ts";

const options = { permissions: "none" } as const;
const NOBODY = fromHex("14000000 0300 0200 01000000 00000000 00000000");

/** A dump with 192.0.2.11 at 02:00:00:00:00:0b. */
const MET = fromHex(
  "30000000 1c00 0200 01000000 00000000" + "02 00 0000 04000000 0200 00 01" +
    "0800 0100 c000020b" + "0a00 0200 02000000000b 0000",
);

/** A kernel that can be told what it knows, and counts how often it is asked. */
class Rig {
  readonly clock = new ManualClock();
  readonly neighbours: Neighbours;
  readonly errors: string[] = [];
  wanted: readonly (readonly string[])[] = [["192.0.2.11"]];
  dump: () => Uint8Array = () => NOBODY;
  asked = 0;
  changes = 0;
  readonly #end = new AbortController();
  readonly #done: Promise<void>;

  constructor() {
    this.neighbours = new Neighbours({
      dump: () => {
        this.asked++;
        return this.dump();
      },
      clock: this.clock,
      wanted: () => this.wanted,
      onChange: () => this.changes++,
      onError: ({ message }) => this.errors.push(message),
    });
    this.#done = this.neighbours.run(this.#end.signal);
  }

  get macs(): string[] {
    return this.neighbours.stationsAt(["192.0.2.11"])
      .map(({ mac }) => formatMac(mac));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#end.abort();
    await this.#done;
  }
}

Deno.test(
  "Neighbours look often until everybody was met, then now and then",
  options,
  async () => {
    await using rig = new Rig();
    await rig.clock.advance(700);
    assertEquals([rig.asked, rig.macs], [4, []]);
    rig.dump = () => MET;
    await rig.clock.advance(800);
    assertEquals([rig.asked, rig.changes, rig.macs], [5, 1, [
      "02:00:00:00:00:0b",
    ]]);
    await rig.clock.advance(9_999);
    assertEquals(rig.asked, 5);
    await rig.clock.advance(1);
    assertEquals([rig.asked, rig.changes], [6, 1]);
  },
);

Deno.test(
  "Neighbours look at once when others are wanted",
  options,
  async () => {
    await using rig = new Rig();
    rig.wanted = [];
    await rig.clock.advance(60_000);
    const before = rig.asked;
    rig.wanted = [["192.0.2.11"]];
    rig.dump = () => MET;
    rig.neighbours.hurry();
    await rig.clock.advance(0);
    assertEquals([rig.asked, rig.changes], [before + 1, 1]);
  },
);

Deno.test(
  "Neighbours ask the kernel for nothing when nobody is wanted",
  options,
  async () => {
    await using rig = new Rig();
    rig.wanted = [];
    rig.neighbours.hurry();
    await rig.clock.advance(0);
    const before = rig.asked;
    await rig.clock.advance(60_000);
    assertEquals(rig.asked, before);
  },
);

Deno.test(
  "Neighbours go on after the kernel refused or told nonsense",
  options,
  async () => {
    await using rig = new Rig();
    rig.dump = () => {
      throw new NativeError("Cannot list", {
        operation: "rtnetlink",
        errno: 12,
        reason: "netlinkRefused",
      });
    };
    await rig.clock.advance(100);
    rig.dump = () => MET.subarray(0, 30);
    await rig.clock.advance(200);
    rig.dump = () => MET;
    await rig.clock.advance(400);
    assertEquals(rig.errors.length, 2);
    assertEquals(rig.macs, ["02:00:00:00:00:0b"]);
  },
);
