/* What the loader and the programs call: the records of a segment, and what this library is. */
#include "record.h"

#include <time.h>

#if defined(__x86_64__)
#include <cpuid.h>
#endif

#ifndef SOURCES_DIGEST
#define SOURCES_DIGEST "" /* unknown: compiled by hand */
#endif

/* Raise ABI here and in records.py when the meaning of a record changes. */
#define ABI 1

/* Returns -1 when all ran, else the index of the record that failed. */
EXPORT long run_records(const Record *records, long count, void *const *table)
{
    for (long i = 0; i < count; i++)
        if (records[i].kernel(records + i, table))
            return i;
    return -1;
}

/* Runs the records once for each of `steps` rows of addresses, which go to `places` in the table
   first. Returns -1 when all ran, else the number of the step that failed. */
EXPORT long run_steps(const Record *records, long count, void **table, const int32_t *places,
                      long inputs, void *const *addresses, long steps)
{
    for (long step = 0; step < steps; step++) {
        for (long i = 0; i < inputs; i++)
            table[places[i]] = addresses[step * inputs + i];
        if (run_records(records, count, table) >= 0)
            return step;
    }
    return -1;
}

/* As run_records, keeping for each record the least number of seconds that it ever took. */
EXPORT long profile_records(const Record *records, long count, void *const *table, double *seconds)
{
    for (long i = 0; i < count; i++) {
        struct timespec before, after;
        clock_gettime(CLOCK_MONOTONIC, &before);
        if (records[i].kernel(records + i, table))
            return i;
        clock_gettime(CLOCK_MONOTONIC, &after);
        double took = (after.tv_sec - before.tv_sec) + 1e-9 * (after.tv_nsec - before.tv_nsec);
        if (took < seconds[i])
            seconds[i] = took;
    }
    return -1;
}

EXPORT long library_abi(void) { return ABI; }
EXPORT long record_bytes(void) { return sizeof(Record); }
EXPORT const char *sources_digest(void) { return SOURCES_DIGEST; }

/* The highest instruction-set level of this processor and system: 4 or 3 for x86-64-v4 and -v3,
   0 for the baseline. */
EXPORT int supported_level(void)
{
#if defined(__x86_64__)
    unsigned a, b, c, d;
    if (!__get_cpuid(1, &a, &b, &c, &d) || !(c & bit_F16C) || !(c & bit_MOVBE))
        return 0;
    if (!__get_cpuid(0x80000001, &a, &b, &c, &d) || !(c & bit_LZCNT))
        return 0;
    __builtin_cpu_init(); /* the tests below know whether the system keeps the registers */
    if (!__builtin_cpu_supports("avx2") || !__builtin_cpu_supports("fma") ||
        !__builtin_cpu_supports("bmi") || !__builtin_cpu_supports("bmi2"))
        return 0;
    if (!__builtin_cpu_supports("avx512f") || !__builtin_cpu_supports("avx512bw") ||
        !__builtin_cpu_supports("avx512cd") || !__builtin_cpu_supports("avx512dq") ||
        !__builtin_cpu_supports("avx512vl"))
        return 3;
    return 4;
#else
    return 0;
#endif
}
