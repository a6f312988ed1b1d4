/**
 * Generators of network values for property tests.
 *
 * @module
 */
import fc from "fast-check";
import {
  type Ip,
  type IpFamily,
  isMappedIp,
  type Mac,
  makePrefix,
  type NdpOption,
  type Prefix,
} from "../mod/net/mod.ts";

/** Any IPv4 address. */
export const ipv4: fc.Arbitrary<Ip> = fc.bigInt({
  min: 0n,
  max: 2n ** 32n - 1n,
})
  .map((value) => ({ family: "IPv4", value }));

/** Any IPv6 address, those with runs of zero groups often among them. */
export const ipv6: fc.Arbitrary<Ip> = fc.array(
  fc.oneof(fc.constant(0n), fc.bigInt({ min: 0n, max: 0xffffn })),
  { minLength: 8, maxLength: 8 },
).map((groups) => ({
  family: "IPv6",
  value: groups.reduce((value, group) => value << 16n | group, 0n),
}));

/** Any address that a text can mean: IPv4, or IPv6 that is not IPv4-mapped. */
export const ip: fc.Arbitrary<Ip> = fc.oneof(
  ipv4,
  ipv6.filter((ip) => !isMappedIp(ip)),
);

/** Any prefix of {@linkcode ip}. */
export const prefix: fc.Arbitrary<Prefix> = fc.oneof(
  prefixOf("IPv4"),
  prefixOf("IPv6"),
)
  .filter((prefix) => !isMappedIp(prefix.ip));

function prefixOf(family: IpFamily): fc.Arbitrary<Prefix> {
  const [address, bits] = family === "IPv4" ? [ipv4, 32] : [ipv6, 128];
  return fc.tuple(address, fc.nat(bits)).map(([ip, length]) =>
    makePrefix(ip, length)
  );
}

/** Any bytes of that many. */
export function bytes(length: number): fc.Arbitrary<Uint8Array> {
  return fc.uint8Array({ minLength: length, maxLength: length });
}

/** Any MAC address. */
export const mac: fc.Arbitrary<Mac> = bytes(6);

const optionData = fc.nat(4).chain((units) => bytes(8 * units + 6));

/** Any option that keeps its kind on the wire. */
export const ndpOption: fc.Arbitrary<NdpOption> = fc.oneof(
  fc.record({
    kind: fc.constantFrom(
      "sourceLinkLayerAddress" as const,
      "targetLinkLayerAddress" as const,
    ),
    mac,
  }),
  fc.record({ kind: fc.constant("nonce" as const), nonce: optionData }),
  fc.record({
    kind: fc.constant("raw" as const),
    type: fc.nat(255).filter((type) => ![1, 2, 14].includes(type)),
    data: optionData,
  }),
);
