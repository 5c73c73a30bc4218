#define _GNU_SOURCE 1
#include "hotline_pty.h"
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>

int hotline_open_pty(char *device, size_t size) {
    int master = posix_openpt(O_RDWR | O_NOCTTY | O_CLOEXEC | O_NONBLOCK);
    if (master < 0) return -1;
    if (grantpt(master) == 0 && unlockpt(master) == 0) {
        int status = ptsname_r(master, device, size);
        if (status == 0) return master;
        errno = status;
    }
    int failed = errno;
    close(master);
    errno = failed;
    return -1;
}
