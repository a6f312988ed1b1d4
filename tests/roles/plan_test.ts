/** `main.ts plan` as people run it. */
import { assertEquals, assertStringIncludes } from "@std/assert";
import { runMain } from "./role_process.ts";

function plan(...args: readonly string[]): ReturnType<typeof runMain> {
  return runMain(["-P=verb"], "plan", ...args);
}

const EXAMPLE = ["capacity", "--vips", "10", "--per-node", "5"];

Deno.test("plan capacity shows 2 pools and 4 nodes with the working", async () => {
  const { code, stdout } = await plan(...EXAMPLE, "--failures", "1");
  assertEquals(stdout.split("\n"), [
    "2 pools, 4 nodes",
    "",
    "pools = ceil(addresses / addresses per node) = ceil(10 / 5) = 2",
    "nodes per pool = 1 + tolerated failures = 1 + 1 = 2",
    "nodes = pools × nodes per pool = 2 × 2 = 4",
    "",
    "POOL    ADDRESSES  NODES",
    "pool-1  5          2",
    "pool-2  5          2",
    "",
  ]);
  assertEquals(code, 0);
});

Deno.test("plan capacity -o json --vm counts three machines a pool", async () => {
  const { code, stdout } = await plan(...EXAMPLE, "--vm", "-o", "json");
  const { pools, nodesPerPool, nodes } = JSON.parse(stdout);
  assertEquals([pools.length, nodesPerPool, nodes], [2, 3, 6]);
  assertEquals(code, 0);
});

Deno.test("plan capacity -o yaml passes validate", async () => {
  const { stdout } = await plan(...EXAMPLE, "-o", "yaml", "-n", "lb");
  assertStringIncludes(stdout, "# pools = ceil(");
  assertStringIncludes(stdout, "namespace: lb");
  const file = await Deno.makeTempFile({ suffix: ".yaml" });
  try {
    await Deno.writeTextFile(file, stdout);
    const checked = await runMain(["-P=validate"], "validate", file);
    assertStringIncludes(checked.stdout, "4 objects in 1 file, 0 errors");
    assertEquals(checked.code, 0);
  } finally {
    await Deno.remove(file);
  }
});

const refusals = [
  { args: [], says: 'Cannot plan ""' },
  { args: ["capacity", "--vips", "3"], says: "--per-node is missing" },
  {
    args: ["capacity", "--vips", "0", "--per-node", "5"],
    says: '--vips takes a whole number from 1 to 100000, not "0"',
  },
  {
    args: [...EXAMPLE, "--vm", "--failures", "2"],
    says: "--failures: 2 failures cannot be tolerated with virtual machines",
  },
  { args: [...EXAMPLE, "-o", "xml"], says: "--output takes one of table" },
];

Deno.test.each(refusals)("plan $args is refused", async ({ args, says }) => {
  const { code, stderr } = await plan(...args);
  assertStringIncludes(stderr, says);
  assertEquals(code, 2);
});
