import { assertEquals } from "@std/assert";
import { decideForwarding, type Finding } from "./mod.ts";

const CASES: readonly {
  readonly finding: Finding;
  readonly elapsed: number;
  readonly hasListened?: boolean;
  readonly is: string;
}[] = [
  { finding: "healthy", elapsed: 0, is: "forwards healthy" },
  { finding: "healthy", elapsed: 40_000, is: "forwards healthy" },
  { finding: "noRules", elapsed: 0, is: "waits noRules" },
  { finding: "unhealthy", elapsed: 29_999, is: "waits unhealthy" },
  { finding: "unhealthy", elapsed: 30_000, is: "forwards overdue" },
  { finding: "noRules", elapsed: 30_000, is: "forwards overdue" },
  { finding: "unanswered", elapsed: 5000, is: "waits unanswered" },
  { finding: "unanswered", elapsed: 30_000, is: "forwards overdue" },
  { finding: "refused", elapsed: 4999, is: "waits refused" },
  { finding: "refused", elapsed: 5000, is: "forwards absent" },
  // It was there, and starts again.
  {
    finding: "refused",
    elapsed: 5000,
    hasListened: true,
    is: "waits refused",
  },
  {
    finding: "refused",
    elapsed: 30_000,
    hasListened: true,
    is: "forwards overdue",
  },
];
Deno.test.each(CASES)(
  "decideForwarding() after $elapsed ms: $finding, so it $is",
  { permissions: "none" },
  ({ finding, elapsed, hasListened, is }) => {
    const { kind, reason } = decideForwarding({
      finding,
      elapsed,
      hasListened: hasListened ?? false,
    });
    assertEquals(`${kind} ${reason}`, is);
  },
);
