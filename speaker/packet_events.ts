/** Writes what the packet worker tells into the log. */
import { getLogger } from "@logtape/logtape";
import type { PacketEvent } from "../mod/layer2/mod.ts";

/** What helps a packet worker that gets the processor too late. */
export const LATE_REMEDY: string =
  "grant CAP_SYS_NICE (manifests/overlays/real-time), request more CPU, or set a longer --heartbeat-interval";

/** Logs one event of the packet worker. */
export function logPacketEvent(event: PacketEvent): void {
  const log = getLogger(["herald", "speaker", "packet"]);
  switch (event.kind) {
    case "interfaceOpened":
    case "interfaceClosed":
      log.info("Interface {name}: {kind}", { ...event });
      return;
    case "interfaceFailed":
    case "interfaceGone":
      log.warn("Interface {name}: {kind}: {detail}", {
        kind: event.kind,
        name: event.name,
        detail: event.message,
      });
      return;
    case "heartbeatsFailed":
      log.warn("Interface {name}: no heartbeats over {family}: {detail}", {
        kind: event.kind,
        name: event.name,
        family: event.family,
        detail: event.message,
      });
      return;
    case "joinRefused":
      log.warn("Interface {name}: cannot join group {group}: {detail}", {
        kind: event.kind,
        name: event.name,
        group: event.group,
        detail: event.message,
      });
      return;
    case "claim":
      log.info("Interface {name}: {what} of group {group}: {reason}", {
        ...event,
      });
      return;
    case "conflict":
      log.warn(
        "Interface {name}: another host uses an address of group {group}",
        { ...event },
      );
      return;
    case "late":
      log.warn(
        "The packet worker gets the processor too late again and again, and asks the other nodes to wait longer for it: {remedy}",
        { ...event, remedy: LATE_REMEDY },
      );
      return;
    case "workerFailed":
      log.fatal("The packet worker failed: {detail}", {
        kind: event.kind,
        detail: event.message,
      });
  }
}
