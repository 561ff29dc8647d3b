/* A kernel for the tests of the pool: sums of float32 numbers, in parts of a fixed length. */
#include "record.h"
#include "threads.h"

enum { VALUE_NUMBERS, VALUE_SUM };
enum { INTEGER_COUNT };
enum { PART = 1000 };

typedef struct {
    const float *numbers;
    float *part_sums;
    long count;
} Sum;

static void sum_part(void *context, long part)
{
    const Sum *s = context;
    long first = part * PART, last = first + PART < s->count ? first + PART : s->count;
    float *copy = thread_memory(MEMORY_TASK, PART * sizeof(float)), sum = 0;
    for (long i = first; i < last; i++)
        copy[i - first] = s->numbers[i];
    for (long i = first; i < last; i++)
        sum += copy[i - first];
    s->part_sums[part] = sum;
}

EXPORT int sum_numbers(const Record *r, void *const *table)
{
    long count = r->integer[INTEGER_COUNT], parts = (count + PART - 1) / PART;
    float *sum = value_at(r, table, VALUE_SUM);
    Sum s = {value_at(r, table, VALUE_NUMBERS),
             thread_memory(MEMORY_CALL, parts * sizeof(float)), count};
    parallel_for(parts, sum_part, &s);
    *sum = 0;
    for (long part = 0; part < parts; part++)
        *sum += s.part_sums[part];
    return 0;
}
