/** How `ping` listens. */
import { assertEquals } from "@std/assert";
import { openLibrary } from "../../ffi/mod.ts";
import { formatMac, parseIp, parseMac } from "../../mod/net/mod.ts";
import { Wire } from "../../scripts/verbs/ping_wire.ts";
import { privilegedTests } from "../privileges.ts";
import { Lan, LAN_INTERFACE, LAN_MAC } from "./lan.ts";

const STATION = "02:00:00:00:00:0a";
const TARGET = parseIp("192.0.2.10");
const PORT = {
  name: LAN_INTERFACE,
  mac: parseMac(LAN_MAC),
  ipv4: parseIp("192.0.2.1"),
  holds: true,
};

privilegedTests(import.meta.url, (test) => {
  test("Wire hears an answer that waits when its time is over", async () => {
    await using lan = new Lan();
    await lan.connect("port-a", STATION, "192.0.2.10/24");
    using library = openLibrary();
    using wire = new Wire(library, [PORT]);
    // The station's kernel answers before the question has been sent.
    const heard = wire.ask([TARGET], 0);
    assertEquals(heard.map(({ mac }) => formatMac(mac)), [STATION]);
  });
});
