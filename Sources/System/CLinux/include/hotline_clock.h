#ifndef HOTLINE_CLOCK_H
#define HOTLINE_CLOCK_H
/* What the kernel says of its wall clock (adjtimex(2)). */
typedef struct {
    long offset_us;
    long maximum_error_us;
    int is_synchronised;
} hotline_clock_state;

/* Returns 0, or errno. */
int hotline_read_clock(hotline_clock_state *state);
#endif
