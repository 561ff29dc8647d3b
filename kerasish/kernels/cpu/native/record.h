/* Record: one native operation of a program, and the function that runs it. */
#ifndef KERASISH_RECORD_H
#define KERASISH_RECORD_H

#include <stdint.h>

#define RECORD_INTEGERS 40
#define RECORD_REALS 8
#define RECORD_VALUES 24

typedef struct Chain Chain;
typedef struct Record Record;

/* Runs one record. `table` holds the addresses of all values of the program.
   Returns 0, or a positive number if a value of the data is out of its range (then nothing after
   this record runs, and the plain operation is asked for its error). */
typedef int (*Kernel)(const Record *record, void *const *table);

/* The same layout as RECORD in records.py. */
struct Record {
    Kernel kernel;
    const Chain *chain;               /* elementwise work on each tile of the result, or NULL */
    const Chain *prologue;            /* the same on each tile of the first input */
    int64_t count;                    /* number of chains, for the kernel that runs several */
    int64_t integer[RECORD_INTEGERS]; /* sizes, strides (in elements), flags */
    double real[RECORD_REALS];
    int32_t value[RECORD_VALUES];     /* places in the table; -1 where a value is absent */
};

/* Address of the record's value number k, or NULL. */
static inline void *value_at(const Record *record, void *const *table, int k)
{
    return record->value[k] < 0 ? 0 : table[record->value[k]];
}

#define EXPORT __attribute__((visibility("default")))

#endif
