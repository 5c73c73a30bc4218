#include <sqlite3.h>

/// `sqlite3_config(SQLITE_CONFIG_MEMSTATUS, 0)`, which takes arguments of any number and is none for Swift. To be called before
/// the library's first use.
/// @return SQLITE_OK, or SQLITE_MISUSE where the library is in use already.
static inline int hotline_sqlite_count_no_memory(void) { return sqlite3_config(SQLITE_CONFIG_MEMSTATUS, 0); }
