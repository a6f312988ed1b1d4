import { assertEquals } from "@std/assert";
import { ANNA, ME, RecordingSink } from "../../tests/claims_rig.ts";
import {
  Beat,
  BeatCodec,
  MAX_BEAT_BYTES,
  ReplayGuard,
} from "../ownership/mod.ts";
import { readBeat } from "./beat_reader.ts";
import { sendBeats } from "./beat_writer.ts";
import { addPeer, makeContext } from "./test_context.ts";

const KEY = new Uint8Array(32).fill(1);

Deno.test(
  "beats are news when there were more of them than 32 bits count, and each once",
  { permissions: "none" },
  () => {
    const sink = new RecordingSink();
    const sender = makeContext(ANNA, sink);
    sender.self.sequence = 2 ** 32 - 3;
    const receiver = makeContext(ME, new RecordingSink());
    const to = addPeer(sender, ME, { incarnation: 1 });
    addPeer(receiver, ANNA);
    for (let now = 1000; now < 1500; now += 100) {
      sendBeats(sender, new Beat(), to, 0, now);
    }
    const writer = new BeatCodec(ANNA, [KEY]);
    const reader = new BeatCodec(ME, [KEY]);
    const guard = new ReplayGuard();
    const packet = new Uint8Array(MAX_BEAT_BYTES);
    const arrived = new Beat();
    const take = (beat: Beat): unknown => {
      const length = writer.seal(beat, ME, packet);
      assertEquals(reader.open(packet, length, arrived), "beat");
      const freshness = guard.judge(arrived);
      return [freshness, readBeat(receiver, arrived, 2000, false)];
    };
    for (const { beat } of sink.beats) {
      assertEquals(take(beat), ["fresh", "taken"], `beat ${beat.sequence}`);
    }
    assertEquals(sink.beats.at(-1)?.beat.sequence, 2 ** 32 + 2);
    for (const { beat } of sink.beats) {
      assertEquals(take(beat), ["replayed", "oldSequence"]);
    }
  },
);
