/**
 * Asks the LAN for addresses by ARP, again and again, from an interface
 * without addresses: what is answered, the observer sees.
 *
 * usage: asker.ts INTERFACE MAC SENDER-IP IP,… EVERY-MS
 */
import { CaptureHandle, openLibrary } from "../../../ffi/mod.ts";
import {
  arpRequest,
  BROADCAST_MAC,
  encodeArp,
  encodeEthernet,
  EtherType,
  parseIp,
  parseMac,
} from "../../../mod/net/mod.ts";

function question(mac: string, sender: string, ip: string): Uint8Array {
  const source = parseMac(mac);
  const asked = arpRequest({ mac: source, ip: parseIp(sender) }, parseIp(ip));
  return encodeEthernet({
    ...{ destination: BROADCAST_MAC, source, tags: [] },
    ...{ etherType: EtherType.arp, payload: encodeArp(asked) },
  });
}

function ask(
  [name = "", mac = "", sender = "", ips = "", everyMs = ""]: readonly string[],
): void {
  const library = openLibrary();
  const handle = CaptureHandle.open(library, name, {});
  // A local experiment's type (IEEE 802), so that nothing is captured.
  handle.setFilter("ether proto 0x88b5");
  const frames = ips.split(",").map((ip) => question(mac, sender, ip));
  const started = performance.now();
  let asked = 0;
  // Timers drift under load: what is due is sent, so the rate holds.
  setInterval(() => {
    const due = (performance.now() - started) / Number(everyMs);
    for (; asked < due; asked++) {
      for (const frame of frames) handle.send(frame, frame.length);
    }
  }, Number(everyMs));
}

if (import.meta.main) ask(Deno.args);
