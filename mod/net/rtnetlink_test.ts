import { assert, assertEquals, assertThrows } from "@std/assert";
import fc from "fast-check";
import { ipToBytes } from "./ip.ts";
import { formatIp } from "./ip_text.ts";
import { formatMac } from "./mac.ts";
import { decodeAddresses, decodeLinks, decodeNeighbours } from "./rtnetlink.ts";
import { WireError, Writer } from "./wire.ts";

const LITTLE_ENDIAN = { littleEndian: true } as const;

/** Hexadecimal rows, one per field, as bytes. */
function rows(...fields: readonly string[]): Uint8Array<ArrayBuffer> {
  const digits = fields.join("").replaceAll(/\s/g, "");
  return Uint8Array.from(
    digits.match(/../g) ?? [],
    (pair) => Number.parseInt(pair, 16),
  );
}

const VETH = rows(
  "58000000 1000 0200 01000000 00000000", // nlmsghdr: 88 bytes, RTM_NEWLINK, NLM_F_MULTI
  "00 00 0100 07000000", // ifi_family, pad, ifi_type ARPHRD_ETHER, ifi_index 7
  "43100100 00000000", // ifi_flags UP BROADCAST RUNNING MULTICAST LOWER_UP, ifi_change
  "0a00 0300 657468312e00 0000", // IFLA_IFNAME "eth1.", padded
  "0a00 0100 020000005301 0000", // IFLA_ADDRESS, padded
  "0800 0a00 03000000", // IFLA_MASTER 3
  "0500 1000 06 000000", // IFLA_OPERSTATE: not of interest
  "1000 1280", // IFLA_LINKINFO with NLA_F_NESTED
  "0900 0100 7665746800 000000", // IFLA_INFO_KIND "veth", padded
);

const TUNNEL = rows(
  "28000000 1000 0200 01000000 00000000", // nlmsghdr: 40 bytes, RTM_NEWLINK
  "00 00 feff 09000000", // ifi_type ARPHRD_NONE, ifi_index 9
  "90000000 00000000", // ifi_flags POINTOPOINT NOARP
  "0700 0300 743000 00", // IFLA_IFNAME "t0"
);

const DONE = rows("14000000 0300 0200 01000000 00000000", "00000000");

const OWN_OF_PEER = rows(
  "30000000 1400 0200 01000000 00000000", // nlmsghdr: 48 bytes, RTM_NEWADDR
  "02 20 80 00 04000000", // AF_INET, /32, IFA_F_PERMANENT, scope, ifa_index 4
  "0800 0100 c0000201", // IFA_ADDRESS 192.0.2.1: the peer
  "0800 0200 c0000202", // IFA_LOCAL 192.0.2.2
  "0800 0800 80000000", // IFA_FLAGS PERMANENT
);

const TENTATIVE = rows(
  "34000000 1400 0200 01000000 00000000", // nlmsghdr: 52 bytes, RTM_NEWADDR
  "0a 40 00 fd 04000000", // AF_INET6, /64, ifa_flags, link scope, ifa_index 4
  "1400 0100 fe800000000000000000000000000001", // IFA_ADDRESS fe80::1
  "0800 0800 40000000", // IFA_FLAGS TENTATIVE
);

/** One RTM_NEWNEIGH message about 192.0.2.11 with a state. */
function neighbour(state: string): Uint8Array {
  return rows(
    "30000000 1c00 0200 01000000 00000000", // nlmsghdr: 48 bytes, RTM_NEWNEIGH
    `02 00 0000 04000000 ${state} 00 01`, // AF_INET, ndm_ifindex 4, ndm_state, ndm_flags, RTN_UNICAST
    "0800 0100 c000020b", // NDA_DST 192.0.2.11
    "0a00 0200 02000000000b 0000", // NDA_LLADDR, padded
  );
}

const NEIGHBOUR_6 = rows(
  "44000000 1c00 0200 01000000 00000000", // nlmsghdr: 68 bytes, RTM_NEWNEIGH
  "0a 00 0000 04000000 0400 80 01", // AF_INET6, ndm_ifindex 4, NUD_STALE, NTF_ROUTER
  "1400 0100 fe80000000000000000000000000000b", // NDA_DST fe80::b
  "0a00 0200 02000000000b 0000", // NDA_LLADDR, padded
  "0800 0400 01000000", // NDA_PROBES: not of interest
);

const UNRESOLVED = rows(
  "24000000 1c00 0200 01000000 00000000", // nlmsghdr: 36 bytes, RTM_NEWNEIGH
  "02 00 0000 04000000 0200 00 01", // AF_INET, ndm_ifindex 4, NUD_REACHABLE
  "0800 0100 c000020c", // NDA_DST 192.0.2.12, and no NDA_LLADDR
);

const OF_TUNNEL = rows(
  "2c000000 1c00 0200 01000000 00000000", // nlmsghdr: 44 bytes, RTM_NEWNEIGH
  "02 00 0000 09000000 8000 00 01", // AF_INET, ndm_ifindex 9, NUD_PERMANENT
  "0800 0100 c000020d", // NDA_DST 192.0.2.13
  "0800 0200 c6336401", // NDA_LLADDR: an IPv4 address
);

function joined(...parts: readonly Uint8Array[]): Uint8Array<ArrayBuffer> {
  return Uint8Array.from(parts.flatMap((part) => [...part]));
}

Deno.test(
  "decodeLinks() reads a dump up to its end",
  { permissions: "none" },
  () => {
    const links = decodeLinks(joined(VETH, TUNNEL, DONE, VETH));
    assertEquals(links.length, 2);
    const [veth, tunnel] = links;
    assert(veth !== undefined && veth.mac !== null);
    assertEquals(formatMac(veth.mac), "02:00:00:00:53:01");
    assertEquals({ ...veth, mac: null }, {
      index: 7,
      name: "eth1.",
      mac: null,
      up: true,
      running: true,
      lowerUp: true,
      broadcast: true,
      loopback: false,
      noArp: false,
      master: 3,
      kind: "veth",
    });
    assertEquals(tunnel, {
      index: 9,
      name: "t0",
      mac: null,
      up: false,
      running: false,
      lowerUp: false,
      broadcast: false,
      loopback: false,
      noArp: true,
    });
  },
);

Deno.test(
  "decodeAddresses() gives the own address and whether it is tentative",
  { permissions: "none" },
  () => {
    const addresses = decodeAddresses(joined(OWN_OF_PEER, TENTATIVE, DONE));
    assertEquals(
      addresses.map((address) => ({ ...address, ip: formatIp(address.ip) })),
      [
        { index: 4, ip: "192.0.2.2", prefixLength: 32, tentative: false },
        { index: 4, ip: "fe80::1", prefixLength: 64, tentative: true },
      ],
    );
  },
);

Deno.test("decodeAddresses() falls back to the flags of the header", {
  permissions: "none",
}, () => {
  const bytes = rows(
    "20000000 1400 0200 01000000 00000000", // nlmsghdr: 32 bytes
    "02 18 40 00 04000000", // AF_INET, /24, IFA_F_TENTATIVE
    "0800 0100 c0000201", // IFA_ADDRESS
  );
  assertEquals(decodeAddresses(bytes)[0]?.tentative, true);
});

Deno.test.each([
  { what: "NUD_NONE", state: "0000", isKnown: false },
  { what: "NUD_INCOMPLETE", state: "0100", isKnown: false },
  { what: "NUD_REACHABLE", state: "0200", isKnown: true },
  { what: "NUD_STALE", state: "0400", isKnown: true },
  { what: "NUD_DELAY", state: "0800", isKnown: true },
  { what: "NUD_PROBE", state: "1000", isKnown: true },
  { what: "NUD_FAILED", state: "2000", isKnown: false },
  { what: "NUD_NOARP", state: "4000", isKnown: false },
  { what: "NUD_PERMANENT", state: "8000", isKnown: true },
])("decodeNeighbours() takes $what for resolved: $isKnown", {
  permissions: "none",
}, ({ state, isKnown }) => {
  const found = decodeNeighbours(joined(neighbour(state), DONE));
  assertEquals(
    found.map(({ index, ip, mac }) => [index, formatIp(ip), formatMac(mac)]),
    isKnown ? [[4, "192.0.2.11", "02:00:00:00:00:0b"]] : [],
  );
});

Deno.test("decodeNeighbours() gives both families, and MAC addresses only", {
  permissions: "none",
}, () => {
  const dump = joined(neighbour("0400"), UNRESOLVED, OF_TUNNEL, NEIGHBOUR_6);
  assertEquals(
    decodeNeighbours(dump).map(({ ip, mac }) => [formatIp(ip), formatMac(mac)]),
    [
      ["192.0.2.11", "02:00:00:00:00:0b"],
      ["fe80::b", "02:00:00:00:00:0b"],
    ],
  );
});

Deno.test("decodeNeighbours() refuses a message that is cut off", {
  permissions: "none",
}, () => {
  const bytes = rows(
    "18000000 1c00 0200 01000000 00000000",
    "02000000 04000000",
  );
  const failure = assertThrows(() => decodeNeighbours(bytes), WireError);
  assertEquals([failure.field, failure.offset], ["ndm_state", 24]);
});

Deno.test("decodeLinks() and decodeAddresses() pass over other messages", {
  permissions: "none",
}, () => {
  assertEquals(decodeLinks(TENTATIVE), []);
  assertEquals(decodeAddresses(VETH), []);
  assertEquals(decodeNeighbours(VETH), []);
  assertEquals(decodeLinks(new Uint8Array()), []);
});

const MALFORMED: readonly {
  name: string;
  bytes: Uint8Array;
  field: string;
  offset: number;
}[] = [
  {
    name: "a header cut off",
    bytes: VETH.slice(0, 6),
    field: "nlmsg_flags",
    offset: 6,
  },
  {
    name: "a message longer than the buffer",
    bytes: VETH.slice(0, 80),
    field: "message",
    offset: 16,
  },
  {
    name: "a message shorter than its header",
    bytes: rows("0f000000 1000 0200 01000000 00000000"),
    field: "nlmsg_len",
    offset: 0,
  },
  {
    name: "a message of length 0",
    bytes: rows("00000000 1000 0200 01000000 00000000"),
    field: "nlmsg_len",
    offset: 0,
  },
  {
    name: "a body too short for ifinfomsg",
    bytes: rows("14000000 1000 0200 01000000 00000000", "00000000"),
    field: "ifi_index",
    offset: 20,
  },
  {
    name: "an attribute shorter than its header",
    bytes: rows(
      "24000000 1000 0200 01000000 00000000",
      "00000100 07000000 00000000 00000000",
      "0300 0300",
    ),
    field: "rta_len",
    offset: 32,
  },
  {
    name: "an attribute longer than its message",
    bytes: rows(
      "24000000 1000 0200 01000000 00000000",
      "00000100 07000000 00000000 00000000",
      "0800 0300",
    ),
    field: "attribute",
    offset: 36,
  },
  {
    name: "a link without a name",
    bytes: rows(
      "20000000 1000 0200 01000000 00000000",
      "00000100 07000000 00000000 00000000",
    ),
    field: "IFLA_IFNAME",
    offset: 32,
  },
];

for (const { name, bytes, field, offset } of MALFORMED) {
  Deno.test(`decodeLinks() refuses ${name}`, { permissions: "none" }, () => {
    const failure = assertThrows(() => decodeLinks(bytes), WireError);
    assertEquals([failure.field, failure.offset], [field, offset]);
  });
}

/** One RTM_NEWADDR message, written field by field. */
function encodeAddress(
  index: number,
  address: Uint8Array,
  prefixLength: number,
): Uint8Array {
  return new Writer(LITTLE_ENDIAN)
    .u32(28 + address.length, "nlmsg_len").u16(20, "nlmsg_type")
    .u16(2, "nlmsg_flags").u32(1, "nlmsg_seq").u32(0, "nlmsg_pid")
    .u8(address.length === 4 ? 2 : 10, "ifa_family")
    .u8(prefixLength, "ifa_prefixlen").u8(0, "ifa_flags").u8(0, "ifa_scope")
    .u32(index, "ifa_index")
    .u16(4 + address.length, "rta_len").u16(1, "rta_type")
    .bytes(address, "IFA_ADDRESS").finish();
}

Deno.test("decodeAddresses() reads back what was written", {
  permissions: "none",
}, () => {
  const entry = fc.record({
    index: fc.nat(),
    address: fc.constantFrom(4, 16).chain((length) =>
      fc.uint8Array({ minLength: length, maxLength: length })
    ),
    prefixLength: fc.nat(128),
  });
  fc.assert(fc.property(fc.array(entry), (entries) => {
    const dump = joined(
      ...entries.map((e) => encodeAddress(e.index, e.address, e.prefixLength)),
      DONE,
    );
    const decoded = decodeAddresses(dump).map(({ ip, tentative, ...rest }) => {
      assert(!tentative);
      return { ...rest, address: ipToBytes(ip) };
    });
    assertEquals(decoded, entries.map((entry) => ({ ...entry })));
  }));
});

Deno.test("the decoders of dumps throw nothing but WireError", {
  permissions: "none",
}, () => {
  const valid = joined(VETH, TUNNEL, OWN_OF_PEER, TENTATIVE, NEIGHBOUR_6);
  const damage = fc.record({
    at: fc.nat(valid.length - 1),
    value: fc.nat(255),
    length: fc.nat(valid.length),
  });
  let refused = 0;
  fc.assert(
    fc.property(damage, ({ at, value, length }) => {
      const bytes = valid.slice();
      bytes[at] = value;
      for (const decode of [decodeLinks, decodeAddresses, decodeNeighbours]) {
        try {
          decode(bytes.subarray(0, length));
        } catch (failure) {
          assert(failure instanceof WireError, String(failure));
          refused++;
        }
      }
    }),
    { numRuns: 2000 },
  );
  assert(refused > 100, `only ${refused} inputs were refused`);
});
