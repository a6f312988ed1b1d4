import { assertEquals } from "@std/assert";
import {
  type AddressInfo,
  formatIp,
  type LinkInfo,
  parseIp,
  parseMac,
} from "../net/mod.ts";
import {
  askedFrom,
  choosePorts,
  type PortRefusal,
  type PortRequest,
} from "./mod.ts";

const options = { permissions: "none" } as const;

function link(index: number, name: string, more: Partial<LinkInfo> = {}) {
  return {
    index,
    name,
    mac: parseMac(`02:00:00:00:00:0${index}`),
    up: true,
    running: true,
    lowerUp: true,
    broadcast: true,
    loopback: false,
    noArp: false,
    ...more,
  };
}

function address(
  index: number,
  text: string,
  more: Partial<AddressInfo> = {},
): AddressInfo {
  const [ip = "", length] = text.split("/");
  return {
    index,
    ip: parseIp(ip),
    prefixLength: Number(length),
    tentative: false,
    ...more,
  };
}

const REQUEST: Omit<PortRequest, "target"> = {
  links: [
    link(1, "lo", { loopback: true, mac: null }),
    link(2, "eth0"),
    link(3, "eth1"),
    link(4, "eth2"),
    link(5, "docker0"),
    link(6, "tun0", { broadcast: false }),
  ],
  addresses: [
    address(2, "192.0.2.5/24"),
    address(2, "fe80::2/64"),
    address(2, "2001:db8:1::5/64"),
    address(3, "198.51.100.5/24"),
    address(3, "203.0.113.5/28"),
    address(4, "fe80::4/64", { tentative: true }),
    address(5, "172.17.0.1/16"),
    address(6, "fe80::6/64"),
  ],
  exclude: [/^docker.*/],
};

const choices: readonly {
  readonly what: string;
  readonly target: string;
  readonly only?: string;
  /** Interface and the address that is asked from. */
  readonly ports: readonly string[];
}[] = [
  {
    what: "the interface whose subnet holds the address",
    target: "192.0.2.10",
    ports: ["eth0 192.0.2.5"],
  },
  {
    what: "the address of the subnet that holds it",
    target: "203.0.113.10",
    ports: ["eth1 203.0.113.5"],
  },
  {
    what: "every usable interface when no subnet holds it",
    target: "10.0.0.1",
    ports: ["eth0 192.0.2.5", "eth1 198.51.100.5", "eth2 0.0.0.0"],
  },
  {
    what: "the named interface, in another subnet",
    target: "192.0.2.10",
    only: "eth1",
    ports: ["eth1 198.51.100.5"],
  },
  {
    what: "a named interface that is otherwise left alone",
    target: "172.17.0.9",
    only: "docker0",
    ports: ["docker0 172.17.0.1"],
  },
  {
    what: "the link-local address for IPv6",
    target: "2001:db8:1::10",
    ports: ["eth0 fe80::2"],
  },
  {
    what: "no interface without a usable link-local address for IPv6",
    target: "2001:db8:9::1",
    ports: ["eth0 fe80::2", "tun0 fe80::6"],
  },
];

Deno.test.each(choices)(
  "choosePorts() takes $what",
  options,
  ({ target: text, only, ports }) => {
    const target = parseIp(text);
    const choice = choosePorts({
      ...REQUEST,
      target,
      ...only === undefined ? {} : { only },
    });
    const named: readonly string[] | string = choice.kind === "ask"
      ? choice.ports.map((port) => `${port.name} ${askedFrom(port, target)}`)
      : choice.reason;
    assertEquals(named, ports);
  },
);

const refusals: readonly {
  readonly reason: PortRefusal;
  readonly target?: string;
  readonly only?: string;
  readonly change?: Partial<PortRequest>;
}[] = [
  { reason: "absent", only: "eth9" },
  { reason: "loopback", only: "lo" },
  {
    reason: "down",
    only: "down0",
    change: { links: [link(7, "down0", { up: false })] },
  },
  { reason: "family", only: "tun0" },
  { reason: "family", only: "eth2", target: "2001:db8::1" },
  { reason: "none", change: { links: [] } },
  { reason: "none", change: { exclude: [/./] } },
];

Deno.test.each(refusals)(
  "choosePorts() refuses $only: $reason",
  options,
  ({ reason, target = "192.0.2.10", only, change = {} }) => {
    assertEquals(
      choosePorts({
        ...REQUEST,
        target: parseIp(target),
        ...only === undefined ? {} : { only },
        ...change,
      }),
      { kind: "refuse", reason },
    );
  },
);

Deno.test("choosePorts() gives what a question takes", options, () => {
  const target = parseIp("192.0.2.10");
  const choice = choosePorts({ ...REQUEST, target, only: "eth0" });
  const [port] = choice.kind === "ask" ? choice.ports : [];
  assertEquals(port?.mac, parseMac("02:00:00:00:00:02"));
  assertEquals(port?.holds, true);
  assertEquals(formatIp(port?.ipv6 ?? target), "fe80::2");
});
