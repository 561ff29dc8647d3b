/* The thread pool, and memory that each thread keeps between calls. */
#ifndef KERASISH_THREADS_H
#define KERASISH_THREADS_H

#include <stddef.h>

/* A piece of work. `index` counts the pieces; which thread gets which piece is not determined, so
   results must depend on `index` alone. */
typedef void (*Task)(void *context, long index);

/* Runs task(context, 0) ... task(context, count - 1), on the calling thread and those of the pool,
   and returns when all are done. From inside a task, or while another thread uses the pool, the
   caller runs all of them itself. `count` must follow from shapes, never from thread_count(), where
   the split changes a result (sums). */
void parallel_for(long count, Task task, void *context);

/* Threads that parallel_for may use, the caller's included. */
int thread_count(void);

/* Memory of the running thread, 64-byte aligned, undefined contents. Asking again for the same
   kind gives the same memory, possibly moved and with its contents lost: ask once, for all that is
   needed, and divide it. CALL: for the kernel function itself (packed weights, partial sums), valid
   until the kernel returns, readable by its tasks. TASK: for one task. The others are for chain.c:
   CHAIN and PROLOGUE for up to two prepared chains, STRIPS for the registers of a task. */
typedef enum {
    MEMORY_CALL,
    MEMORY_TASK,
    MEMORY_CHAIN,
    MEMORY_PROLOGUE,
    MEMORY_STRIPS,
    MEMORY_KINDS
} MemoryKind;
void *thread_memory(MemoryKind kind, size_t bytes);

#endif
