/*
 * The smallest ARP responder on libpcap: what the packet worker is compared
 * with. It answers every ARP request for one IPv4 address, with one blocking
 * call per frame.
 *
 * usage: responder INTERFACE IPV4 CPU
 */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <net/if.h>
#include <pcap/pcap.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

enum { FRAME = 42, SENDER_MAC = 22, SENDER_IP = 28, TARGET_MAC = 32, TARGET_IP = 38 };

static void die(const char *what) {
  fprintf(stderr, "Cannot %s\n", what);
  exit(1);
}

static void pin(int cpu) {
  cpu_set_t set;
  CPU_ZERO(&set);
  CPU_SET(cpu, &set);
  if (cpu >= 0 && sched_setaffinity(0, sizeof set, &set) != 0) die("pin to the CPU");
}

static void own_mac(const char *name, unsigned char *mac) {
  struct ifreq request = {0};
  int fd = socket(AF_INET, SOCK_DGRAM, 0);
  snprintf(request.ifr_name, sizeof request.ifr_name, "%s", name);
  if (fd < 0 || ioctl(fd, SIOCGIFHWADDR, &request) != 0) die("read the MAC address");
  memcpy(mac, request.ifr_hwaddr.sa_data, 6);
  close(fd);
}

static pcap_t *open_capture(const char *name) {
  char text[PCAP_ERRBUF_SIZE];
  struct bpf_program program;
  pcap_t *capture = pcap_create(name, text);
  if (capture == NULL) die("create the handle");
  pcap_set_snaplen(capture, 128);
  pcap_set_immediate_mode(capture, 1);
  if (pcap_activate(capture) < 0) die("start the capture");
  if (pcap_compile(capture, &program, "arp[6:2] = 1 and len >= 42", 1, PCAP_NETMASK_UNKNOWN) != 0)
    die("compile the filter");
  if (pcap_setfilter(capture, &program) != 0) die("set the filter");
  return capture;
}

int main(int count, char **words) {
  unsigned char reply[FRAME] = {0};
  struct in_addr address;
  if (count != 4 || inet_pton(AF_INET, words[2], &address) != 1) die("read the arguments");
  pin(atoi(words[3]));
  own_mac(words[1], reply + 6);
  memcpy(reply + 12, "\x08\x06\x00\x01\x08\x00\x06\x04\x00\x02", 10);
  memcpy(reply + SENDER_MAC, reply + 6, 6);
  pcap_t *capture = open_capture(words[1]);
  puts("ready");
  fflush(stdout);
  for (;;) {
    struct pcap_pkthdr *header;
    const unsigned char *frame;
    if (pcap_next_ex(capture, &header, &frame) != 1) continue;
    if (memcmp(frame + TARGET_IP, &address, 4) != 0) continue;
    memcpy(reply, frame + SENDER_MAC, 6);
    memcpy(reply + SENDER_IP, frame + TARGET_IP, 4);
    memcpy(reply + TARGET_MAC, frame + SENDER_MAC, 10);
    pcap_sendpacket(capture, reply, FRAME);
  }
}
