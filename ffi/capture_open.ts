import {
  cString,
  ERROR_TEXT_BYTES,
  lastErrno,
  nativeBuffer,
  textAt,
  textOf,
} from "./memory.ts";
import { ERRNO, NativeError, type NativeReason } from "./native_error.ts";
import type { NativeSymbols } from "./symbols.ts";

/** Every setting of a handle, defaults filled in. */
export interface CaptureSettings {
  /** Bytes kept of each frame. */
  readonly snapLength: number;
  /** Bytes of the kernel's ring. */
  readonly bufferBytes: number;
  /** Also receive frames for other stations. */
  readonly promiscuous: boolean;
}

/** A running capture: libpcap's handle and the descriptor to poll. */
export interface OpenedHandle {
  /** The `pcap_t`. */
  readonly pcap: Deno.PointerObject;
  /** The descriptor that becomes readable when a frame is waiting. */
  readonly fd: number;
}

/** Ethernet; also what Linux calls the loopback interface's frames. */
const DLT_EN10MB = 1;
const PCAP_D_IN = 1;
const SOL_PACKET = 263;
const PACKET_IGNORE_OUTGOING = 23;

/** Results of pcap_activate(3PCAP) that have a reason word of their own. */
const ACTIVATE_REASONS: Readonly<Record<number, NativeReason>> = {
  [-5]: "interfaceMissing", // PCAP_ERROR_NO_SUCH_DEVICE
  [-8]: "capabilityMissing", // PCAP_ERROR_PERM_DENIED
  [-9]: "interfaceDown", // PCAP_ERROR_IFACE_NOT_UP
  [-11]: "capabilityMissing", // PCAP_ERROR_PROMISC_PERM_DENIED
};

/** What to do about `capabilityMissing`. */
export const CAPABILITY_ADVICE =
  'grant CAP_NET_RAW to the process (Kubernetes: securityContext.capabilities.add ["NET_RAW"]), or start it as root';

const ADVICE: Partial<Record<NativeReason, string>> = {
  capabilityMissing: CAPABILITY_ADVICE,
  interfaceMissing: "no interface has this name",
  interfaceDown: "bring the interface up first",
};

/** libpcap's own text for the last failure on a handle; may be empty. */
export function pcapError(
  symbols: NativeSymbols,
  pcap: Deno.PointerObject,
): string {
  return textAt(symbols, symbols.pcap_geterr(pcap));
}

/** Reason word for a system call that failed on a packet socket. */
export function failureReason(errno: number): NativeReason {
  switch (errno) {
    case ERRNO.EPERM:
    case ERRNO.EACCES:
      return "capabilityMissing";
    case ERRNO.ENODEV:
    case ERRNO.ENXIO:
      return "interfaceMissing";
    case ERRNO.ENETDOWN:
      return "interfaceDown";
    default:
      return "systemCall";
  }
}

/**
 * Creates, configures and activates a libpcap handle.
 *
 * @throws {NativeError} see {@link CaptureHandle.open}.
 */
export function openHandle(
  symbols: NativeSymbols,
  interfaceName: string,
  settings: CaptureSettings,
): OpenedHandle {
  const errorText = nativeBuffer(ERROR_TEXT_BYTES);
  const pcap = symbols.pcap_create(cString(interfaceName), errorText);
  if (pcap === null) {
    throw new NativeError(
      `Cannot capture on "${interfaceName}": ${textOf(errorText)}`,
      { operation: "pcap_create", reason: "systemCall" },
    );
  }
  try {
    configure(symbols, pcap, settings);
    activate(symbols, pcap, interfaceName);
    return { pcap, fd: makePollable(symbols, pcap, interfaceName) };
  } catch (failure) {
    symbols.pcap_close(pcap);
    throw failure;
  }
}

function configure(
  symbols: NativeSymbols,
  pcap: Deno.PointerObject,
  settings: CaptureSettings,
): void {
  symbols.pcap_set_snaplen(pcap, settings.snapLength);
  symbols.pcap_set_buffer_size(pcap, settings.bufferBytes);
  symbols.pcap_set_promisc(pcap, settings.promiscuous ? 1 : 0);
  // Off, every answer waits for the kernel's buffering timeout.
  symbols.pcap_set_immediate_mode(pcap, 1);
}

function activate(
  symbols: NativeSymbols,
  pcap: Deno.PointerObject,
  interfaceName: string,
): void {
  const result = symbols.pcap_activate(pcap);
  // Positive results are warnings: the handle works.
  if (result >= 0) return;
  const errno = lastErrno(symbols);
  const reason = ACTIVATE_REASONS[result] ?? failureReason(errno);
  const detail = ADVICE[reason] ?? pcapError(symbols, pcap);
  throw new NativeError(`Cannot capture on "${interfaceName}": ${detail}`, {
    operation: "pcap_activate",
    errno,
    reason,
    cause: new Error(pcapError(symbols, pcap) || `pcap_activate: ${result}`),
  });
}

function makePollable(
  symbols: NativeSymbols,
  pcap: Deno.PointerObject,
  interfaceName: string,
): number {
  const linkType = symbols.pcap_datalink(pcap);
  if (linkType !== DLT_EN10MB) {
    throw new NativeError(
      `Cannot capture on "${interfaceName}": its link type ${linkType} is ` +
        `not Ethernet; exclude the interface`,
      { operation: "pcap_datalink", reason: "linkTypeUnsupported" },
    );
  }
  const errorText = nativeBuffer(ERROR_TEXT_BYTES);
  if (
    symbols.pcap_setnonblock(pcap, 1, errorText) !== 0 ||
    symbols.pcap_setdirection(pcap, PCAP_D_IN) !== 0
  ) {
    throw new NativeError(
      `Cannot capture on "${interfaceName}": ` +
        (textOf(errorText) || pcapError(symbols, pcap)),
      {
        operation: "pcap_setnonblock",
        errno: lastErrno(symbols),
        reason: "systemCall",
      },
    );
  }
  const fd = symbols.pcap_get_selectable_fd(pcap);
  ignoreOutgoing(symbols, fd);
  return fd;
}

/**
 * Spares the ring a copy of each frame that we send. Kernels before 4.20 do
 * not know the option; there the direction set on the handle drops the copies.
 */
function ignoreOutgoing(symbols: NativeSymbols, fd: number): void {
  const on = nativeBuffer(4);
  on[0] = 1;
  symbols.setsockopt(fd, SOL_PACKET, PACKET_IGNORE_OUTGOING, on, 4);
}
