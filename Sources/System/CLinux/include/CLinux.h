#ifndef HOTLINE_CLINUX_H
#define HOTLINE_CLINUX_H
/* Linux calls and structures that Swift's Glibc overlay does not show. No decisions here.
 * Not under _GNU_SOURCE: the overlay is not either, and structures would differ between the two. */
#include <stdint.h>
#include <sys/types.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <sys/eventfd.h>
#include <sys/epoll.h>
#include <sys/timerfd.h>
#include <netinet/in.h>
#include <arpa/inet.h>
#include <spawn.h>
#include <dirent.h>
#include <time.h>
#include "hotline_clock.h"
#include "hotline_pty.h"

/* The kernel's struct mmsghdr: one datagram of a recvmmsg or sendmmsg, and its length. */
typedef struct {
    struct msghdr message;
    unsigned int length;
} hotline_datagram;

int hotline_recvmmsg(int fd, hotline_datagram *datagrams, unsigned int count, int flags);
int hotline_sendmmsg(int fd, hotline_datagram *datagrams, unsigned int count, int flags);
int hotline_fallocate(int fd, long offset, long length);
/* SCM_TIMESTAMPNS of a received message: Unix time in nanoseconds; -1 where there is none. */
int64_t hotline_received_at(const struct msghdr *message);
/* Names the calling thread; at most 15 bytes. 0 or an error number. */
int hotline_name_thread(const char *name);
/* SCHED_FIFO for the calling thread. 0 or an error number. */
int hotline_set_realtime(int priority);
/* The calling thread's nice value (a thread's own on Linux). 0 or an error number. */
int hotline_set_nice(int value);
/* A spawned process keeps no descriptor from `first` on. 0 or an error number. */
int hotline_spawn_closes_from(posix_spawn_file_actions_t *actions, int first);
/* The name in an entry of readdir. Swift sees d_name as 256 bytes and copies them all, but an entry is only as long as
 * its name needs: the copy runs past the end of readdir's buffer. */
const char *hotline_entry_name(const struct dirent *entry);
#endif
