/** `ping` as people run it, on real packets, under its own permission set. */
import { assertEquals, assertStringIncludes } from "@std/assert";
import { CaptureHandle, openLibrary } from "../../ffi/mod.ts";
import {
  decodeArp,
  decodeEthernet,
  EtherType,
  formatIp,
  formatMac,
} from "../../mod/net/mod.ts";
import { Lan, LAN_INTERFACE, LAN_MAC } from "../packet/lan.ts";
import { privilegedTests } from "../privileges.ts";
import { type Outcome, runMain, runToEnd } from "./role_process.ts";
import { ServedCluster } from "./served_cluster.ts";

const A = "02:00:00:00:00:0a";
const B = "02:00:00:00:00:0b";
const STRANGER = "02:00:00:00:00:99";
const VIP = "192.0.2.10";
const TWO_HOURS_MS = 7_200_000;
const SHORT = ["--count", "2", "--timeout", "300"];

async function ping(...args: readonly string[]): Promise<Outcome> {
  return await runMain(["-P=ping"], "ping", ...args, ...SHORT);
}

/** Asks with access to a cluster. */
async function pingIn(
  cluster: ServedCluster,
  ...args: readonly string[]
): Promise<Outcome> {
  const file = await cluster.writeKubeconfig();
  return await runMain(
    ["-P=ping", `--allow-read=${file}`],
    ...["ping", ...args, ...SHORT, "--kubeconfig", file],
  );
}

interface Member {
  readonly node: string;
  /** What its speaker writes about its interfaces. */
  readonly macs?: string;
  readonly ip?: string;
}

/** A cluster of these nodes in which the first one owns the address. */
async function serve(...members: readonly Member[]): Promise<ServedCluster> {
  const cluster = new ServedCluster();
  cluster.start();
  await cluster.applyNamespace();
  for (const { node, macs, ip } of members) {
    const isOwner = node === members[0]?.node;
    await cluster.applySpeaker(node, isOwner ? 0 : TWO_HOURS_MS, macs);
    if (ip !== undefined) await cluster.applyNodeAddress(node, ip);
  }
  await cluster.applyPool("office", [`${VIP}/32`, "2001:db8::10/128"]);
  await cluster.applyAdvertisement("office");
  await cluster.applyServed("web", VIP, members[0]?.node ?? "");
  return cluster;
}

const TWO: readonly Member[] = [
  { node: "node-a", macs: `eth0=${A}` },
  { node: "node-b", macs: `eth0=${B}` },
];

/** What a report in JSON says, as far as it does not change from run to run. */
function summary({ stdout, stderr, code }: Outcome): unknown {
  assertEquals(stderr, "");
  const { answers, verdict, problems, interfaces } = JSON.parse(stdout);
  const lines = answers.map((
    { mac, nodes, kind, ...rest }: {
      mac: string;
      nodes: readonly string[];
      kind: string;
      interface: string;
    },
  ) => `${mac} ${nodes.join()} ${kind} ${rest.interface}`);
  const from = interfaces.map((one: { from: string }) => one.from).join();
  return { answers: lines, verdict, problems, code, from };
}

privilegedTests(import.meta.url, (test) => {
  test("ping shows the one that answers, without a cluster too", async () => {
    await using lan = new Lan();
    await lan.connect("port-a", A, `${VIP}/24`);
    const { code, stdout, stderr } = await ping(VIP);
    assertEquals(stderr, "");
    const lines = stdout.split("\n");
    assertEquals(
      lines[0],
      `Asked 2 times for ${VIP} on ${LAN_INTERFACE} (from 192.0.2.1)`,
    );
    assertEquals(lines[2], "ROUND  MAC                NODE  INTERFACE  MS");
    const row = new RegExp(`^[12]      ${A}  -     br0        \\d+\\.\\d{3}$`);
    assertEquals(lines.slice(3, 5).map((line) => row.test(line)), [true, true]);
    assertStringIncludes(stdout, "MAC addresses are not mapped to nodes: ");
    assertEquals(code, 0);
  });

  test("ping -o json names the node, and says who should answer", async () => {
    await using lan = new Lan();
    await lan.connect("port-a", A, `${VIP}/24`);
    await using cluster = await serve(...TWO);
    const outcome = await pingIn(cluster, VIP, "-o", "json");
    const answer = `${A} node-a reply br0`;
    assertEquals(summary(outcome), {
      answers: [answer, answer],
      verdict: "one",
      problems: [],
      code: 0,
      from: "192.0.2.1",
    });
    assertEquals(JSON.parse(outcome.stdout).expected, {
      services: ["default/web"],
      owner: "node-a",
      why: "it is the only candidate",
    });
  });

  test("ping finds that nobody answers", async () => {
    await using _lan = new Lan();
    await using cluster = await serve(...TWO);
    assertEquals(summary(await pingIn(cluster, VIP, "-o", "json")), {
      answers: [],
      verdict: "none",
      problems: ["nobody answers, and node-a should (default/web)"],
      code: 1,
      from: "192.0.2.1",
    });
  });

  test("ping finds a second station with the address", async () => {
    await using lan = new Lan();
    await lan.connect("port-a", A, `${VIP}/24`);
    await lan.connect("port-x", STRANGER, `${VIP}/24`);
    await using cluster = await serve(...TWO);
    const { code, stdout } = await pingIn(cluster, VIP);
    const [first = ""] = stdout.split("\n");
    assertStringIncludes(first, "problem: 2 MAC addresses answer: ");
    assertStringIncludes(first, `${A} (node-a)`);
    assertStringIncludes(first, STRANGER);
    assertEquals(stdout.split(STRANGER).length, 4, stdout);
    assertEquals(code, 1);
  });

  test("ping finds that a stranger answers, or another node", async () => {
    await using lan = new Lan();
    await lan.connect("port-x", STRANGER, `${VIP}/24`);
    await using cluster = await serve(...TWO);
    const foreign = await pingIn(cluster, VIP);
    assertStringIncludes(
      foreign.stdout,
      `problem: ${STRANGER} answers, which is no node's: another station uses the address, and node-a should (default/web)\n`,
    );
    assertEquals(foreign.code, 1);
    await using other = await serve(
      ...TWO,
      { node: "node-x", macs: `eth0=${STRANGER}` },
    );
    const { stdout, code } = await pingIn(other, VIP);
    assertStringIncludes(
      stdout,
      `problem: ${STRANGER} (node-x) answers, and node-a should (default/web)\n`,
    );
    assertEquals(code, 1);
  });

  test("ping asks for a node's own address when its Lease names no MAC", async () => {
    await using lan = new Lan();
    await lan.connect("port-a", A, `${VIP}/24`, "192.0.2.20/24");
    await using cluster = await serve({ node: "node-a", ip: "192.0.2.20" });
    const { answers, problems } = summary(
      await pingIn(cluster, VIP, "-o", "json"),
    ) as { answers: readonly string[]; problems: readonly string[] };
    assertEquals([answers[0], problems], [`${A} node-a reply br0`, []]);
  });

  test("ping asks for IPv6 by Neighbor Solicitations", async () => {
    await using lan = new Lan();
    await lan.connect("port-a", A, "fe80::a/64", "2001:db8::10/64");
    await lan.connect("port-b", B, "fe80::b/64", "2001:db8::11/64");
    const one = await ping("2001:db8::10", "-o", "json");
    const answer = `${A}  reply br0`;
    assertEquals(summary(one), {
      answers: [answer, answer],
      verdict: "one",
      problems: [],
      code: 0,
      from: "fe80::1",
    });
    await lan.connect("port-x", STRANGER, "fe80::99/64", "2001:db8::10/64");
    const { stdout, code } = await ping("2001:db8::10");
    assertStringIncludes(stdout, "problem: 2 MAC addresses answer: ");
    assertEquals(code, 1);
  });

  test("ping on the owner says that it does not hear itself", async () => {
    await using _lan = new Lan();
    await using cluster = await serve({
      node: "node-a",
      macs: `${LAN_INTERFACE}=${LAN_MAC}`,
    });
    const why =
      "problem: nobody else answers: this machine is node-a, which should, and a machine does not hear its own answers";
    const { stdout, code } = await pingIn(cluster, VIP);
    assertStringIncludes(stdout, why);
    assertEquals(code, 1);
    await using byAddress = await serve({ node: "node-a", ip: "192.0.2.1" });
    assertStringIncludes((await pingIn(byAddress, VIP)).stdout, why);
  });

  test("ping sends its questions and nothing else", async () => {
    await using lan = new Lan();
    await lan.connect("port-a", A, `${VIP}/24`);
    lan.namespace.ip(..."link add w0 type veth peer name w1".split(" "));
    for (const end of ["w0", "w1"]) {
      lan.namespace.ip("link", "set", end, "addrgenmode", "none", "up");
    }
    lan.namespace.ip("link", "set", "w0", "master", LAN_INTERFACE);
    using library = openLibrary();
    using witness = CaptureHandle.open(library, "w1", { promiscuous: true });
    // The kernel reports its multicast groups meanwhile.
    witness.setFilter("arp or (ip6 and ip6[6] = 58)");
    await ping(VIP);
    const frame = new Uint8Array(256);
    const seen: string[] = [];
    for (
      let length = witness.next(frame);
      length > 0;
      length = witness.next(frame)
    ) {
      const { source, payload, etherType } = decodeEthernet(
        frame.slice(0, length),
      );
      const isArp = etherType === EtherType.arp;
      const packet = isArp ? decodeArp(payload) : undefined;
      const text = packet === undefined
        ? `type ${etherType}`
        : `operation ${packet.operation} for ${formatIp(packet.targetIp)}`;
      if (formatMac(source) === LAN_MAC) seen.push(text);
    }
    const asked = `operation 1 for ${VIP}`;
    assertEquals(seen, [asked, asked]);
  });

  const refusals = [
    { args: [], says: "Name one address" },
    { args: ["web"], says: "Name one address" },
    { args: [VIP, VIP], says: "Name one address" },
    { args: ["ff02::1"], says: "no station has such an address" },
    { args: [VIP, "--count", "0"], says: "--count takes a whole number" },
    { args: [VIP, "--interface", "eth7"], says: "there is no such interface" },
    { args: [VIP, "--interface", "lo"], says: "it is the loopback interface" },
    { args: [VIP, "-o", "yaml"], says: "--output takes one of table, json" },
  ];
  for (const { args, says } of refusals) {
    test(`ping ${args.join(" ")} asks nothing`, async () => {
      await using _lan = new Lan();
      const { code, stderr } = await runMain(["-P=ping"], "ping", ...args);
      assertStringIncludes(stderr, says);
      assertEquals(code, 2);
    });
  }

  test("ping without CAP_NET_RAW says what to grant", async () => {
    await using _lan = new Lan();
    const { code, stderr } = await runToEnd({
      permissions: ["-P=ping"],
      args: ["ping", VIP],
      wrapper: ["setpriv", "--bounding-set=-all", "--inh-caps=-all"],
    });
    assertStringIncludes(stderr, "grant CAP_NET_RAW to the process");
    assertEquals(code, 2);
  });
});
