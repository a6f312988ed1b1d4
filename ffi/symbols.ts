/**
 * The C functions in use, with the C declaration beside each parameter.
 *
 * One table for libpcap and libc: the loader finds libc's functions through
 * libpcap's own dependency on it, so one library path is all the permission
 * that is needed. Three rules keep the calls on the fast path and sound:
 * 64-bit parameters are declared 64 bits wide and given bigints; results of
 * type `ssize_t` are read as `i32`, where they always fit; addresses are plain
 * numbers (`u64`), because a scoped permission forbids Deno's pointer tools.
 */
export const SYMBOLS = {
  // --- libpcap ---------------------------------------------------------
  pcap_create: { // pcap_t *
    parameters: [
      "buffer", // const char *source
      "buffer", // char *errbuf, PCAP_ERRBUF_SIZE
    ],
    result: "pointer",
  },
  pcap_set_snaplen: { parameters: ["pointer", "i32"], result: "i32" }, // pcap_t *, int snaplen
  pcap_set_promisc: { parameters: ["pointer", "i32"], result: "i32" }, // pcap_t *, int promisc
  pcap_set_immediate_mode: { parameters: ["pointer", "i32"], result: "i32" }, // pcap_t *, int immediate
  pcap_set_buffer_size: { parameters: ["pointer", "i32"], result: "i32" }, // pcap_t *, int bytes
  pcap_activate: { parameters: ["pointer"], result: "i32" }, // pcap_t *
  pcap_setnonblock: {
    parameters: [
      "pointer", // pcap_t *p
      "i32", // int nonblock
      "buffer", // char *errbuf, PCAP_ERRBUF_SIZE
    ],
    result: "i32",
  },
  pcap_setdirection: { parameters: ["pointer", "i32"], result: "i32" }, // pcap_t *, pcap_direction_t
  pcap_get_selectable_fd: { parameters: ["pointer"], result: "i32" }, // pcap_t *
  pcap_datalink: { parameters: ["pointer"], result: "i32" }, // pcap_t *
  pcap_compile: {
    parameters: [
      "pointer", // pcap_t *p
      "buffer", // struct bpf_program *fp
      "buffer", // const char *str
      "i32", // int optimize
      "u32", // bpf_u_int32 netmask
    ],
    result: "i32",
  },
  pcap_setfilter: {
    parameters: [
      "pointer", // pcap_t *p
      "buffer", // struct bpf_program *fp
    ],
    result: "i32",
  },
  pcap_freecode: { parameters: ["buffer"], result: "void" }, // struct bpf_program *
  pcap_next_ex: {
    parameters: [
      "pointer", // pcap_t *p
      "buffer", // struct pcap_pkthdr **pkt_header
      "buffer", // const u_char **pkt_data
    ],
    result: "i32",
  },
  pcap_sendpacket: {
    parameters: [
      "pointer", // pcap_t *p
      "buffer", // const u_char *buf
      "i32", // int size
    ],
    result: "i32",
  },
  pcap_stats: {
    parameters: [
      "pointer", // pcap_t *p
      "buffer", // struct pcap_stat *ps
    ],
    result: "i32",
  },
  pcap_geterr: { parameters: ["pointer"], result: "u64" }, // pcap_t * -> char *
  pcap_close: { parameters: ["pointer"], result: "void" }, // pcap_t *

  // --- libc: memory and errors -----------------------------------------
  memcpy: { // void *
    parameters: [
      "buffer", // void *dest
      "u64", // const void *src
      "u64", // size_t n
    ],
    result: "void",
  },
  addressOf: { // void *: where dest is, when nothing is copied
    name: "memcpy",
    parameters: [
      "buffer", // void *dest
      "buffer", // const void *src
      "u64", // size_t n, always 0
    ],
    result: "u64",
  },
  malloc_trim: { parameters: ["u64"], result: "i32", optional: true }, // size_t pad; glibc's own
  strlen: { parameters: ["u64"], result: "u64" }, // const char * -> size_t
  __errno_location: { parameters: [], result: "u64" }, // int *

  // --- libc: descriptors -----------------------------------------------
  ppoll: {
    parameters: [
      "buffer", // struct pollfd *fds
      "u64", // nfds_t nfds
      "buffer", // const struct timespec *tmo_p
      "u64", // const sigset_t *sigmask, always NULL
    ],
    result: "i32",
  },
  eventfd: { parameters: ["u32", "i32"], result: "i32" }, // unsigned int initval, int flags
  read: {
    parameters: [
      "i32", // int fd
      "buffer", // void *buf
      "u64", // size_t count
    ],
    result: "i32",
  },
  write: {
    parameters: [
      "i32", // int fd
      "buffer", // const void *buf
      "u64", // size_t count
    ],
    result: "i32",
  },
  close: { parameters: ["i32"], result: "i32" }, // int fd

  // --- libc: sockets ---------------------------------------------------
  socket: { parameters: ["i32", "i32", "i32"], result: "i32" }, // int domain, int type, int protocol
  bind: {
    parameters: [
      "i32", // int sockfd
      "buffer", // const struct sockaddr *addr
      "u32", // socklen_t addrlen
    ],
    result: "i32",
  },
  setsockopt: {
    parameters: [
      "i32", // int sockfd
      "i32", // int level
      "i32", // int optname
      "buffer", // const void *optval
      "u32", // socklen_t optlen
    ],
    result: "i32",
  },
  send: {
    parameters: [
      "i32", // int sockfd
      "buffer", // const void *buf
      "u64", // size_t len
      "i32", // int flags
    ],
    result: "i32",
  },
  recv: {
    parameters: [
      "i32", // int sockfd
      "buffer", // void *buf
      "u64", // size_t len
      "i32", // int flags
    ],
    result: "i32",
  },
  sendto: {
    parameters: [
      "i32", // int sockfd
      "buffer", // const void *buf
      "u64", // size_t len
      "i32", // int flags
      "buffer", // const struct sockaddr *dest_addr
      "u32", // socklen_t addrlen
    ],
    result: "i32",
  },
  recvmsg: {
    parameters: [
      "i32", // int sockfd
      "buffer", // struct msghdr *msg
      "i32", // int flags
    ],
    result: "i32",
  },
  if_nametoindex: { parameters: ["buffer"], result: "u32" }, // const char *ifname

  // --- libc: time and scheduling ---------------------------------------
  clock_gettime: {
    parameters: [
      "i32", // clockid_t clockid
      "buffer", // struct timespec *tp
    ],
    result: "i32",
  },
  gettid: { parameters: [], result: "i32" }, // pid_t
  sched_setscheduler: {
    parameters: [
      "i32", // pid_t pid, 0 = the calling thread
      "i32", // int policy
      "buffer", // const struct sched_param *param
    ],
    result: "i32",
  },
  setpriority: { parameters: ["i32", "u32", "i32"], result: "i32" }, // int which, id_t who, int prio
  sched_setaffinity: {
    parameters: [
      "i32", // pid_t pid, 0 = the calling thread
      "u64", // size_t cpusetsize
      "buffer", // const cpu_set_t *mask
    ],
    result: "i32",
  },
} as const satisfies Deno.ForeignLibraryInterface;

/** The callable side of {@link SYMBOLS}. */
export type NativeSymbols = Deno.DynamicLibrary<typeof SYMBOLS>["symbols"];
