import { assertEquals } from "@std/assert";
import fc from "fast-check";
import { formatMac, parseMac } from "../net/mod.ts";
import { formatInterfaceMacs, parseInterfaceMacs } from "./interface_macs.ts";

const options = { permissions: "none" } as const;
const A = "02:00:00:00:00:0a";
const B = "02:00:00:00:01:0a";

Deno.test("formatInterfaceMacs() sorts by name", options, () => {
  const text = formatInterfaceMacs([
    { name: "eth1", mac: parseMac(B) },
    { name: "eth0", mac: parseMac(A) },
  ]);
  assertEquals(text, `eth0=${A},eth1=${B}`);
  assertEquals(formatInterfaceMacs([]), "");
});

const readings: readonly (readonly [string, readonly string[]])[] = [
  ["", []],
  [`eth0=${A}`, [`eth0 ${A}`]],
  [`eth0=${A},eth1.5=${B}`, [`eth0 ${A}`, `eth1.5 ${B}`]],
  [`a,b=c=${A},eth1=${B}`, [`a,b=c ${A}`, `eth1 ${B}`]],
  [`eth0=${A.toUpperCase()},eth1=${B}`, [`eth1 ${B}`]],
  [`eth0=${A}:00,eth1=${B}`, [`eth1 ${B}`]],
  [`=${A},eth1=${B} `, []],
  [`a name=${A}`, []],
  [`sixteen-letters-=${A}`, []],
  [`${"x".repeat(4096)},eth0=${A}`, []],
];

for (const [text, entries] of readings) {
  Deno.test(
    `parseInterfaceMacs() reads "${text.slice(0, 60)}"`,
    options,
    () => {
      assertEquals(
        parseInterfaceMacs(text).map(({ name, mac }) => `${name} ${mac}`),
        entries,
      );
    },
  );
}

Deno.test("parseInterfaceMacs() reads back what was written", options, () => {
  const name = fc.stringMatching(/^[^\s/:]{1,15}$/u).filter((text) =>
    text.length <= 15
  );
  const mac = fc.uint8Array({ minLength: 6, maxLength: 6 });
  const interfaces = fc.uniqueArray(fc.record({ name, mac }), {
    selector: (each) => each.name,
    maxLength: 8,
  });
  fc.assert(fc.property(interfaces, (given) => {
    const read = parseInterfaceMacs(formatInterfaceMacs(given));
    assertEquals(
      new Map(read.map((each) => [each.name, each.mac])),
      new Map(given.map((each) => [each.name, formatMac(each.mac)])),
    );
  }));
});
