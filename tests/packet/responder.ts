/**
 * A process that only answers for one address, to be run with the permissions
 * that the packet worker needs and no more.
 *
 * usage: responder.ts INTERFACE MAC IP
 */
import { interfaceIndex, openLibrary } from "../../ffi/mod.ts";
import { parseIp, parseMac } from "../../mod/net/mod.ts";
import { PacketWorker } from "../../speaker/packet/mod.ts";

const [name = "", mac = "", ip = ""] = Deno.args;
using library = openLibrary();
await using worker = await PacketWorker.start({ library });
const index = interfaceIndex(library, name);
const { generation } = worker.publish({
  interfaces: [
    { index, name, mac: parseMac(mac), arp: true, ndp: true, epoch: 0 },
  ],
  addresses: [{ ip: parseIp(ip), interfaces: "all", epoch: 0 }],
});
await worker.whenApplied(generation);
await Deno.stdout.write(new TextEncoder().encode("ready\n"));
// Standard input ends when who started this is done.
for await (const _ of Deno.stdin.readable);
