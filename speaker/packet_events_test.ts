import { assertEquals } from "@std/assert";
import type { PacketEvent } from "../mod/layer2/mod.ts";
import { startLogging, stopLogging } from "../mod/telemetry/mod.ts";
import { logPacketEvent } from "./packet_events.ts";

const cases: readonly [PacketEvent, string, string][] = [
  [
    { kind: "interfaceOpened", name: "eth0" },
    "INFO",
    "Interface eth0: interfaceOpened",
  ],
  [
    { kind: "interfaceClosed", name: "eth0" },
    "INFO",
    "Interface eth0: interfaceClosed",
  ],
  [
    { kind: "interfaceFailed", name: "eth0", message: "no permission" },
    "WARN",
    "Interface eth0: interfaceFailed: no permission",
  ],
  [
    { kind: "interfaceGone", name: "eth0", message: "it went down" },
    "WARN",
    "Interface eth0: interfaceGone: it went down",
  ],
  [
    {
      kind: "joinRefused",
      name: "eth0",
      group: "ff02::1:ff00:1",
      message: "no buffer space",
    },
    "WARN",
    "Interface eth0: cannot join group ff02::1:ff00:1: no buffer space",
  ],
  [
    {
      kind: "heartbeatsFailed",
      name: "eth0",
      family: "IPv6",
      message: "EADDRINUSE from bind",
    },
    "WARN",
    "Interface eth0: no heartbeats over IPv6: EADDRINUSE from bind",
  ],
  [
    { kind: "late" },
    "WARN",
    "The packet worker gets the processor too late again and again, and asks the other nodes to wait longer for it: grant CAP_SYS_NICE (manifests/overlays/real-time), request more CPU, or set a longer --heartbeat-interval",
  ],
  [
    { kind: "workerFailed", message: "out of memory" },
    "FATAL",
    "The packet worker failed: out of memory",
  ],
];

for (const [event, level, message] of cases) {
  Deno.test(`logPacketEvent() of ${event.kind}`, async () => {
    const lines: string[] = [];
    await startLogging("info", (line) => lines.push(line));
    try {
      logPacketEvent(event);
    } finally {
      await stopLogging();
    }
    assertEquals(lines.length, 1);
    const record = JSON.parse(lines[0] ?? "");
    assertEquals(record.level, level);
    assertEquals(record.message.replaceAll(/["']/g, ""), message);
    assertEquals(record.kind, event.kind);
  });
}
