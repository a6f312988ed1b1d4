/**
 * A client that asks for addresses, again and again, and writes down all that
 * it sees on its wire of who answers and who announces: one JSON line each. It
 * asks and captures in one loop, so its times are those of the frames.
 *
 * usage: client_wire.ts INTERFACE MAC IPV4 IPV6 EVERY-MS FOLDER IP…
 */
import {
  CaptureHandle,
  GONE,
  openLibrary,
  PollSet,
  raiseSchedulingClass,
} from "../../../ffi/mod.ts";
import { formatIp, parseIp, parseMac } from "../../../mod/net/mod.ts";
import { question } from "../../../mod/ping/mod.ts";
import { readWire, type WireRecord } from "./wire.ts";
import { WireWriter } from "./wire_log.ts";

const FILTER =
  "arp or (ip6 and ip6[6] = 58 and (ip6[40] = 135 or ip6[40] = 136))";
/** Enough for an advertisement with a claim. */
const SNAP_LENGTH = 256;
const FRAME = new Uint8Array(SNAP_LENGTH);

function now(): number {
  return performance.timeOrigin + performance.now();
}

/** The frames that ask for the addresses, by address. */
function questionsOf(
  [name = "", mac = "", v4 = "", v6 = ""]: readonly string[],
  ips: readonly string[],
): readonly { readonly ip: string; readonly frame: Uint8Array }[] {
  const port = {
    ...{ name, mac: parseMac(mac), holds: true },
    ...{ ipv4: parseIp(v4), ipv6: parseIp(v6) },
  };
  return ips.map(parseIp)
    .map((ip) => ({ ip: formatIp(ip), frame: question(ip, port) }));
}

/** Takes all frames that wait. */
function drain(
  handle: CaptureHandle,
  note: (record: WireRecord) => void,
): void {
  for (;;) {
    const length = handle.next(FRAME);
    if (length === GONE) throw handle.failure ?? new Error("Cannot capture");
    if (length === 0) return;
    const read = readWire(FRAME.subarray(0, length));
    if (read !== undefined) note({ atMs: now(), ...read });
  }
}

function watch(args: readonly string[]): never {
  const [name = "", , , , every = "", folder = "", ...ips] = args;
  using library = openLibrary();
  // As far as it may: who is late sees gaps that there are not.
  raiseSchedulingClass(library);
  using handle = CaptureHandle.open(library, name, {
    ...{ promiscuous: true, snapLength: SNAP_LENGTH },
  });
  handle.setFilter(FILTER);
  using file = new WireWriter(folder);
  const poll = new PollSet(library, 1);
  poll.add(handle.fd);
  const questions = questionsOf(args, ips);
  const everyMs = Number(every);
  for (let due = now();;) {
    const lines: string[] = [];
    const note = (record: WireRecord): void => {
      lines.push(JSON.stringify(record) + "\n");
    };
    if (now() >= due) {
      for (const { ip, frame } of questions) {
        note({ atMs: now(), kind: "question", ip, mac: "" });
        handle.send(frame, frame.length);
      }
      // Who was late does not ask all that he missed at once.
      due = Math.max(due + everyMs, now());
    }
    poll.wait(Math.max(0, due - now()));
    drain(handle, note);
    if (lines.length > 0) file.write(lines.join(""));
  }
}

if (import.meta.main) watch(Deno.args);
