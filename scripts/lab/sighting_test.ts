import { assertEquals } from "@std/assert";
import {
  arpAnnouncement,
  arpReply,
  arpRequest,
  BROADCAST_MAC,
  encodeArp,
  encodeEthernet,
  encodeIpv6,
  encodeNdp,
  EtherType,
  type Mac,
  NextHeader,
  parseIp,
  parseMac,
} from "../../mod/net/mod.ts";
import { readSighting, type Sighting } from "./sighting.ts";

const OWNER = parseMac("02:00:00:00:00:0a");
const CLIENT = parseMac("02:00:00:00:00:c2");
const VIP = parseIp("192.0.2.100");
const VIP6 = parseIp("2001:db8:1::1000");
const ASKER = parseIp("192.0.2.2");
const ALL_NODES = parseIp("ff02::1");

function ethernet(etherType: number, payload: Uint8Array, source: Mac) {
  return encodeEthernet({
    destination: BROADCAST_MAC,
    source,
    tags: [],
    etherType,
    payload,
  });
}

function advertisement(solicited: boolean, withOption: boolean): Uint8Array {
  const payload = encodeNdp({
    kind: "neighborAdvertisement",
    router: false,
    solicited,
    override: true,
    target: VIP6,
    options: withOption ? [{ kind: "targetLinkLayerAddress", mac: OWNER }] : [],
  }, { source: VIP6, destination: solicited ? VIP6 : ALL_NODES });
  return ethernet(
    EtherType.ipv6,
    encodeIpv6({
      source: VIP6,
      destination: solicited ? VIP6 : ALL_NODES,
      hopLimit: 255,
      nextHeader: NextHeader.icmpv6,
      trafficClass: 0,
      flowLabel: 0,
      payload,
    }),
    OWNER,
  );
}

const QUESTION = arpRequest({ mac: CLIENT, ip: ASKER }, VIP);
const mac = "02:00:00:00:00:0a";
const CASES: readonly {
  name: string;
  frame: () => Uint8Array;
  expected: Sighting | undefined;
}[] = [
  {
    name: "gratuitous ARP request",
    frame: () =>
      ethernet(EtherType.arp, encodeArp(arpAnnouncement(OWNER, VIP)), OWNER),
    expected: {
      kind: "announcement",
      form: "ARP request",
      ip: "192.0.2.100",
      mac,
    },
  },
  {
    name: "gratuitous ARP reply",
    frame: () =>
      ethernet(
        EtherType.arp,
        encodeArp(arpAnnouncement(OWNER, VIP, "reply")),
        OWNER,
      ),
    expected: {
      kind: "announcement",
      form: "ARP reply",
      ip: "192.0.2.100",
      mac,
    },
  },
  {
    name: "the answer to an ARP request",
    frame: () =>
      ethernet(EtherType.arp, encodeArp(arpReply(QUESTION, OWNER)), OWNER),
    expected: { kind: "answer", form: "ARP reply", ip: "192.0.2.100", mac },
  },
  {
    name: "an ARP request says nothing about the address asked for",
    frame: () => ethernet(EtherType.arp, encodeArp(QUESTION), CLIENT),
    expected: undefined,
  },
  {
    name: "unsolicited NA",
    frame: () => advertisement(false, true),
    expected: { kind: "announcement", form: "NA", ip: "2001:db8:1::1000", mac },
  },
  {
    name: "solicited NA without the option: the frame's source counts",
    frame: () => advertisement(true, false),
    expected: { kind: "answer", form: "NA", ip: "2001:db8:1::1000", mac },
  },
  {
    name: "cut short",
    frame: () => advertisement(true, true).subarray(0, 50),
    expected: undefined,
  },
  {
    name: "another protocol",
    frame: () => ethernet(EtherType.ipv4, new Uint8Array(40), OWNER),
    expected: undefined,
  },
];

for (const { name, frame, expected } of CASES) {
  Deno.test(`readSighting(): ${name}`, { permissions: "none" }, () => {
    assertEquals(readSighting(frame()), expected);
  });
}
