#define _GNU_SOURCE 1
#include "CLinux.h"
#include <fcntl.h>
#include <errno.h>
#include <pthread.h>
#include <sched.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

_Static_assert(sizeof(hotline_datagram) == sizeof(struct mmsghdr), "hotline_datagram is struct mmsghdr");

int hotline_recvmmsg(int fd, hotline_datagram *datagrams, unsigned int count, int flags) {
    return recvmmsg(fd, (struct mmsghdr *)datagrams, count, flags, NULL);
}

int hotline_sendmmsg(int fd, hotline_datagram *datagrams, unsigned int count, int flags) {
    return sendmmsg(fd, (struct mmsghdr *)datagrams, count, flags);
}

int hotline_fallocate(int fd, long offset, long length) {
    return fallocate(fd, FALLOC_FL_KEEP_SIZE, offset, length);
}

int64_t hotline_received_at(const struct msghdr *message) {
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

int hotline_name_thread(const char *name) { return pthread_setname_np(pthread_self(), name); }

int hotline_set_realtime(int priority) {
    struct sched_param parameters = {.sched_priority = priority};
    return pthread_setschedparam(pthread_self(), SCHED_FIFO, &parameters);
}

int hotline_set_nice(int value) {
    return setpriority(PRIO_PROCESS, (id_t)syscall(SYS_gettid), value) == 0 ? 0 : errno;
}

int hotline_spawn_closes_from(posix_spawn_file_actions_t *actions, int first) {
    return posix_spawn_file_actions_addclosefrom_np(actions, first);
}

const char *hotline_entry_name(const struct dirent *entry) { return entry->d_name; }
