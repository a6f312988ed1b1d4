/** The buffers that packets of gossip come in. */
import { assert, assertEquals } from "@std/assert";
import { PacketSocket } from "../../speaker/swim/packet_socket.ts";

const AT = { ip: "127.78.7.1", port: 7946 };
const PACKETS = 100;
/** The runtime reads every packet into a buffer of so many bytes. */
const BUFFER = 65_536;

Deno.test("PacketSocket keeps a packet, and not the buffer that it came in", async () => {
  const { promise: all, resolve, reject } = Promise.withResolvers<void>();
  const packets: Uint8Array[] = [];
  const before = Deno.memoryUsage().external;
  const socket = await PacketSocket.bind(AT, {
    onPacket: (bytes) => {
      packets.push(bytes);
      if (packets.length === PACKETS) resolve();
      else socket.send(Uint8Array.of(packets.length), AT);
    },
    onError: reject,
  });
  socket.send(Uint8Array.of(0), AT);
  await all;
  const held = Deno.memoryUsage().external - before;
  await socket.close();
  assertEquals(
    packets.map((bytes) => [...bytes]),
    Array.from({ length: PACKETS }, (_, i) => [i]),
  );
  assertEquals(
    new Set(packets.map(({ buffer }) => buffer.byteLength)),
    new Set([1]),
  );
  assert(held < PACKETS / 4 * BUFFER, `${held} bytes are held`);
});
