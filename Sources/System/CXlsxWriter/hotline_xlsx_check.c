#include "hotline_xlsx.h"
#include <archive.h>
#include <archive_entry.h>

/* The tags of one part as they go by. */
typedef struct {
    int is_in_tag;
    int is_broken;
    /* Bytes of the tag so far, its first one and its last one. */
    size_t length;
    char first;
    char last;
    long depth;
    uint64_t tags;
    uint64_t cells;
} part;

static void take(part *part, char byte) {
    if (!part->is_in_tag) {
        if (byte == '<') {
            part->is_in_tag = 1;
            part->length = 0;
        }
        return;
    }
    if (byte == '<') part->is_broken = 1;
    if (part->length == 0) part->first = byte;
    if (part->length == 1 && part->first == 'c' && (byte == ' ' || byte == '>')) part->cells++;
    if (byte == '>') {
        part->is_in_tag = 0;
        part->tags++;
        if (part->first == '/') part->depth--;
        else if (part->first != '?' && part->last != '/') part->depth++;
        if (part->depth < 0) part->is_broken = 1;
    }
    part->last = byte;
    part->length++;
}

/* 1 where the part is whole, 0 where not. */
static int read_part(struct archive *archive, uint64_t *cells) {
    part part = {0};
    char bytes[16384];
    for (;;) {
        la_ssize_t count = archive_read_data(archive, bytes, sizeof bytes);
        if (count < 0) return 0;
        if (count == 0) break;
        for (la_ssize_t index = 0; index < count; index++) take(&part, bytes[index]);
    }
    *cells += part.cells;
    return !part.is_broken && !part.is_in_tag && part.depth == 0 && part.tags > 0;
}

int hotline_xlsx_is_whole(const char *path, uint64_t cells) {
    struct archive *archive = archive_read_new();
    if (!archive) return 0;
    int is_whole = 1;
    uint64_t found = 0;
    long parts = 0;
    archive_read_support_format_zip_seekable(archive);
    if (archive_read_open_filename(archive, path, 65536) != ARCHIVE_OK) {
        archive_read_free(archive);
        return 0;
    }
    struct archive_entry *entry;
    for (;;) {
        int status = archive_read_next_header(archive, &entry);
        if (status == ARCHIVE_EOF) break;
        if (status != ARCHIVE_OK || !read_part(archive, &found)) {
            is_whole = 0;
            break;
        }
        parts++;
    }
    archive_read_free(archive);
    return is_whole && parts > 0 && found == cells;
}
