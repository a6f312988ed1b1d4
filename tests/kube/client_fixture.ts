/** The adapter over a scripted platform, for the tests of its verbs. */
import { assertInstanceOf } from "@std/assert";
import {
  connect,
  type ConnectedClient,
  KubeError,
  type Malformed,
} from "../../mod/kube/mod.ts";
import { ManualClock } from "./clocks.ts";
import {
  ANONYMOUS,
  type Answer,
  ScriptedPlatform,
} from "./scripted_platform.ts";

/** A client and what its platform saw. */
export interface ClientFixture {
  readonly client: ConnectedClient;
  readonly platform: ScriptedPlatform;
  readonly clock: ManualClock;
  readonly malformed: readonly Malformed[];
  /** Calls as the metrics see them: verb, resource, status. */
  readonly calls: readonly string[];
}

/** Connects a client whose server answers as told. */
export function connectScripted(answer: Answer): ClientFixture {
  const platform = new ScriptedPlatform(answer);
  const clock = new ManualClock();
  const malformed: Malformed[] = [];
  const calls: string[] = [];
  const client = connect(ANONYMOUS, {
    platform,
    clock,
    onMalformed: (item) => malformed.push(item),
    onCall: ({ verb, resource }, _ms, code) =>
      calls.push(`${verb} ${resource} ${code}`),
  });
  return { client, platform, clock, malformed, calls };
}

/** The error of a call that must fail. */
export async function failure(call: Promise<unknown>): Promise<KubeError> {
  try {
    await call;
  } catch (error) {
    assertInstanceOf(error, KubeError);
    return error;
  }
  throw new Error("The call did not fail");
}
