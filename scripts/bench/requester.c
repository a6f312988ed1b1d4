/*
 * Asks for addresses over a packet socket and times the answers. With one
 * request in flight it measures latency, with many the loss and the rate.
 *
 * usage: requester INTERFACE arp|ndp FIRST-ADDRESS ADDRESSES REQUESTS IN-FLIGHT CPU [RATE]
 *
 * Targets are FIRST-ADDRESS and those that follow it, chosen at random. With a
 * RATE requests are sent evenly, that many a second. Prints one JSON object;
 * times in microseconds.
 */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <linux/filter.h>
#include <net/ethernet.h>
#include <net/if.h>
#include <netpacket/packet.h>
#include <sched.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

enum { ARP_FRAME = 42, NS_FRAME = 86, LONGEST = 128, TIMEOUT_MS = 1000 };

static int is_ndp;
static unsigned char request[LONGEST];
static unsigned char first[16];
static uint32_t addresses;
static long requests, in_flight;
static double rate;
static int fd;

static void die(const char *what) {
  fprintf(stderr, "Cannot %s: %s\n", what, strerror(errno));
  exit(1);
}

static uint64_t now(void) {
  struct timespec time;
  clock_gettime(CLOCK_MONOTONIC, &time);
  return (uint64_t)time.tv_sec * 1000000000u + (uint64_t)time.tv_nsec;
}

static uint32_t next_random(void) {
  static uint32_t state = 0x2545f491;
  state ^= state << 13;
  state ^= state >> 17;
  state ^= state << 5;
  return state;
}

static void pin(int cpu) {
  cpu_set_t set;
  CPU_ZERO(&set);
  CPU_SET(cpu, &set);
  if (cpu >= 0 && sched_setaffinity(0, sizeof set, &set) != 0) die("pin to the CPU");
}

static void open_socket(const char *name) {
  struct ifreq interface = {0};
  struct sockaddr_ll address = {.sll_family = AF_PACKET};
  struct timeval timeout = {.tv_sec = TIMEOUT_MS / 1000};
  int one = 1, room = 8 << 20;
  address.sll_protocol = htons(is_ndp ? ETH_P_IPV6 : ETH_P_ARP);
  fd = socket(AF_PACKET, SOCK_RAW, 0);
  if (fd < 0) die("open a packet socket");
  snprintf(interface.ifr_name, sizeof interface.ifr_name, "%s", name);
  if (ioctl(fd, SIOCGIFHWADDR, &interface) != 0) die("read the MAC address");
  memcpy(request + 6, interface.ifr_hwaddr.sa_data, 6);
  if (ioctl(fd, SIOCGIFINDEX, &interface) != 0) die("find the interface");
  address.sll_ifindex = interface.ifr_ifindex;
  setsockopt(fd, SOL_PACKET, PACKET_IGNORE_OUTGOING, &one, sizeof one);
  setsockopt(fd, SOL_SOCKET, SO_RCVBUFFORCE, &room, sizeof room);
  setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &timeout, sizeof timeout);
  if (bind(fd, (struct sockaddr *)&address, sizeof address) != 0) die("bind the socket");
}

static void build_arp(void) {
  memset(request, 0xff, 6);
  memcpy(request + 12, "\x08\x06\x00\x01\x08\x00\x06\x04\x00\x01", 10);
  memcpy(request + 22, request + 6, 6);
  memcpy(request + 28, "\xc0\x00\x02\xfe", 4);
}

static void build_ns(void) {
  memcpy(request, "\x33\x33\xff", 3);
  memcpy(request + 12, "\x86\xdd\x60\x00\x00\x00\x00\x20\x3a\xff", 10);
  memcpy(request + 22, "\xfe\x80\0\0\0\0\0\0\0\0\0\0\0\0\0\x0b", 16);
  memcpy(request + 38, "\xff\x02\0\0\0\0\0\0\0\0\0\x01\xff", 13);
  request[54] = 135;
  request[78] = 1;
  request[79] = 1;
  memcpy(request + 80, request + 6, 6);
}

static void seal_ns(void) {
  uint32_t sum = 32 + 58;
  request[56] = request[57] = 0;
  for (int at = 22; at < NS_FRAME; at += 2) sum += (uint32_t)request[at] << 8 | request[at + 1];
  while (sum >> 16) sum = (sum & 0xffff) + (sum >> 16);
  sum = ~sum & 0xffff;
  request[56] = (unsigned char)(sum >> 8);
  request[57] = (unsigned char)sum;
}

static void aim(uint32_t step) {
  uint32_t low;
  memcpy(&low, first + (is_ndp ? 12 : 0), 4);
  low = htonl(ntohl(low) + step);
  if (!is_ndp) {
    memcpy(request + 38, &low, 4);
    return;
  }
  memcpy(request + 62, first, 12);
  memcpy(request + 74, &low, 4);
  memcpy(request + 51, request + 75, 3);
  memcpy(request + 3, request + 75, 3);
  seal_ns();
}

static void send_one(void) {
  aim(addresses > 1 ? next_random() % addresses : 0);
  if (send(fd, request, is_ndp ? NS_FRAME : ARP_FRAME, 0) < 0) die("send");
}

/* 1: an answer; 0: none within the socket's timeout. */
static int receive_one(int flags) {
  unsigned char frame[LONGEST];
  for (;;) {
    ssize_t length = recv(fd, frame, sizeof frame, flags);
    if (length < 0 && (errno == EAGAIN || errno == EINTR)) return 0;
    if (length < 0) die("receive");
    if (is_ndp ? length >= 78 && frame[54] == 136 && frame[58] & 0x40
               : length >= ARP_FRAME && frame[21] == 2 && frame[0] != 0xff)
      return 1;
  }
}

static int compare(const void *a, const void *b) {
  uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;
  return (x > y) - (x < y);
}

static long latency(uint64_t *times) {
  long answered = 0;
  uint64_t due = now();
  for (long i = 0; i < requests; i++) {
    if (rate > 0) {
      due += (uint64_t)(1e9 / rate);
      while (now() < due) {
        struct timespec rest = {.tv_nsec = 20000};
        if (due - now() > 80000) nanosleep(&rest, NULL);
      }
    }
    uint64_t start = now();
    send_one();
    if (receive_one(0)) times[answered++] = now() - start;
  }
  return answered;
}

static long pipelined(void) {
  long sent = 0, answered = 0;
  while (answered < requests) {
    while (sent < requests && sent - answered < in_flight) {
      send_one();
      sent++;
    }
    if (!receive_one(0)) break;
    answered++;
  }
  return answered;
}

int main(int count, char **words) {
  if (count < 8) die("read the arguments");
  is_ndp = strcmp(words[2], "ndp") == 0;
  if (inet_pton(is_ndp ? AF_INET6 : AF_INET, words[3], first) != 1) die("read the address");
  addresses = (uint32_t)atol(words[4]);
  requests = atol(words[5]);
  in_flight = atol(words[6]);
  pin(atoi(words[7]));
  rate = count > 8 ? atof(words[8]) : 0;
  open_socket(words[1]);
  if (is_ndp) build_ns();
  else build_arp();
  uint64_t *times = calloc((size_t)requests, sizeof *times);
  if (times == NULL) die("allocate");
  uint64_t start = now();
  long answered = in_flight > 1 ? pipelined() : latency(times);
  double seconds = (double)(now() - start) / 1e9;
  if (receive_one(MSG_DONTWAIT)) {
    fputs("More answers than requests: somebody else answers too\n", stderr);
    return 2;
  }
  printf("{\"requests\":%ld,\"answered\":%ld,\"rate\":%.0f", requests, answered, (double)answered / seconds);
  if (in_flight <= 1 && answered > 0) {
    qsort(times, (size_t)answered, sizeof *times, compare);
    printf(",\"p50\":%.2f,\"p99\":%.2f,\"p999\":%.2f,\"max\":%.2f", (double)times[answered / 2] / 1e3,
           (double)times[answered * 99 / 100] / 1e3, (double)times[(long)((double)answered * 0.999)] / 1e3,
           (double)times[answered - 1] / 1e3);
  }
  puts("}");
  return answered == requests ? 0 : 3;
}
