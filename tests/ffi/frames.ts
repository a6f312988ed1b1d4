import type { CaptureHandle, NativeLibrary } from "../../ffi/mod.ts";
import { PollSet } from "../../ffi/mod.ts";

/** Filter for the frames of {@link testFrame}, and for nothing the kernel sends. */
export const TEST_FILTER = "ether proto 0x88b5";

/** A broadcast frame of a local experimental EtherType whose payload is `mark`s. */
export function testFrame(
  length: number,
  mark: number,
  destination: readonly number[] = [255, 255, 255, 255, 255, 255],
): Uint8Array<ArrayBuffer> {
  const frame = new Uint8Array(Math.max(length, 14)).fill(mark);
  frame.set(destination);
  frame.set([2, 0, 0, 0, 0, 10, 0x88, 0xb5], 6);
  return frame;
}

/** One received frame: what was kept of it, and its length on the wire. */
export interface Received {
  /** The bytes kept. */
  readonly bytes: Uint8Array<ArrayBuffer>;
  /** The length on the wire. */
  readonly wireLength: number;
}

/** The next frame of a handle; `undefined` when none arrives in time. */
export function receive(
  library: NativeLibrary,
  handle: CaptureHandle,
  timeoutMs = 2000,
): Received | undefined {
  const poll = new PollSet(library, 1);
  poll.add(handle.fd);
  const buffer = new Uint8Array(2048);
  if (poll.wait(timeoutMs) === 0) return undefined;
  const length = handle.next(buffer);
  if (length <= 0) return undefined;
  return { bytes: buffer.slice(0, length), wireLength: handle.wireLength };
}
