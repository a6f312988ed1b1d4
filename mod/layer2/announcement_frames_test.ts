import { assertEquals } from "@std/assert";
import fc from "fast-check";
import * as arbitrary from "../../tests/arbitraries.ts";
import {
  ALL_NODES,
  arpAnnouncement,
  BROADCAST_MAC,
  decodeArp,
  decodeEthernet,
  decodeIpv6,
  multicastMac,
  receiveNdp,
} from "../net/mod.ts";
import { addressWords } from "./address_table.ts";
import {
  AnnouncementFrames,
  framesPerAnnouncement,
} from "./announcement_frames.ts";

const options = { permissions: "none" } as const;

Deno.test(
  "AnnouncementFrames announces IPv4 in request and reply form",
  options,
  () => {
    fc.assert(fc.property(arbitrary.mac, arbitrary.ipv4, (mac, ip) => {
      const words = addressWords(ip);
      const address = { word: (_: number, i: number): number => words[i] ?? 0 };
      const sent = new AnnouncementFrames(mac).all(address, 1);
      assertEquals(sent.length, framesPerAnnouncement(true));
      const frames = sent.map((bytes) => decodeEthernet(bytes));
      for (const { destination, source } of frames) {
        assertEquals([destination, source], [BROADCAST_MAC, mac]);
      }
      assertEquals(frames.map(({ payload }) => decodeArp(payload)), [
        arpAnnouncement(mac, ip, "request"),
        arpAnnouncement(mac, ip, "reply"),
      ]);
    }));
  },
);

Deno.test(
  "AnnouncementFrames announces IPv6 to all nodes, overriding",
  options,
  () => {
    const unicast = arbitrary.ipv6.filter(({ value }) =>
      value >> 120n !== 0xffn && value >> 32n !== 0xffffn
    );
    fc.assert(fc.property(arbitrary.mac, unicast, (mac, ip) => {
      const words = addressWords(ip);
      const address = { word: (_: number, i: number): number => words[i] ?? 0 };
      const sent = new AnnouncementFrames(mac).all(address, 1);
      assertEquals(sent.length, framesPerAnnouncement(false));
      const frame = decodeEthernet(sent[0] ?? new Uint8Array());
      assertEquals(frame.destination, multicastMac(ALL_NODES));
      const packet = decodeIpv6(frame.payload);
      assertEquals([packet.source, packet.destination], [ip, ALL_NODES]);
      assertEquals(receiveNdp(packet), {
        kind: "accept",
        message: {
          kind: "neighborAdvertisement",
          router: false,
          solicited: false,
          override: true,
          target: ip,
          options: [{ kind: "targetLinkLayerAddress", mac }],
        },
      });
    }));
  },
);
