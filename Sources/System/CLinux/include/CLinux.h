#ifndef HOTLINE_CLINUX_H
#define HOTLINE_CLINUX_H
/* Linux calls and structures that Swift's Glibc overlay does not show. No decisions here. */
#ifndef _GNU_SOURCE
#define _GNU_SOURCE 1
#endif
#include <sys/types.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <sys/eventfd.h>
#include <sys/epoll.h>
#include <sys/timerfd.h>
#include <netinet/in.h>
#include <arpa/inet.h>
#include <time.h>

int hotline_recvmmsg(int fd, struct mmsghdr *messages, unsigned int count, int flags);
int hotline_sendmmsg(int fd, struct mmsghdr *messages, unsigned int count, int flags);
int hotline_fallocate(int fd, long offset, long length);
#endif
