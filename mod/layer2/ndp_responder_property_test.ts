import { assertEquals } from "@std/assert";
import fc from "fast-check";
import {
  assertAdvertisement,
  type ExpectedAnswer,
  resealed,
} from "../../tests/advertisements.ts";
import * as arbitrary from "../../tests/arbitraries.ts";
import { OWN_MAC, PEER_IPV6, solicitationFrame } from "../../tests/frames.ts";
import { mutate, mutations } from "../../tests/mutations.ts";
import {
  ALL_NODES,
  decodeEthernet,
  decodeIpv6,
  EtherType,
  isGroupMac,
  isMulticastIp,
  isUnspecifiedIp,
  linkLayerAddress,
  macEquals,
  multicastMac,
  parseIp,
  parseMac,
  receiveNdp,
  solicitedNodeMulticast,
  WireError,
  ZERO_MAC,
} from "../net/mod.ts";
import { AddressTable, WORDS_PER_ENTRY } from "./address_table.ts";
import { FrameResponder } from "./frame_responder.ts";

const options = { permissions: "none" } as const;
const VIP = parseIp("2001:db8::1:2:3");
const ELSEWHERE = parseIp("2001:db8::2");
const FOREIGN = parseIp("2001:db8::3");
const UNSPECIFIED = parseIp("::");
const OTHER_MAC = parseMac("02:00:00:00:00:cc");

const table = new AddressTable(new Int32Array(8 * WORDS_PER_ENTRY));
table.insert({ ip: VIP, id: 1, lowMask: 0, highMask: 1 << 3, epoch: 0 });
table.insert({ ip: ELSEWHERE, id: 2, lowMask: 1, highMask: 0, epoch: 0 });
const responder = new FrameResponder({
  mac: OWN_MAC,
  slot: 35,
  arp: true,
  ndp: true,
});

/** Where the codec says that the answer goes; `undefined` when there is none. */
function expectAnswer(frame: Uint8Array): ExpectedAnswer | undefined {
  try {
    const { destination, source, tags, etherType, payload } = decodeEthernet(
      frame,
    );
    if (tags.some(({ id }) => id !== 0)) return undefined;
    if (etherType !== EtherType.ipv6 || macEquals(source, OWN_MAC)) {
      return undefined;
    }
    if (!isGroupMac(destination) && !macEquals(destination, OWN_MAC)) {
      return undefined;
    }
    const packet = decodeIpv6(payload);
    const received = receiveNdp(packet);
    if (received.kind === "drop") return undefined;
    const { message } = received;
    if (message.kind !== "neighborSolicitation") return undefined;
    if (message.target.value !== VIP.value) return undefined;
    if (packet.source.value === VIP.value || isMulticastIp(packet.source)) {
      return undefined;
    }
    const mac = linkLayerAddress(message.options, "sourceLinkLayerAddress") ??
      source;
    if (isGroupMac(mac) || macEquals(mac, ZERO_MAC)) return undefined;
    return isUnspecifiedIp(packet.source)
      ? { mac: multicastMac(ALL_NODES), ip: ALL_NODES, solicited: false }
      : { mac, ip: packet.source, solicited: true };
  } catch (error) {
    if (error instanceof WireError) return undefined;
    throw error;
  }
}

Deno.test(
  "FrameResponder answers exactly the solicitations that the codec accepts",
  options,
  () => {
    const frames = fc.record({
      target: fc.constantFrom(VIP, VIP, VIP, ELSEWHERE, FOREIGN),
      source: fc.oneof(
        arbitrary.ipv6,
        fc.constantFrom(PEER_IPV6, PEER_IPV6, UNSPECIFIED, VIP),
      ),
      destination: fc.constantFrom(solicitedNodeMulticast(VIP), VIP, ALL_NODES),
      destinationMac: fc.constantFrom(
        OWN_MAC,
        OWN_MAC,
        OTHER_MAC,
        multicastMac(ALL_NODES),
      ),
      options: fc.array(arbitrary.ndpOption, { maxLength: 3 }),
      hopLimit: fc.constantFrom(255, 255, 255, 64),
    }).map(({ target, ...parts }) => solicitationFrame(target, parts));
    const answered = new Map<boolean, number>();
    fc.assert(
      fc.property(
        frames,
        fc.oneof(mutations(), fc.constant([])),
        fc.boolean(),
        (frame, changes, isSealed) => {
          const changed = mutate(frame, changes);
          const mutated = isSealed && changed.length >= 86
            ? resealed(changed)
            : changed;
          const decision = responder.decide(mutated, table);
          const expected = expectAnswer(mutated);
          assertEquals(decision.kind === "reply", expected !== undefined);
          if (decision.kind !== "reply" || expected === undefined) return;
          assertAdvertisement(decision.frame, VIP, expected);
          const { solicited } = expected;
          answered.set(solicited, (answered.get(solicited) ?? 0) + 1);
        },
      ),
      { numRuns: 3000 },
    );
    for (const isSolicited of [true, false]) {
      const count = answered.get(isSolicited) ?? 0;
      assertEquals(count > 10, true, `${count} with Solicited ${isSolicited}`);
    }
  },
);
