import { assertEquals, assertThrows } from "@std/assert";
import { runProbe } from "../tests/ffi/run_probe.ts";
import { privilegedTests, skip } from "../tests/privileges.ts";
import { openLibrary, symbolsOf } from "./library.ts";
import { nativeBuffer } from "./memory.ts";
import { pinToCpu } from "./scheduling.ts";

const SCHED_RR = 2;
const NO_CAPABILITIES = ["setpriv", "--bounding-set=-all", "--inh-caps=-all"];
const NICE_ALLOWED = ["prlimit", "--nice=30:30"];

/** The probe reads its own state from /proc, which Deno wants all permissions for. */
const permissions = ["--allow-all"];

/** Whether a process may be given more than nice 0 here at all. */
function canAllowNice(): boolean {
  const [command = "", ...args] = [...NICE_ALLOWED, "true"];
  return new Deno.Command(command, { args, stderr: "null" })
    .outputSync().success;
}

privilegedTests(import.meta.url, (test) => {
  test("raiseSchedulingClass() changes nothing without CAP_SYS_NICE", () => {
    const result = runProbe(["schedule"], {
      permissions,
      through: NO_CAPABILITIES,
    });
    const { schedulingClass, nice, policy } = result;
    assertEquals([schedulingClass, nice, policy], ["none", 0, 0]);
  });

  const name = "raiseSchedulingClass() falls back to nice -10";
  if (canAllowNice()) {
    test(name, () => {
      const result = runProbe(["schedule"], {
        permissions,
        through: [...NICE_ALLOWED, ...NO_CAPABILITIES],
      });
      const { schedulingClass, nice, policy } = result;
      assertEquals([schedulingClass, nice, policy], ["nice", -10, 0]);
    });
  } else {
    skip(name, "RLIMIT_NICE cannot be raised here", { required: false });
  }
});

Deno.test("raiseSchedulingClass() says what the thread really got", () => {
  const result = runProbe(["schedule"], { permissions });
  const { schedulingClass, nice, policy, realTimePriority } = result;
  const expected = {
    roundRobin: [0, SCHED_RR, 10],
    nice: [-10, 0, 0],
    none: [0, 0, 0],
  }[String(schedulingClass)];
  assertEquals([nice, policy, realTimePriority], expected ?? []);
});

Deno.test("pinToCpu() keeps the thread on one CPU", () => {
  const { cpus } = runProbe(["schedule", "0"], { permissions });
  assertEquals(cpus, "0");
});

Deno.test("pinToCpu() refuses a CPU that does not exist", () => {
  const { operation, code } = runProbe(["schedule", "1023"]);
  assertEquals([operation, code], ["sched_setaffinity", "EINVAL"]);
  using library = openLibrary();
  for (const cpu of [-1, 1024, 0.5, NaN]) {
    assertThrows(() => pinToCpu(library, cpu), RangeError, `CPU ${cpu}`);
  }
});

Deno.test("setpriority and sched_setscheduler refuse a thread that is not there", () => {
  using library = openLibrary();
  const symbols = symbolsOf(library);
  assertEquals(symbols.setpriority(0, 0x7fffffff, 0), -1);
  assertEquals(
    symbols.sched_setscheduler(0x7fffffff, 0, nativeBuffer(4)),
    -1,
  );
  assertEquals(symbols.setpriority(0, symbols.gettid(), 0), 0);
});
