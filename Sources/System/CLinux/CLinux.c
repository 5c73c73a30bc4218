#define _GNU_SOURCE 1
#include "CLinux.h"
#include <fcntl.h>

int hotline_recvmmsg(int fd, struct mmsghdr *messages, unsigned int count, int flags) {
    return recvmmsg(fd, messages, count, flags, NULL);
}

int hotline_sendmmsg(int fd, struct mmsghdr *messages, unsigned int count, int flags) {
    return sendmmsg(fd, messages, count, flags);
}

int hotline_fallocate(int fd, long offset, long length) {
    return fallocate(fd, FALLOC_FL_KEEP_SIZE, offset, length);
}
