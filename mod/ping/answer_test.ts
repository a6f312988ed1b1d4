import { assertEquals } from "@std/assert";
import {
  advertisementFrame,
  arpFrame,
  PEER_IPV6,
  PEER_MAC,
  solicitationFrame,
  tagged,
} from "../../tests/frames.ts";
import { formatIp, formatMac, parseIp, parseMac } from "../net/mod.ts";
import { readAnswer } from "./mod.ts";

const options = { permissions: "none" } as const;

const IPV4 = parseIp("192.0.2.10");
const ASKER = parseIp("192.0.2.254");
const IPV6 = parseIp("2001:db8::10");
const STATION = parseMac("02:00:00:00:00:0c");
const OTHER = parseMac("02:00:00:00:00:0d");

/** Parts of an advertisement that answers. */
const SOLICITED = {
  sourceMac: STATION,
  solicited: true,
  destination: PEER_IPV6,
  destinationMac: PEER_MAC,
} as const;

const REPLY = arpFrame(ASKER, {
  operation: 2,
  source: STATION,
  senderIp: IPV4,
});

const answers = [
  {
    what: "an ARP reply",
    frame: REPLY,
    answer: "192.0.2.10 02:00:00:00:00:0c reply",
  },
  {
    what: "a reply with the priority of a VLAN tag",
    frame: tagged(REPLY, 0),
    answer: "192.0.2.10 02:00:00:00:00:0c reply",
  },
  {
    what: "an announcement in request form",
    frame: arpFrame(IPV4, { source: STATION, senderIp: IPV4 }),
    answer: "192.0.2.10 02:00:00:00:00:0c unasked",
  },
  {
    what: "an announcement in reply form",
    frame: arpFrame(IPV4, { operation: 2, source: STATION, senderIp: IPV4 }),
    answer: "192.0.2.10 02:00:00:00:00:0c unasked",
  },
  {
    what: "the address of who asks for another",
    frame: arpFrame(ASKER, { source: STATION, senderIp: IPV4 }),
    answer: "192.0.2.10 02:00:00:00:00:0c unasked",
  },
  {
    what: "a reply on behalf of another",
    frame: arpFrame(ASKER, {
      operation: 2,
      source: STATION,
      senderHardwareAddress: OTHER,
      senderIp: IPV4,
    }),
    answer: "192.0.2.10 02:00:00:00:00:0d by 02:00:00:00:00:0c reply",
  },
  {
    what: "an advertisement",
    frame: advertisementFrame(IPV6, SOLICITED),
    answer: "2001:db8::10 02:00:00:00:00:0c reply",
  },
  {
    what: "an advertisement without the option",
    frame: advertisementFrame(IPV6, { ...SOLICITED, options: [] }),
    answer: "2001:db8::10 02:00:00:00:00:0c reply",
  },
  {
    what: "an unsolicited advertisement",
    frame: advertisementFrame(IPV6, { sourceMac: STATION }),
    answer: "2001:db8::10 02:00:00:00:00:0c unasked",
  },
  { what: "another VLAN's reply", frame: tagged(REPLY, 5), answer: undefined },
  {
    what: "a reply cut short",
    frame: REPLY.subarray(0, 40),
    answer: undefined,
  },
  { what: "nothing", frame: new Uint8Array(), answer: undefined },
  {
    what: "another ARP operation",
    frame: arpFrame(ASKER, { operation: 3, senderIp: IPV4 }),
    answer: undefined,
  },
  { what: "a solicitation", frame: solicitationFrame(IPV6), answer: undefined },
  {
    what: "an advertisement that a router forwarded",
    frame: advertisementFrame(IPV6, { ...SOLICITED, hopLimit: 254 }),
    answer: undefined,
  },
];

Deno.test.each(answers)(
  "readAnswer() of $what",
  options,
  ({ frame, answer }) => {
    const read = readAnswer(frame);
    const by =
      read === undefined || formatMac(read.mac) === formatMac(read.sender)
        ? ""
        : ` by ${formatMac(read.sender)}`;
    assertEquals(
      read && `${formatIp(read.ip)} ${formatMac(read.mac)}${by} ${read.kind}`,
      answer,
    );
  },
);
