import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { LIBRARY_PATHS } from "../ffi/mod.ts";
import { type Machine, type Need, planSetup, REQUIREMENTS } from "./setup.ts";

const MISSING = REQUIREMENTS.filter((requirement) =>
  ["libpcap0.8", "nftables"].includes(requirement.package)
);

const OPTIONAL = REQUIREMENTS.filter(({ optional }) => optional === true);

const CASES: readonly {
  name: string;
  machine: Machine;
  check?: boolean;
  kind: "nothing" | "install" | "tell";
  says?: string;
  goOn?: boolean;
}[] = [
  {
    name: "all there",
    machine: { missing: [], root: false, apt: true },
    kind: "nothing",
  },
  {
    name: "root with apt installs",
    machine: { missing: MISSING, root: true, apt: true },
    kind: "install",
  },
  {
    name: "root who only checks is told",
    machine: { missing: MISSING, root: true, apt: true },
    check: true,
    kind: "tell",
    says: "Install it: apt-get install -y libpcap0.8 nftables",
  },
  {
    name: "a user is told the command",
    machine: { missing: MISSING, root: false, apt: true },
    kind: "tell",
    says: "Install it: sudo apt-get install -y libpcap0.8 nftables",
  },
  {
    name: "without apt the packages are named",
    machine: { missing: MISSING, root: true, apt: false },
    kind: "tell",
    says: "  nftables: the rules of kube-proxy or of its stand-in",
  },
  {
    name: "the task runs without what is optional",
    machine: { missing: OPTIONAL, root: false, apt: true },
    kind: "tell",
    says: "Install it: sudo apt-get install -y etcd-server",
    goOn: true,
  },
];

for (
  const { name, machine, check = false, kind, says, goOn = false } of CASES
) {
  Deno.test(`planSetup(): ${name}`, { permissions: "none" }, () => {
    assertEquals(machine.missing.length === 0, kind === "nothing");
    const plan = planSetup(machine, { check });
    assertEquals(plan.kind, kind);
    if (plan.kind === "tell") {
      assertStringIncludes(plan.message, says ?? "?");
      assertEquals(plan.goOn, goOn);
    }
    if (plan.kind === "install") {
      assertEquals(plan.packages, ["libpcap0.8", "nftables"]);
    }
  });
}

Deno.test("REQUIREMENTS look for libpcap where it is opened", {
  permissions: "none",
}, () => {
  const [libpcap] = REQUIREMENTS;
  assert(libpcap !== undefined && "anyFile" in libpcap.evidence);
  assertEquals(libpcap.evidence.anyFile, LIBRARY_PATHS);
});

Deno.test("REQUIREMENTS name what each task starts", {
  permissions: "none",
}, () => {
  const rows: (readonly [string, readonly Need[]])[] = [
    ["ip", ["run", "test", "bench"]],
    ["unshare", ["run", "test", "bench"]],
    ["nft", ["run", "test"]],
    ["ps", ["test", "bench"]],
    ["etcd", ["test"]],
    ["capsh", ["test"]],
    ["cc", ["bench"]],
  ];
  const programs = REQUIREMENTS.flatMap(({ evidence, needs }) =>
    "program" in evidence ? [[evidence.program, needs] as const] : []
  );
  assertEquals(programs, rows);
});
