#ifndef HOTLINE_XLSX_H
#define HOTLINE_XLSX_H
/* libxlsxwriter as fixed calls over an opaque workbook. Rows must come in order: each is written out when the next begins.
 * No decisions here. Calls return 0, an error of the library (positive), or a negative errno. */
#include <stddef.h>
#include <stdint.h>

typedef struct hotline_xlsx hotline_xlsx;

/* How the cells of a style look; added up. */
enum {
    HOTLINE_XLSX_BOLD = 1,
    HOTLINE_XLSX_WRAPPED = 2,
    HOTLINE_XLSX_TRAILING = 4,
    HOTLINE_XLSX_HEADING = 8,
    HOTLINE_XLSX_MARKED = 16,
};

/* `folder` takes the parts until they are put together; `created` is Unix time in seconds, and not 0. NULL for want of
 * memory. */
hotline_xlsx *hotline_xlsx_open(const char *path, const char *folder, const char *title, int64_t created);
/* A style's number, or -1: for want of memory, or where there are too many. `number_format` as Excel has it, or NULL. */
int hotline_xlsx_style(hotline_xlsx *book, const char *number_format, int flags);
/* A new sheet, of A4 pages as wide as the table. What is written from here on goes there. `header` as Excel has it, with
 * its & codes. */
int hotline_xlsx_sheet(hotline_xlsx *book, const char *name, const char *header, int is_landscape);
int hotline_xlsx_width(hotline_xlsx *book, uint16_t column, double width);
int hotline_xlsx_text(hotline_xlsx *book, uint32_t row, uint16_t column, const char *text, int style);
int hotline_xlsx_number(hotline_xlsx *book, uint32_t row, uint16_t column, double number, int style);
/* The sheet's first row stays in sight, is on every page, and filters the rows down to `last_row`. */
int hotline_xlsx_table(hotline_xlsx *book, uint32_t last_row, uint16_t last_column);
/* How many cells were written. */
uint64_t hotline_xlsx_cells(const hotline_xlsx *book);
/* Puts the file together and frees the workbook, come what may. */
int hotline_xlsx_finish(hotline_xlsx *book);
/* Frees the workbook without a file. */
void hotline_xlsx_discard(hotline_xlsx *book);
/* The library's words for a positive error; constant. */
const char *hotline_xlsx_words(int error);

/* Makes an empty file, or empties the one that is there: 0 or a negative errno. No link is followed. */
int hotline_xlsx_make(const char *path);
/* Makes a file's bytes durable: 0 or a negative errno. */
int hotline_xlsx_sync(const char *path);
/* Reads a workbook back: 1 where all parts are whole and have so many cells, else 0. The library's parts pass through
 * temporary files, and it does not look whether a full disk took what it wrote there. */
int hotline_xlsx_is_whole(const char *path, uint64_t cells);
#endif
