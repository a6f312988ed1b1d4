/** Why a native call failed, as one word; every {@link NativeError} has one. */
export type NativeReason =
  /** None of the known library files can be opened. */
  | "libraryMissing"
  /** Deno was started without `--allow-ffi` for the library's path. */
  | "permissionMissing"
  /** The process lacks a Linux capability, CAP_NET_RAW as a rule. */
  | "capabilityMissing"
  /** The interface does not exist, or has vanished. */
  | "interfaceMissing"
  /** The interface exists and is administratively down. */
  | "interfaceDown"
  /** The interface does not carry Ethernet frames. */
  | "linkTypeUnsupported"
  /** Another socket is bound to the port. */
  | "portInUse"
  /** libpcap cannot compile the filter expression. */
  | "filterRefused"
  /** The kernel's answer to a netlink request is incomplete or malformed. */
  | "netlinkRefused"
  /** The object was closed before the call. */
  | "closed"
  /** A system call failed for a reason that has no word of its own: see `code`. */
  | "systemCall";

/** What a {@link NativeError} is made of. */
export interface NativeErrorInit {
  /** The C function or step that failed, for example `"pcap_activate"`. */
  readonly operation: string;
  /** Reason word. */
  readonly reason: NativeReason;
  /** Error number of the C library; 0 (the default) when it gave none. */
  readonly errno?: number;
  /** The error underneath, if there is one. */
  readonly cause?: unknown;
}

/** Names of the error numbers (asm-generic/errno*.h) that these calls can give. */
const ERRNO_NAMES: Readonly<Record<number, string>> = {
  1: "EPERM",
  2: "ENOENT",
  3: "ESRCH",
  4: "EINTR",
  5: "EIO",
  6: "ENXIO",
  9: "EBADF",
  11: "EAGAIN",
  12: "ENOMEM",
  13: "EACCES",
  14: "EFAULT",
  16: "EBUSY",
  17: "EEXIST",
  19: "ENODEV",
  22: "EINVAL",
  23: "ENFILE",
  24: "EMFILE",
  32: "EPIPE",
  34: "ERANGE",
  38: "ENOSYS",
  88: "ENOTSOCK",
  90: "EMSGSIZE",
  92: "ENOPROTOOPT",
  93: "EPROTONOSUPPORT",
  95: "EOPNOTSUPP",
  97: "EAFNOSUPPORT",
  98: "EADDRINUSE",
  99: "EADDRNOTAVAIL",
  100: "ENETDOWN",
  101: "ENETUNREACH",
  105: "ENOBUFS",
  110: "ETIMEDOUT",
  111: "ECONNREFUSED",
  113: "EHOSTUNREACH",
};

/** Error numbers that the code of this folder decides by. */
export const ERRNO = {
  EPERM: 1,
  EINTR: 4,
  ENXIO: 6,
  EAGAIN: 11,
  ENOMEM: 12,
  EACCES: 13,
  ENODEV: 19,
  EADDRINUSE: 98,
  EADDRNOTAVAIL: 99,
  ENETDOWN: 100,
  ENOBUFS: 105,
} as const;

/** Symbolic name of an error number, `"E<number>"` for an unlisted one, `""` for 0. */
export function errnoName(errno: number): string {
  return errno === 0 ? "" : ERRNO_NAMES[errno] ?? `E${errno}`;
}

/** A failed native call: what was tried, the error number, and one reason word. */
export class NativeError extends Error {
  /** Always `"NativeError"`. */
  override readonly name = "NativeError";
  /** The C function or step that failed. */
  readonly operation: string;
  /** Error number of the C library, 0 when it gave none. */
  readonly errno: number;
  /** Symbolic name of `errno`, for example `"EPERM"`; `""` when `errno` is 0. */
  readonly code: string;
  /** Reason word. */
  readonly reason: NativeReason;

  /** Makes an error; `message` says what, where and what to do. */
  constructor(message: string, init: NativeErrorInit) {
    super(message, init.cause === undefined ? {} : { cause: init.cause });
    this.operation = init.operation;
    this.errno = init.errno ?? 0;
    this.code = errnoName(this.errno);
    this.reason = init.reason;
  }
}
