/** Speakers that end, and speakers that stand still. */
import { wallClock } from "../history.ts";
import type { Diary } from "./diary.ts";
import type { Ongoing } from "./ongoing.ts";

/** A stop for longer may be taken for a death, in milliseconds. */
const NOTICEABLE_MS = 220;

function ended(
  diary: Diary,
  victim: number,
  text: string,
  start: () => Promise<void> | void,
): Ongoing {
  return {
    text,
    starts: victim,
    heal: async () => {
      diary.became(victim, "started", `${diary.name(victim)} starts`);
      await start();
    },
  };
}

/** The speaker ends at once, its node lives. */
export async function killSpeaker(
  diary: Diary,
  victim: number,
): Promise<Ongoing> {
  const node = diary.node(victim);
  const text = `the speaker of ${node.name} is killed`;
  diary.became(victim, "ended", text);
  await node.speaker?.stop();
  return ended(diary, victim, text, () => node.startSpeaker());
}

/** The node dies: its processes, and its cables. */
export async function killNode(diary: Diary, victim: number): Promise<Ongoing> {
  const node = diary.node(victim);
  const text = `${node.name} dies`;
  diary.became(victim, "ended", text);
  await node.kill(diary.lab.dataPlane);
  diary.did(`${node.name} is dead`, [victim]);
  return ended(diary, victim, text, () => node.start(diary.lab.dataPlane));
}

/** The speaker is told to end, and does. */
export async function endSpeaker(
  diary: Diary,
  victim: number,
): Promise<Ongoing> {
  const node = diary.node(victim);
  const text = `the speaker of ${node.name} is told to end`;
  diary.became(victim, "leaving", text);
  await node.speaker?.stop("SIGTERM");
  diary.became(victim, "ended", `the speaker of ${node.name} has ended`);
  return ended(diary, victim, text, () => node.startSpeaker());
}

function stopProcess(diary: Diary, victim: number): () => void {
  const pid = diary.node(victim).speaker?.pid ?? 0;
  Deno.kill(pid, "SIGSTOP");
  return () => Deno.kill(pid, "SIGCONT");
}

/** The speaker stands still. */
export function pauseSpeaker(diary: Diary, victim: number): Ongoing {
  const name = diary.name(victim);
  const text = `the speaker of ${name} stands still`;
  diary.became(victim, "paused", text);
  const resume = stopProcess(diary, victim);
  return {
    text,
    starts: undefined,
    heal: () => {
      resume();
      diary.became(victim, "resumed", `the speaker of ${name} goes on`);
      return Promise.resolve();
    },
  };
}

/** The speaker stands still too briefly to be noticed: it is no cause of anything. */
export function blinkSpeaker(diary: Diary, victim: number): Ongoing {
  const name = diary.name(victim);
  const text = `the speaker of ${name} stands still for a moment`;
  const stoppedMs = wallClock();
  diary.did(text, []);
  const resume = stopProcess(diary, victim);
  return {
    text,
    starts: undefined,
    heal: () => {
      resume();
      const tookMs = Math.round(wallClock() - stoppedMs);
      // A busy machine makes a pause of it.
      const nodes = tookMs < NOTICEABLE_MS ? [] : [victim];
      diary.did(`the speaker of ${name} goes on after ${tookMs} ms`, nodes);
      return Promise.resolve();
    },
  };
}
