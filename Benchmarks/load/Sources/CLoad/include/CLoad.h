#ifndef HOTLINE_CLOAD_H
#define HOTLINE_CLOAD_H
/* Linux calls and structures that Swift's Glibc overlay does not show. No decisions here. */
#include <stddef.h>
#include <stdint.h>
#include <sys/socket.h>
#include <sys/types.h>
#include <sys/uio.h>
#include <netinet/in.h>

/* The kernel's struct mmsghdr: one datagram of a recvmmsg or sendmmsg, and its length. */
typedef struct {
    struct msghdr message;
    unsigned int length;
} load_datagram;

int load_recvmmsg(int fd, load_datagram *datagrams, unsigned int count, int flags);
int load_sendmmsg(int fd, load_datagram *datagrams, unsigned int count, int flags);

/* Every received datagram carries the kernel's time from now on. 0 or an error number. */
int load_stamp(int fd);
/* SCM_TIMESTAMPNS of a received message: Unix time in nanoseconds; -1 where there is none. */
int64_t load_received_at(const struct msghdr *message);
/* Datagrams that this socket lost because its buffer was full (the counter of SO_RXQ_OVFL); -1 where it is not told. */
int64_t load_drops(int fd);
/* Asks for a receive buffer of so many bytes; what is granted depends on the system, and is a few hundred at least. */
void load_receive_buffer(int fd, int bytes);

/* A socket that gives whole IPv4 datagrams to an interface, past UDP, routing and queues. `address` (32 bytes) and
 * `length` become what each message has to name. The descriptor, or -1 with errno. */
int load_raw_socket(const char *interface, void *address, unsigned int *length);

/* Waits until `fd` can be read, or until CLOCK_MONOTONIC reaches `deadline` (nanoseconds).
 * 1: readable, 0: time is up, -1: interrupted or failed, errno says which. */
int load_wait(int fd, int64_t deadline);

/* CLOCK_MONOTONIC and CLOCK_REALTIME, nanoseconds. */
int64_t load_monotonic(void);
int64_t load_wall(void);
/* Sleeps until CLOCK_MONOTONIC reaches `deadline`. */
void load_sleep_until(int64_t deadline);

/* Names the calling thread; at most 15 bytes. 0 or an error number. */
int load_name_thread(const char *name);
/* The calling thread's nice value. 0 or an error number. */
int load_set_nice(int value);
/* Binds the calling thread, and those it makes, to these processors. 0 or an error number. */
int load_pin(const int *cpus, int count);
/* Processors the calling thread may run on; written to `cpus`, at most `room`. Their number, or -1. */
int load_allowed(int *cpus, int room);

/* Where `needle` begins in `bytes`; -1 where it does not occur. */
long load_find(const void *bytes, size_t count, const void *needle, size_t length);

/* Zeroed memory of its own that is there already (populate), or comes with its first use. NULL where there is none. */
void *load_memory(size_t bytes, int populate);
void load_memory_free(void *memory, size_t bytes);
#endif
