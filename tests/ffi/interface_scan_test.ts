import { assert, assertEquals } from "@std/assert";
import {
  dumpAddresses,
  dumpLinks,
  dumpNeighbours,
  openLibrary,
} from "../../ffi/mod.ts";
import {
  decodeAddresses,
  decodeLinks,
  decodeNeighbours,
  formatIp,
  formatMac,
} from "../../mod/net/mod.ts";
import { NetworkNamespace } from "../network_namespace.ts";
import { privilegedTests } from "../privileges.ts";

privilegedTests(import.meta.url, (test) => {
  test("decodeLinks() understands what the kernel lists", () => {
    using namespace = NetworkNamespace.enter();
    namespace.wire("near", "far");
    namespace.ip("link", "add", "bridge0", "type", "bridge");
    namespace.ip("link", "set", "near", "master", "bridge0");
    namespace.ip("link", "set", "far", "arp", "off");
    using library = openLibrary();
    const links = decodeLinks(dumpLinks(library));
    const [lo, near, far, bridge] = ["lo", "near", "far", "bridge0"].map(
      (name) => links.find((link) => link.name === name),
    );
    assertEquals(links.length, 4);
    assert(lo !== undefined && lo.index === 1 && lo.loopback && lo.up);
    assert(near !== undefined && near.mac !== null && bridge !== undefined);
    assertEquals(formatMac(near.mac), "02:00:00:00:00:0a");
    assertEquals([near.kind, near.master], ["veth", bridge.index]);
    assert(near.up && near.running && near.lowerUp && near.broadcast);
    assertEquals([near.noArp, far?.noArp], [false, true]);
    assertEquals([bridge.kind, bridge.up], ["bridge", false]);
    namespace.ip("link", "set", "far", "down");
    const after = decodeLinks(dumpLinks(library))
      .find(({ name }) => name === "near");
    assert(after !== undefined && after.up && !after.running);
  });

  test("decodeAddresses() understands what the kernel lists", () => {
    using namespace = NetworkNamespace.enter();
    namespace.wire("near", "far");
    const add = (...rest: string[]) => namespace.ip("address", "add", ...rest);
    add("192.0.2.1/24", "dev", "near");
    add("198.51.100.1", "peer", "198.51.100.2", "dev", "near");
    add("2001:db8::1/64", "dev", "near", "nodad");
    add("2001:db8::2/64", "dev", "near");
    using library = openLibrary();
    const { index } = decodeLinks(dumpLinks(library))
      .find(({ name }) => name === "near") ?? { index: 0 };
    const found = decodeAddresses(dumpAddresses(library))
      .filter((address) => address.index === index)
      .map(({ ip, prefixLength, tentative }) =>
        `${formatIp(ip)}/${prefixLength}${tentative ? " tentative" : ""}`
      );
    assertEquals(found.toSorted(), [
      "192.0.2.1/24",
      "198.51.100.1/32",
      "2001:db8::1/64",
      "2001:db8::2/64 tentative",
    ]);
  });

  test("decodeNeighbours() understands what the kernel lists", () => {
    using namespace = NetworkNamespace.enter();
    namespace.wire("near", "far");
    const neighbour = (ip: string, ...rest: string[]) =>
      namespace.ip("neighbour", "add", ip, "dev", "near", ...rest);
    neighbour("192.0.2.11", "lladdr", "02:00:00:00:00:11", "nud", "stale");
    neighbour("2001:db8::b", "lladdr", "02:00:00:00:00:12", "nud", "permanent");
    neighbour("192.0.2.13", "nud", "failed");
    using library = openLibrary();
    const { index } = decodeLinks(dumpLinks(library))
      .find(({ name }) => name === "near") ?? { index: 0 };
    const found = decodeNeighbours(dumpNeighbours(library))
      .map(({ index, ip, mac }) => [index, formatIp(ip), formatMac(mac)]);
    assertEquals(found.toSorted(), [
      [index, "192.0.2.11", "02:00:00:00:00:11"],
      [index, "2001:db8::b", "02:00:00:00:00:12"],
    ]);
  });
});
