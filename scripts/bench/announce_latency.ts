import { CaptureHandle, openLibrary } from "../../ffi/mod.ts";
import { ENDPOINT_SLICES, NODES } from "../../mod/kube/mod.ts";
import { tryParseIp } from "../../mod/net/mod.ts";
import { ControllerLab, serviceNamed } from "./controller_lab.ts";
import { sliceOf } from "../../tests/endpoint_slices.ts";
import { NetworkNamespace } from "../../tests/network_namespace.ts";
import { median, type Row } from "./figure.ts";
import { startSpeaker } from "./real_speaker.ts";

const SERVICES = 100;
const LIMIT = 2.4;
const NODE = "node-a";
/** Milliseconds between two looks at what was captured. */
const LOOK_INTERVAL = 2;
/** Offset of the sender's address in an ARP frame (RFC 826). */
const SENDER = 28;

/** From the call that creates a Service to its first announcement on the wire. */
export async function announceLatency(): Promise<readonly Row[]> {
  using namespace = NetworkNamespace.enter();
  namespace.wire("eth0", "peer");
  await using lab = await ControllerLab.make();
  await furnish(lab);
  await using controller = lab.controller("bundled");
  await using speaker = startSpeaker(lab, NODE);
  for (const role of [controller, speaker]) {
    await role.until("/readyz", ({ status }) => status === 200);
  }
  using library = openLibrary();
  using capture = CaptureHandle.open(library, "peer", {});
  capture.setFilter("arp");
  const [created, announced]: [number[], number[]] = [[], []];
  for (let index = 0; index < SERVICES; index++) {
    const begun = performance.now();
    const seen = nextSender(capture);
    await lab.send("POST", "", serviceNamed(`s-${index}`));
    created.push(performance.now() - begun);
    announced.push(await seen - performance.timeOrigin - begun);
  }
  const [bare, whole] = [median(created), median(announced)];
  return [
    { name: "create call", values: { p50: bare } },
    {
      name: "create → announcement",
      values: { p50: whole, max: Math.max(...announced) },
      bound: { value: whole / bare, limit: LIMIT, what: "p50 / create call" },
    },
  ];
}

const known = new Set<string>();

/**
 * When an address that was not announced before is announced, in ms since
 * 1970. The kernel notes when a frame comes, so that nobody has to watch all
 * the time on a machine that is busy with the answer.
 */
async function nextSender(capture: CaptureHandle): Promise<number> {
  const frame = new Uint8Array(256);
  for (;;) {
    while (capture.next(frame) > 0) {
      const sender = frame.subarray(SENDER, SENDER + 4).join(".");
      if (known.has(sender) || tryParseIp(sender) === undefined) continue;
      known.add(sender);
      return capture.arrivedAt;
    }
    await new Promise((resolve) => setTimeout(resolve, LOOK_INTERVAL));
  }
}

/** A node, an advertisement, and Pods behind every Service that is to come. */
async function furnish(lab: ControllerLab): Promise<void> {
  await lab.cluster.advertise("l2");
  const { client } = lab.cluster;
  await client.create(NODES, { metadata: { name: NODE } });
  for (let index = 0; index < SERVICES; index++) {
    await client.create(ENDPOINT_SLICES, sliceOf(`s-${index}`, NODE));
  }
}
