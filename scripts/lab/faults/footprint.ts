/** What the lab's processes and files take: over hours nothing may grow. */
import { type LabProcess, run } from "../process.ts";

/** Name of the process that judges. */
export const JUDGE = "judge";

/** What one process takes. */
export interface Resident {
  /** Name of the process. */
  readonly name: string;
  /** Its id: one that was started anew is another. */
  readonly pid: number;
  /** Resident memory, in kB. */
  readonly kilobytes: number;
  /** What of it no file backs, in kB: heaps, stacks and compiled code. */
  readonly anonymousKilobytes: number;
}

/** What is taken at a moment. */
export interface Footprint {
  /** Milliseconds on any clock that is the same for all that are compared. */
  readonly at: number;
  /** Processes of the lab, and last the one that judges. */
  readonly processes: readonly Resident[];
  /** The lab's files: logs, and what the client has seen and is not read yet, in kB. */
  readonly fileKilobytes: number;
}

async function readResident(name: string, pid: number): Promise<Resident> {
  const status = await run([
    ...["grep", "-E", "^(VmRSS|RssAnon):", `/proc/${pid}/status`],
  ]);
  const figure = (key: string): number =>
    Number(new RegExp(`^${key}:\\s+(\\d+) kB$`, "m").exec(status)?.[1]);
  return {
    ...{ name, pid, kilobytes: figure("VmRSS") },
    anonymousKilobytes: figure("RssAnon"),
  };
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
  const all = [...processes, { name: JUDGE, pid: Deno.pid }];
  const used = await run(["du", "-sk", folder]);
  return {
    at: performance.now(),
    processes: await Promise.all(
      all.map(({ name, pid }) => readResident(name, pid)),
    ),
    fileKilobytes: Number.parseInt(used),
  };
}

/** Kilobytes as megabytes, for people. */
export function megabytes(kilobytes: number): string {
  return (kilobytes / 1024).toFixed(1);
}

/**
 * Compares two moments.
 *
 * @returns One line; a process that was started in between shows its end only.
 */
export function describeFootprints(first: Footprint, last: Footprint): string {
  const processes = last.processes.map((now) => {
    const before = first.processes.find(({ pid }) => pid === now.pid);
    const from = before === undefined
      ? "started anew"
      : `${megabytes(before.kilobytes)} →`;
    return `${now.name} ${from} ${megabytes(now.kilobytes)} (${
      megabytes(now.anonymousKilobytes)
    } anonymous)`;
  });
  const files = [first, last].map(({ fileKilobytes }) =>
    megabytes(fileKilobytes)
  );
  return `MB resident: ${processes.join(", ")}; MB of files: ${
    files.join(" → ")
  }`;
}
