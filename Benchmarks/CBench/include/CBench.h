#ifndef HOTLINE_CBENCH_H
#define HOTLINE_CBENCH_H
#include <stdint.h>
/* What the benchmarks need of the C library and Linux and Swift does not show. */

/* Counts the calling thread's calls of malloc, calloc, realloc, free and their kin from now on, or no longer. */
void hotline_watch_allocations(int on);
/* Calls counted so far, of all threads. */
uint64_t hotline_allocations(void);
/* Binds the calling thread, and those it makes from now on, to one core. 0 or an error number. */
int hotline_pin(int core);
#endif
