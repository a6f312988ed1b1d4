import { CAPABILITY_ADVICE, failureReason } from "./capture_open.ts";
import { type NativeLibrary, symbolsOf } from "./library.ts";
import { lastErrno } from "./memory.ts";
import { errnoName, NativeError } from "./native_error.ts";

const AF_PACKET = 17;
const SOCK_RAW_CLOEXEC = 3 | 0o2000000;
/** Receives nothing (packet(7)). */
const NO_PROTOCOL = 0;

/**
 * Makes sure that this process may capture and send raw frames, whatever the
 * interfaces are: one socket, opened and closed.
 *
 * @throws {NativeError} `capabilityMissing` with what to do, `systemCall`.
 */
export function requireRawFrames(library: NativeLibrary): void {
  const symbols = symbolsOf(library);
  const fd = symbols.socket(AF_PACKET, SOCK_RAW_CLOEXEC, NO_PROTOCOL);
  if (fd >= 0) {
    symbols.close(fd);
    return;
  }
  const errno = lastErrno(symbols);
  const reason = failureReason(errno);
  const detail = reason === "capabilityMissing"
    ? CAPABILITY_ADVICE
    : errnoName(errno);
  throw new NativeError(`Cannot capture and send frames: ${detail}`, {
    operation: "socket",
    errno,
    reason,
  });
}
