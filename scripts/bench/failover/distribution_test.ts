import { assertEquals } from "@std/assert";
import { distributionOf } from "./distribution.ts";

const TWENTY = Array.from({ length: 20 }, (_, index) => 20 - index);
const CASES: readonly {
  readonly name: string;
  readonly values: readonly number[];
  readonly expected: readonly [
    min: number,
    p50: number,
    p95: number,
    max: number,
  ];
}[] = [
  { name: "one value is all of them", values: [7], expected: [7, 7, 7, 7] },
  {
    name: "of twenty runs the worst but one is p95",
    values: TWENTY,
    expected: [1, 10, 19, 20],
  },
  {
    name: "of fewer runs the worst is p95",
    values: [3, 1, 2],
    expected: [1, 2, 3, 3],
  },
  { name: "none", values: [], expected: [NaN, NaN, NaN, NaN] },
];

for (const { name, values, expected } of CASES) {
  Deno.test(`distributionOf(): ${name}`, { permissions: "none" }, () => {
    const { min, p50, p95, max } = distributionOf(values);
    assertEquals([min, p50, p95, max], [...expected]);
  });
}
