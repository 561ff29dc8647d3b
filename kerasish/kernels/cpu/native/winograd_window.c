/* Windows of pictures: read in place inside, copied with zeros where they reach beyond the edge. */
#include "edge.h"
#include "winograd.h"

#include <string.h>

size_t patch_size(long channels) { return round_up(SEEN * SEEN * channels, LANES) + LANES; }

static void copy_floats(float *to, const float *from, long count)
{
    long i = 0;
    for (; i + LANES <= count; i += LANES)
        store(to + i, load(from + i));
    copy_few(to + i, from + i, count - i);
}

static void clear_floats(float *to, long count)
{
    long i = 0;
    for (; i + LANES <= count; i += LANES)
        store(to + i, splat(0));
    for (; i < count; i++)
        to[i] = 0;
}

/* Rows of the patch go on with what comes next; LANES zeros end it. */
static void copy_window(const Picture *picture, long row, long column, long size, float *patch)
{
    long channels = picture->channels, width = size * channels;
    long from = smallest(largest(column, 0), picture->columns);
    long to = largest(smallest(column + size, picture->columns), from);
    long before = smallest(from - column, size) * channels, inner = (to - from) * channels;
    for (long r = row; r < row + size; r++, patch += width) {
        int is_inside = r >= 0 && r < picture->rows && inner > 0;
        if (!is_inside) {
            clear_floats(patch, width);
            continue;
        }
        clear_floats(patch, before);
        copy_floats(patch + before, picture->pixels + r * picture->row_step + from * channels,
                    inner);
        clear_floats(patch + before + inner, width - before - inner);
    }
    clear_floats(patch, LANES);
}

Window window_of(const Picture *picture, long row, long column, long size, float *patch)
{
    long channels = picture->channels;
    int is_inside = row >= 0 && column >= 0 && row + size <= picture->rows
                    && column + size <= picture->columns;
    if (is_inside) {
        const float *first = picture->pixels + row * picture->row_step + column * channels;
        const float *last = first + (size - 1) * (picture->row_step + channels);
        if (picture->end - last >= round_up(channels, LANES))
            return (Window){first, picture->row_step, channels};
    }
    copy_window(picture, row, column, size, patch);
    return (Window){patch, size * channels, channels};
}
