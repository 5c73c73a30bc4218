#define _GNU_SOURCE 1
#include "CLoad.h"
#include <errno.h>
#include <linux/if_ether.h>
#include <linux/if_packet.h>
#include <linux/sock_diag.h>
#include <net/if.h>
#include <poll.h>
#include <pthread.h>
#include <sched.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#ifndef SO_MEMINFO
#define SO_MEMINFO 55
#endif

_Static_assert(sizeof(load_datagram) == sizeof(struct mmsghdr), "load_datagram is struct mmsghdr");

int load_recvmmsg(int fd, load_datagram *datagrams, unsigned int count, int flags) {
    return recvmmsg(fd, (struct mmsghdr *)datagrams, count, flags, NULL);
}

int load_sendmmsg(int fd, load_datagram *datagrams, unsigned int count, int flags) {
    return sendmmsg(fd, (struct mmsghdr *)datagrams, count, flags);
}

int load_stamp(int fd) {
    int on = 1;
    return setsockopt(fd, SOL_SOCKET, SO_TIMESTAMPNS, &on, sizeof on) == 0 ? 0 : errno;
}

int64_t load_received_at(const struct msghdr *message) {
    for (struct cmsghdr *part = CMSG_FIRSTHDR(message); part != NULL;
         part = CMSG_NXTHDR((struct msghdr *)message, part)) {
        if (part->cmsg_level == SOL_SOCKET && part->cmsg_type == SCM_TIMESTAMPNS &&
            part->cmsg_len >= CMSG_LEN(sizeof(struct timespec))) {
            struct timespec at;
            memcpy(&at, CMSG_DATA(part), sizeof at);
            return (int64_t)at.tv_sec * 1000000000 + at.tv_nsec;
        }
    }
    return -1;
}

int64_t load_drops(int fd) {
    uint32_t figures[SK_MEMINFO_VARS] = {0};
    socklen_t length = sizeof figures;
    if (getsockopt(fd, SOL_SOCKET, SO_MEMINFO, figures, &length) != 0 ||
        length < (SK_MEMINFO_DROPS + 1) * sizeof figures[0]) return -1;
    return figures[SK_MEMINFO_DROPS];
}

void load_receive_buffer(int fd, int bytes) {
    if (setsockopt(fd, SOL_SOCKET, SO_RCVBUFFORCE, &bytes, sizeof bytes) != 0)
        (void)setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &bytes, sizeof bytes);
}

int load_raw_socket(const char *interface, void *address, unsigned int *length) {
    struct sockaddr_ll name = {.sll_family = AF_PACKET, .sll_ifindex = (int)if_nametoindex(interface)};
    if (name.sll_ifindex == 0) return -1;
    /* Protocol 0: nothing is received. */
    int fd = socket(AF_PACKET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    if (fd < 0) return -1;
    int on = 1;
    if (bind(fd, (struct sockaddr *)&name, sizeof name) != 0 ||
        setsockopt(fd, SOL_PACKET, PACKET_QDISC_BYPASS, &on, sizeof on) != 0) {
        int failed = errno;
        close(fd);
        errno = failed;
        return -1;
    }
    name.sll_protocol = htons(ETH_P_IP);
    _Static_assert(sizeof name <= 32, "room for the address");
    memcpy(address, &name, sizeof name);
    *length = sizeof name;
    return fd;
}

static int64_t nanoseconds(clockid_t clock) {
    struct timespec now;
    clock_gettime(clock, &now);
    return (int64_t)now.tv_sec * 1000000000 + now.tv_nsec;
}

int64_t load_monotonic(void) { return nanoseconds(CLOCK_MONOTONIC); }
int64_t load_wall(void) { return nanoseconds(CLOCK_REALTIME); }

int load_wait(int fd, int64_t deadline) {
    int64_t left = deadline - load_monotonic();
    if (left < 0) left = 0;
    struct timespec timeout = {.tv_sec = left / 1000000000, .tv_nsec = left % 1000000000};
    struct pollfd entry = {.fd = fd, .events = POLLIN};
    int result = ppoll(&entry, 1, &timeout, NULL);
    return result > 0 ? 1 : result;
}

void load_sleep_until(int64_t deadline) {
    struct timespec at = {.tv_sec = deadline / 1000000000, .tv_nsec = deadline % 1000000000};
    while (clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &at, NULL) == EINTR) {
    }
}

int load_name_thread(const char *name) { return pthread_setname_np(pthread_self(), name); }

int load_set_nice(int value) {
    return setpriority(PRIO_PROCESS, (id_t)syscall(SYS_gettid), value) == 0 ? 0 : errno;
}

int load_pin(const int *cpus, int count) {
    cpu_set_t set;
    CPU_ZERO(&set);
    for (int index = 0; index < count; index++) {
        if (cpus[index] < 0 || cpus[index] >= CPU_SETSIZE) return EINVAL;
        CPU_SET(cpus[index], &set);
    }
    return sched_setaffinity(0, sizeof set, &set) == 0 ? 0 : errno;
}

int load_allowed(int *cpus, int room) {
    cpu_set_t set;
    if (sched_getaffinity(0, sizeof set, &set) != 0) return -1;
    int count = 0;
    for (int cpu = 0; cpu < CPU_SETSIZE && count < room; cpu++)
        if (CPU_ISSET(cpu, &set)) cpus[count++] = cpu;
    return count;
}

long load_find(const void *bytes, size_t count, const void *needle, size_t length) {
    const char *found = memmem(bytes, count, needle, length);
    return found == NULL ? -1 : found - (const char *)bytes;
}

void *load_memory(size_t bytes, int populate) {
    void *memory = mmap(NULL, bytes, PROT_READ | PROT_WRITE,
                        MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE | (populate ? MAP_POPULATE : 0), -1, 0);
    return memory == MAP_FAILED ? NULL : memory;
}

void load_memory_free(void *memory, size_t bytes) { (void)munmap(memory, bytes); }
