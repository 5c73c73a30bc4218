#define _GNU_SOURCE 1
#include "hotline_clock.h"
#include <errno.h>
#include <sys/timex.h>

int hotline_read_clock(hotline_clock_state *state) {
    struct timex clock = {0};
    int result = adjtimex(&clock);
    if (result < 0) return errno;
    state->offset_us = (clock.status & STA_NANO) ? clock.offset / 1000 : clock.offset;
    state->maximum_error_us = clock.maxerror;
    state->is_synchronised = result != TIME_ERROR && !(clock.status & STA_UNSYNC);
    return 0;
}
