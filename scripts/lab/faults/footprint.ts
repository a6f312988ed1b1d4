/** What the lab's processes and files take: over hours nothing may grow. */
import { type LabProcess, run } from "../process.ts";

/** What one process takes. */
export interface Resident {
  /** Name of the process. */
  readonly name: string;
  /** Its id: one that was started anew is another. */
  readonly pid: number;
  /** Resident memory, in kB. */
  readonly kilobytes: number;
}

/** What is taken at a moment. */
export interface Footprint {
  /** Processes of the lab, and last the one that judges. */
  readonly processes: readonly Resident[];
  /** The lab's files: logs, and what the client has seen and is not read yet, in kB. */
  readonly fileKilobytes: number;
}

/**
 * Looks at processes and files.
 *
 * @param processes The lab's.
 * @param folder Where its files are.
 */
export async function readFootprint(
  processes: readonly LabProcess[],
  folder: string,
): Promise<Footprint> {
  const found = await Promise.all(processes.map(async ({ name, pid }) => {
    const status = await run(["grep", "VmRSS", `/proc/${pid}/status`]);
    return { name, pid, kilobytes: Number(/\d+/.exec(status)?.[0]) };
  }));
  const own = Math.round(Deno.memoryUsage().rss / 1024);
  const used = await run(["du", "-sk", folder]);
  return {
    processes: [...found, { name: "judge", pid: Deno.pid, kilobytes: own }],
    fileKilobytes: Number.parseInt(used),
  };
}

function megabytes(kilobytes: number): string {
  return (kilobytes / 1024).toFixed(1);
}

/**
 * Compares two moments.
 *
 * @returns One line; a process that was started in between shows its end only.
 */
export function describeFootprints(first: Footprint, last: Footprint): string {
  const processes = last.processes.map(({ name, pid, kilobytes }) => {
    const before = first.processes.find((each) => each.pid === pid);
    const from = before === undefined
      ? "started anew"
      : `${megabytes(before.kilobytes)} →`;
    return `${name} ${from} ${megabytes(kilobytes)}`;
  });
  const files = [first, last].map(({ fileKilobytes }) =>
    megabytes(fileKilobytes)
  );
  return `MB resident: ${processes.join(", ")}; MB of files: ${
    files.join(" → ")
  }`;
}
