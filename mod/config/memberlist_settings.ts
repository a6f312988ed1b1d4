/**
 * MetalLB's optional ConfigMap `metallb-memberlist-config`, as the file that it
 * is mounted as (`/etc/metallb/memberlist/config.json`): all 19 fields, with
 * durations as Go writes them.
 */
import { parseDuration } from "../crd/mod.ts";
import { LAN, settingsProblems, type SwimSettings } from "../swim/mod.ts";

/** The settings of the file, or all that is wrong with it, one sentence each. */
export type MemberlistSettings =
  | { readonly kind: "settings"; readonly settings: SwimSettings }
  | { readonly kind: "refused"; readonly problems: readonly string[] };

type Fields<T> = Readonly<Record<string, keyof T>>;
type KeysOf<V> = {
  [K in keyof SwimSettings]: SwimSettings[K] extends V ? K : never;
}[keyof SwimSettings];

const DURATIONS: Fields<Pick<SwimSettings, KeysOf<number>>> = {
  TCPTimeout: "streamTimeout",
  PushPullInterval: "pushPullInterval",
  ProbeTimeout: "probeTimeout",
  ProbeInterval: "probeInterval",
  GossipInterval: "gossipInterval",
  GossipToTheDeadTime: "gossipToTheDead",
};

const NUMBERS: Fields<Pick<SwimSettings, KeysOf<number>>> = {
  IndirectChecks: "indirectChecks",
  RetransmitMult: "retransmitMult",
  SuspicionMult: "suspicionMult",
  SuspicionMaxTimeoutMult: "suspicionMaxTimeoutMult",
  AwarenessMaxMultiplier: "awarenessMaxMultiplier",
  GossipNodes: "gossipNodes",
  UDPBufferSize: "packetSize",
};

/** What a problem calls a setting, as the file does. */
const NAMES: ReadonlyMap<string, string> = new Map(
  Object.entries({ ...DURATIONS, ...NUMBERS }).map((
    [name, key],
  ) => [key, name]),
);

const FLAGS: Fields<Pick<SwimSettings, KeysOf<boolean>>> = {
  GossipVerifyIncoming: "verifyIncoming",
  GossipVerifyOutgoing: "verifyOutgoing",
  EnableCompression: "compression",
};

const MS = 1_000_000n;

/** Reads the fields of one file, and notes what is wrong with them. */
class FieldReader {
  readonly #fields: Readonly<Record<string, unknown>>;
  readonly problems: string[] = [];

  constructor(fields: Readonly<Record<string, unknown>>) {
    this.#fields = fields;
  }

  /** A duration in ms. */
  duration(name: string): number {
    const value = this.#fields[name];
    const time = typeof value === "string" ? parseDuration(value) : undefined;
    if (time !== undefined) return Number(time) / Number(MS);
    return this.#refuse(name, 'it must be a duration such as "200ms"', 0);
  }

  number(name: string): number {
    const value = this.#fields[name];
    if (Number.isInteger(value)) return Number(value);
    return this.#refuse(name, "it must be a whole number", 0);
  }

  flag(name: string): boolean {
    const value = this.#fields[name];
    if (typeof value === "boolean") return value;
    return this.#refuse(name, "it must be true or false", false);
  }

  #refuse<T>(name: string, demand: string, instead: T): T {
    const value = this.#fields[name];
    const state = value === undefined ? "missing" : JSON.stringify(value);
    this.problems.push(`${name} is ${state}: ${demand}`);
    return instead;
  }
}

/**
 * Reads the file. What it does not hold (dead node reclaim time, protocol
 * version) is as in the LAN preset. `HandoffQueueDepth` and
 * `QueueCheckInterval` have to be there, as MetalLB demands, and have no
 * effect: messages are handled as they come, without a queue.
 *
 * @param text The file's text.
 */
export function readMemberlistSettings(text: string): MemberlistSettings {
  const fields = parseObject(text);
  if (fields === undefined) {
    return { kind: "refused", problems: ["the file is no JSON object"] };
  }
  const reader = new FieldReader(fields);
  const settings: SwimSettings = {
    ...LAN,
    ...read(DURATIONS, (name) => reader.duration(name)),
    ...read(NUMBERS, (name) => reader.number(name)),
    ...read(FLAGS, (name) => reader.flag(name)),
    streamPings: !reader.flag("DisableTcpPings"),
  };
  reader.number("HandoffQueueDepth");
  reader.duration("QueueCheckInterval");
  // A wrong field would only cause a second problem.
  const problems = reader.problems.length > 0
    ? reader.problems
    : settingsProblems(settings).map(inWordsOfFile);
  return problems.length > 0
    ? { kind: "refused", problems }
    : { kind: "settings", settings };
}

/** Every problem begins with the setting that it is about. */
function inWordsOfFile(problem: string): string {
  return problem.replace(/^\w+/, (key) => NAMES.get(key) ?? key);
}

function read<T>(
  fields: Readonly<Record<string, string>>,
  value: (name: string) => T,
): Record<string, T> {
  return Object.fromEntries(
    Object.entries(fields).map(([name, key]) => [key, value(name)]),
  );
}

function parseObject(
  text: string,
): Readonly<Record<string, unknown>> | undefined {
  try {
    const value: unknown = JSON.parse(text);
    const isObject = typeof value === "object" && value !== null &&
      !Array.isArray(value);
    return isObject ? value as Readonly<Record<string, unknown>> : undefined;
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
    return undefined;
  }
}
