#ifndef HOTLINE_PTY_H
#define HOTLINE_PTY_H
#include <stddef.h>
/* Opens a pseudo-terminal's master end, non-blocking and closed on exec, and writes the other end's path to `device`.
 * The descriptor, or -1 with errno. */
int hotline_open_pty(char *device, size_t size);
#endif
