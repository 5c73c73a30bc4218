#include <alsa/asoundlib.h>

static void hotline_alsa_say_nothing(
    const char *file, int line, const char *function, int error, const char *format, ...) {
    (void)file; (void)line; (void)function; (void)error; (void)format;
}

/* alsa-lib prints to standard error by itself; errors are returned as numbers all the same. */
static inline void hotline_alsa_be_silent(void) { snd_lib_error_set_handler(hotline_alsa_say_nothing); }
