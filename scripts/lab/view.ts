/** The live view: redrawn in place until Ctrl-C; keys kill and start nodes. */
import { bold, cyan, dim, green, red, yellow } from "@std/fmt/colors";
import { collectFacts } from "./facts.ts";
import type { LabEvent } from "./history.ts";
import { wallClock } from "./history.ts";
import type { Lab } from "./lab.ts";
import type { LabNode } from "./lab_node.ts";
import type { Failover, Outcome, ServiceFacts } from "./outcome.ts";
import { bringBack } from "./failover.ts";
import { refreshEndpoints } from "./workload.ts";
import { formatServices } from "./table.ts";

const REDRAW_MS = 500;
/** Events shown. */
const RECENT = 8;
const NODES_PER_LINE = 6;
/** Title, headings, help, the line that counts what is left out, empty lines. */
const FIXED_LINES = 9;
/** Time after which a cluster drops a dead node's Pods; seconds there. */
const DEAD_PODS_LEAVE_MS = 3000;

const HOME = "\x1b[H";
const CLEAR_LINE = "\x1b[K";
const CLEAR_BELOW = "\x1b[J";
/** Hides the cursor; cuts lines off at the edge, for wrapped ones scroll. */
const ENTER = "\x1b[?25l\x1b[?7l";
/** Undoes {@linkcode ENTER}; right at any time. */
export const RESTORE_TERMINAL = "\x1b[?7h\x1b[?25h";

/** What one picture of the live view shows. */
export interface Picture {
  readonly nodes: readonly { readonly name: string; readonly up: boolean }[];
  readonly services: readonly ServiceFacts[];
  readonly failover: Failover;
  readonly events: readonly LabEvent[];
  /** Lines of the terminal. */
  readonly rows: number;
}

function describeEvent(event: LabEvent): string {
  switch (event.kind) {
    case "step":
      return event.text;
    case "nodeKilled":
      return red(`${event.node} killed`);
    case "nodeStarted":
      return yellow(`${event.node} started`);
    case "moved":
      return `${cyan(event.ip)} is at ${event.mac} ` +
        `${green(event.node ?? "unknown")} ${dim(event.form)}`;
  }
}

function describeFailover(failover: Failover): string {
  const { killed, newOwner, firstAnnouncementMs, outage } = failover;
  return dim(
    `The scenario: ${killed} killed, ${newOwner} announced after ` +
      `${Math.round(firstAnnouncementMs)} ms, the client was out for ` +
      `${Math.round(outage.outageMs)} ms.`,
  );
}

/**
 * Draws one picture.
 *
 * @param picture What to show.
 * @returns Lines without line ends, no more than the terminal has.
 */
export function drawPicture(picture: Picture): string[] {
  const { nodes, services, failover, events, rows } = picture;
  const states = nodes.map(({ name, up }) => {
    const key = bold(name.at(-1) ?? "");
    return `${up ? green("●") : red("○")} ${name} ${dim("[")}${key}${dim("]")}`;
  });
  const recent = events.slice(-RECENT).map((event) =>
    `  ${dim(`${(event.atMs / 1000).toFixed(2).padStart(8)} s`)}  ${
      describeEvent(event)
    }`
  );
  const nodeLines = Array.from(
    { length: Math.ceil(states.length / NODES_PER_LINE) },
    (_, line) =>
      "  " +
      states.slice(line * NODES_PER_LINE, (line + 1) * NODES_PER_LINE)
        .join("   "),
  );
  const room = rows - recent.length - nodeLines.length - FIXED_LINES;
  return [
    bold(cyan("Herald lab")),
    "",
    ...nodeLines,
    "",
    ...formatServices(services, Math.max(room, 2)).map((line) => `  ${line}`),
    "",
    `  ${describeFailover(failover)}`,
    ...recent,
    "",
    dim("  a node's letter kills or starts it; Ctrl-C ends the lab"),
  ].slice(0, rows);
}

function write(text: string): void {
  Deno.stdout.writeSync(new TextEncoder().encode(text));
}

function terminalRows(): number {
  try {
    return Deno.consoleSize().rows;
  } catch {
    return 40;
  }
}

async function toggle(lab: Lab, node: LabNode): Promise<void> {
  if (node.up) {
    const at = wallClock();
    await node.kill(lab.dataPlane);
    lab.history.add({ kind: "nodeKilled", node: node.name }, at);
    setTimeout(() => refreshEndpoints(lab).catch(() => {}), DEAD_PODS_LEAVE_MS);
  } else {
    await bringBack(lab, node);
  }
}

async function readKeys(lab: Lab, onFailure: (error: unknown) => void) {
  for await (const bytes of Deno.stdin.readable) {
    for (const key of new TextDecoder().decode(bytes)) {
      const node = lab.nodes.find(({ name }) => name.endsWith(`-${key}`));
      if (node !== undefined) toggle(lab, node).catch(onFailure);
    }
  }
}

/**
 * Shows the lab until Ctrl-C.
 *
 * @param lab The lab.
 * @param outcome What the scenario found.
 */
export async function liveView(lab: Lab, outcome: Outcome): Promise<void> {
  let shown = outcome.services;
  const interrupted = new Promise<void>((resolve) => {
    Deno.addSignalListener("SIGINT", () => resolve());
  });
  let running = true;
  interrupted.then(() => running = false);
  // cbreak keeps Ctrl-C a signal.
  if (Deno.stdin.isTerminal()) {
    Deno.stdin.setRaw(true, { cbreak: true });
    readKeys(lab, () => {});
  }
  // What was printed so far scrolls up instead of being overwritten.
  write(ENTER + "\r\n".repeat(terminalRows()));
  while (running) {
    const lines = drawPicture({
      nodes: lab.nodes.map(({ name, up }) => ({ name, up })),
      services: shown,
      failover: outcome.failover,
      events: lab.history.events,
      rows: terminalRows(),
    });
    write(
      HOME + lines.map((line) => line + CLEAR_LINE).join("\r\n") +
        CLEAR_BELOW,
    );
    const next = collectFacts(lab).then(({ services }) => shown = services)
      // Between a kill and a take-over some answers are missing: shown next time.
      .catch(() => {});
    await Promise.race([
      interrupted,
      Promise.all([next, new Promise((r) => setTimeout(r, REDRAW_MS))]),
    ]);
  }
  if (Deno.stdin.isTerminal()) Deno.stdin.setRaw(false);
  write(RESTORE_TERMINAL + "\r\n");
}
