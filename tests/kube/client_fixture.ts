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
}

/** Connects a client whose server answers as told. */
export function connectScripted(answer: Answer): ClientFixture {
  const platform = new ScriptedPlatform(answer);
  const clock = new ManualClock();
  const malformed: Malformed[] = [];
  const client = connect(ANONYMOUS, {
    platform,
    clock,
    onMalformed: (item) => malformed.push(item),
  });
  return { client, platform, clock, malformed };
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
