/** The socket of the gossip. */
import { assert, assertEquals } from "@std/assert";
import { SYSTEM_CLOCK } from "../../mod/time/mod.ts";
import { PacketSocket } from "../../speaker/swim/packet_socket.ts";

const AT = { ip: "127.78.7.1", port: 7946 };
const PACKETS = 100;
/** The runtime reads every packet into a buffer of so many bytes. */
const BUFFER = 65_536;

Deno.test("PacketSocket keeps a packet, and not the buffer that it came in", async () => {
  const { promise: all, resolve, reject } = Promise.withResolvers<void>();
  const packets: Uint8Array[] = [];
  const before = Deno.memoryUsage().external;
  const socket = new PacketSocket(AT, SYSTEM_CLOCK, {
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

Deno.test("PacketSocket tells what cannot be sent, and goes on", async () => {
  const errors: Error[] = [];
  const { promise: received, resolve } = Promise.withResolvers<Uint8Array>();
  const { promise: refused, resolve: refuse } = Promise.withResolvers<void>();
  const socket = new PacketSocket(AT, SYSTEM_CLOCK, {
    onPacket: resolve,
    onError: (error) => {
      errors.push(error);
      refuse();
    },
  });
  // Nobody on the loopback network is reached beyond it.
  socket.send(Uint8Array.of(1), { ip: "198.51.100.1", port: AT.port });
  await refused;
  socket.send(Uint8Array.of(2), AT);
  assertEquals(await received, Uint8Array.of(2));
  await socket.close();
  assertEquals(errors.length, 1);
});

Deno.test("PacketSocket is closed without an error", async () => {
  const errors: Error[] = [];
  const socket = new PacketSocket(AT, SYSTEM_CLOCK, {
    onPacket: () => {},
    onError: (error) => errors.push(error),
  });
  socket.send(Uint8Array.of(1), AT);
  await socket.close();
  assertEquals(errors, []);
});
