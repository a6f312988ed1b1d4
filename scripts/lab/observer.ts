/**
 * The observer of the lab: captures what is said on the LAN about addresses
 * and writes one JSON line per sighting. It does nothing else and blocks while
 * nothing happens, so its times are those of the frames.
 */
import { CaptureHandle, GONE, openLibrary, PollSet } from "../../ffi/mod.ts";
import { CAPTURING, readSighting, type TimedSighting } from "./sighting.ts";

const FILTER = "arp or (ip6 and ip6[6] = 58 and ip6[40] = 136)";

function writeLine(line: string): void {
  const bytes = new TextEncoder().encode(line + "\n");
  for (let at = 0; at < bytes.length;) {
    at += Deno.stdout.writeSync(bytes.subarray(at));
  }
}

function observe(interfaceName: string): void {
  using library = openLibrary();
  using handle = CaptureHandle.open(library, interfaceName, {
    promiscuous: true,
  });
  handle.setFilter(FILTER);
  const poll = new PollSet(library, 1);
  poll.add(handle.fd);
  writeLine(CAPTURING);
  const frame = new Uint8Array(128);
  for (;;) {
    poll.wait(Infinity);
    const atMs = performance.timeOrigin + performance.now();
    for (;;) {
      const length = handle.next(frame);
      if (length === GONE) throw handle.failure ?? new Error("Cannot observe");
      if (length === 0) break;
      const sighting = readSighting(frame.subarray(0, length));
      if (sighting === undefined) continue;
      const timed: TimedSighting = { ...sighting, atMs };
      writeLine(JSON.stringify(timed));
    }
  }
}

if (import.meta.main) observe("eth0");
