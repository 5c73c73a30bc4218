#include "hotline_xlsx.h"
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>
#include <xlsxwriter.h>

enum { MOST_STYLES = 32 };

struct hotline_xlsx {
    lxw_workbook *workbook;
    lxw_worksheet *sheet;
    lxw_format *styles[MOST_STYLES];
    int count;
    uint64_t cells;
};

hotline_xlsx *hotline_xlsx_open(const char *path, const char *folder, const char *title, int64_t created) {
    hotline_xlsx *book = calloc(1, sizeof *book);
    if (!book) return NULL;
    lxw_workbook_options options = {.constant_memory = LXW_TRUE, .tmpdir = (char *)folder, .use_zip64 = LXW_FALSE};
    book->workbook = workbook_new_opt(path, &options);
    lxw_doc_properties properties = {.title = (char *)title, .created = (time_t)created};
    if (!book->workbook || workbook_set_properties(book->workbook, &properties) != LXW_NO_ERROR) {
        if (book->workbook) lxw_workbook_free(book->workbook);
        free(book);
        return NULL;
    }
    return book;
}

int hotline_xlsx_style(hotline_xlsx *book, const char *number_format, int flags) {
    if (book->count == MOST_STYLES) return -1;
    lxw_format *format = workbook_add_format(book->workbook);
    if (!format) return -1;
    format_set_align(format, LXW_ALIGN_VERTICAL_TOP);
    if (number_format) format_set_num_format(format, number_format);
    if (flags & (HOTLINE_XLSX_BOLD | HOTLINE_XLSX_MARKED | HOTLINE_XLSX_HEADING)) format_set_bold(format);
    if (flags & (HOTLINE_XLSX_WRAPPED | HOTLINE_XLSX_HEADING)) format_set_text_wrap(format);
    if (flags & HOTLINE_XLSX_TRAILING) format_set_align(format, LXW_ALIGN_RIGHT);
    if (flags & HOTLINE_XLSX_HEADING) {
        format_set_bottom(format, LXW_BORDER_THIN);
        format_set_bg_color(format, 0xE8E8E8);
    }
    if (flags & HOTLINE_XLSX_MARKED) {
        format_set_font_color(format, 0x9C0006);
        format_set_bg_color(format, 0xFFC7CE);
    }
    book->styles[book->count] = format;
    return book->count++;
}

int hotline_xlsx_sheet(hotline_xlsx *book, const char *name, const char *header, int is_landscape) {
    errno = 0;
    book->sheet = workbook_add_worksheet(book->workbook, name);
    if (!book->sheet) return errno ? -errno : LXW_ERROR_PARAMETER_VALIDATION;
    if (is_landscape) worksheet_set_landscape(book->sheet);
    worksheet_set_paper(book->sheet, 9); /* A4 */
    worksheet_fit_to_pages(book->sheet, 1, 0);
    worksheet_set_margins(book->sheet, 0.5, 0.5, 0.75, 0.6);
    /* Numbers of telephones are text on purpose. */
    worksheet_ignore_errors(book->sheet, LXW_IGNORE_NUMBER_STORED_AS_TEXT, "A1:XFD1048576");
    lxw_error error = worksheet_set_header(book->sheet, header);
    return error ? error : worksheet_set_footer(book->sheet, "&C&P / &N");
}

int hotline_xlsx_width(hotline_xlsx *book, uint16_t column, double width) {
    return worksheet_set_column(book->sheet, column, column, width, NULL);
}

int hotline_xlsx_text(hotline_xlsx *book, uint32_t row, uint16_t column, const char *text, int style) {
    if (!*text) return LXW_NO_ERROR;
    lxw_error error = worksheet_write_string(book->sheet, row, column, text, book->styles[style]);
    if (!error) book->cells++;
    return error;
}

int hotline_xlsx_number(hotline_xlsx *book, uint32_t row, uint16_t column, double number, int style) {
    lxw_error error = worksheet_write_number(book->sheet, row, column, number, book->styles[style]);
    if (!error) book->cells++;
    return error;
}

int hotline_xlsx_table(hotline_xlsx *book, uint32_t last_row, uint16_t last_column) {
    worksheet_freeze_panes(book->sheet, 1, 0);
    lxw_error error = worksheet_repeat_rows(book->sheet, 0, 0);
    return error ? error : worksheet_autofilter(book->sheet, 0, 0, last_row, last_column);
}

uint64_t hotline_xlsx_cells(const hotline_xlsx *book) { return book->cells; }

int hotline_xlsx_finish(hotline_xlsx *book) {
    errno = 0;
    lxw_error error = workbook_close(book->workbook);
    int number = errno;
    free(book);
    /* Of these errno says more. */
    int is_system = error == LXW_ERROR_CREATING_XLSX_FILE || error == LXW_ERROR_CREATING_TMPFILE
        || error == LXW_ERROR_ZIP_FILE_OPERATION || error == LXW_ERROR_ZIP_FILE_ADD || error == LXW_ERROR_ZIP_CLOSE;
    return is_system && number ? -number : (int)error;
}

void hotline_xlsx_discard(hotline_xlsx *book) {
    /* The library closes these when it puts the file together only. */
    lxw_worksheet *sheet;
    STAILQ_FOREACH(sheet, book->workbook->worksheets, list_pointers) {
        if (sheet->optimize_tmpfile) fclose(sheet->optimize_tmpfile);
    }
    lxw_workbook_free(book->workbook);
    free(book);
}

const char *hotline_xlsx_words(int error) { return lxw_strerror((lxw_error)error); }

int hotline_xlsx_make(const char *path) {
    int file = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW | O_CLOEXEC, 0640);
    if (file < 0) return -errno;
    close(file);
    return 0;
}

int hotline_xlsx_sync(const char *path) {
    int file = open(path, O_RDONLY | O_NOFOLLOW | O_CLOEXEC);
    if (file < 0) return -errno;
    int failed = fsync(file) == 0 ? 0 : -errno;
    close(file);
    return failed;
}
