/* Exercises the thread pool without Python: `pool meet|stress|rest|fork|memory|latency THREADS`.
   Compiled with threads.c by tests/kernels/test_threads.py, also under ThreadSanitizer. */
#include <pthread.h>
#include <sched.h>
#include <stdatomic.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "threads.h"

void set_thread_count(int count);

enum { CALLERS = 6, MOST_PIECES = 64, ALIVE = 0x600dca11 };

static void require(int is_true, const char *what)
{
    if (is_true)
        return;
    fprintf(stderr, "failed: %s\n", what);
    _exit(1);
}

static double seconds(clockid_t clock)
{
    struct timespec t;
    clock_gettime(clock, &t);
    return t.tv_sec + 1e-9 * t.tv_nsec;
}

/* ---- meet: each piece waits for all others, so as many threads as pieces must take part ------ */

static void wait_for_others(void *context, long index)
{
    (void)index;
    atomic_int *missing = context;
    atomic_fetch_sub(missing, 1);
    for (double start = seconds(CLOCK_MONOTONIC); atomic_load(missing) > 0; sched_yield())
        require(seconds(CLOCK_MONOTONIC) - start < 55, "all threads take part");
}

static void meet(int threads, int rounds)
{
    unsigned seed = 3;
    for (int round = 0; round < rounds; round++) {
        int count = 2 + round % (threads - 1);
        atomic_int missing = count;
        parallel_for(count, wait_for_others, &missing);
        if (round % 200 == 0)
            usleep(round % 7000); /* some workers sleep, then all */
        for (volatile int i = rand_r(&seed) % 2000; i > 0; i--)
            continue; /* some are about to sleep */
    }
}

/* ---- stress: every piece runs once, while its job lives ------------------------------------ */

typedef struct {
    int alive;
    long count;
    int ran[MOST_PIECES]; /* plain: each piece is one thread's */
} Job;

static void mark_inner(void *context, long index)
{
    int *marks = context;
    marks[index]++;
}

static void mark(void *context, long index)
{
    Job *job = context;
    require(job->alive == ALIVE, "a piece ran after its job");
    require(index < job->count, "a piece that the job does not have");
    job->ran[index]++;
    if (index % 7 == 0) {
        int marks[3] = {0};
        parallel_for(3, mark_inner, marks);
        require(marks[0] == 1 && marks[1] == 1 && marks[2] == 1, "a nested piece");
    }
    unsigned char *memory = thread_memory(MEMORY_TASK, 100 + index);
    memset(memory, (int)index, 100 + index);
    require((uintptr_t)memory % 64 == 0 && memory[99] == (unsigned char)index, "task memory");
}

static void run_job(unsigned *seed, int rounds)
{
    for (int round = 0; round < rounds; round++) {
        Job job = {.alive = ALIVE, .count = rand_r(seed) % (MOST_PIECES + 1)};
        parallel_for(job.count, mark, &job);
        for (long i = 0; i < job.count; i++)
            require(job.ran[i] == 1, "a piece ran not once");
        job.alive = 0;
        if (rand_r(seed) % 64 == 0)
            usleep(rand_r(seed) % 2000); /* long enough for workers to fall asleep */
    }
}

static atomic_int callers_left;

static void *call(void *seed_address)
{
    unsigned seed = (unsigned)(uintptr_t)seed_address;
    run_job(&seed, 2000);
    atomic_fetch_sub(&callers_left, 1);
    return NULL;
}

static void stress(int threads, int callers)
{
    pthread_t thread[CALLERS];
    atomic_store(&callers_left, callers);
    for (int i = 0; i < callers; i++)
        pthread_create(&thread[i], NULL, call, (void *)(uintptr_t)(i + 1));
    for (int count = 1; atomic_load(&callers_left); count = count % threads + 1) {
        set_thread_count(count);
        require(thread_count() == count, "the count that was set");
        usleep(3000);
    }
    for (int i = 0; i < callers; i++)
        pthread_join(thread[i], NULL);
    set_thread_count(threads);
    unsigned seed = 99;
    run_job(&seed, 5000); /* one caller, so that the pool takes every job */
}

/* ---- the rest ------------------------------------------------------------------------------ */

static void nothing(void *context, long index)
{
    (void)context;
    (void)index;
}

static void rest(void)
{
    parallel_for(64, nothing, NULL);
    usleep(100000);
    double before = seconds(CLOCK_PROCESS_CPUTIME_ID);
    usleep(300000);
    double used = seconds(CLOCK_PROCESS_CPUTIME_ID) - before;
    printf("%.6f s of processor time at rest\n", used);
    require(used < 0.03, "a pool at rest uses no processor time");
}

static void fork_many(int threads)
{
    unsigned seed = 5;
    run_job(&seed, 100);
    for (int i = 0; i < 10; i++) {
        pid_t child = fork();
        if (!child) {
            require(thread_count() == threads, "the count in the child");
            run_job(&seed, 100);
            meet(threads, 100);
            _exit(0);
        }
        int status;
        run_job(&seed, 10);
        waitpid(child, &status, 0);
        require(status == 0, "the child");
    }
}

static void *use_memory(void *unused)
{
    (void)unused;
    memset(thread_memory(MEMORY_CALL, 1 << 20), 1, 1 << 18);
    memset(thread_memory(MEMORY_CHAIN, 1000), 1, 1000);
    return NULL;
}

static long resident_pages(void)
{
    long size = 0, pages = 0;
    FILE *file = fopen("/proc/self/statm", "r");
    require(file && fscanf(file, "%ld %ld", &size, &pages) == 2, "statm");
    fclose(file);
    return pages;
}

static void memory(void)
{
    require((uintptr_t)thread_memory(MEMORY_CALL, 3 << 20) % (2 << 20) == 0, "2 MiB alignment");
    require(thread_memory(MEMORY_TASK, 0) != NULL, "memory of no bytes");
    require(thread_memory(MEMORY_CALL, 1) != thread_memory(MEMORY_TASK, 1), "kinds are apart");
    long before = 0;
    for (int i = 0; i < 1000; i++) {
        pthread_t thread;
        pthread_create(&thread, NULL, use_memory, NULL);
        pthread_join(thread, NULL);
        if (i == 100)
            before = resident_pages();
    }
    require(resident_pages() - before < 5000, "memory of threads that ended is free");
}

static int compare(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

enum { SAMPLES = 2001 };
static double found[SAMPLES];

static double median(void)
{
    qsort(found, SAMPLES, sizeof *found, compare);
    return found[SAMPLES / 2] * 1e9;
}

/* About as long as a small piece of a kernel: one or two microseconds. */
static void spend(void *context, long index)
{
    (void)context;
    for (volatile long i = index; i < 1000 + index; i++)
        continue;
}

static double time_jobs(long count, Task task, int calls, useconds_t between)
{
    for (int i = 0; i < SAMPLES; i++) {
        if (between)
            usleep(between);
        double start = seconds(CLOCK_MONOTONIC);
        for (int k = 0; k < calls; k++)
            parallel_for(count, task, NULL);
        found[i] = (seconds(CLOCK_MONOTONIC) - start) / calls;
    }
    return median();
}

static void latency(void)
{
    printf("nothing x 1: %.0f ns\n", time_jobs(1, nothing, 100, 0));
    printf("nothing x 2: %.0f ns\n", time_jobs(2, nothing, 100, 0));
    printf("a piece x 1: %.0f ns\n", time_jobs(1, spend, 10, 0));
    printf("a piece x 2: %.0f ns\n", time_jobs(2, spend, 10, 0));
    printf("a piece x 4: %.0f ns\n", time_jobs(4, spend, 10, 0));
    printf("a piece x 2, workers asleep: %.0f ns\n", time_jobs(2, spend, 1, 2000));
}

int main(int argc, char **argv)
{
    require(argc == 3, "usage: pool meet|stress|rest|fork|memory|latency THREADS");
    int threads = atoi(argv[2]);
    set_thread_count(threads);
    if (!strcmp(argv[1], "meet"))
        meet(threads, 1500);
    else if (!strcmp(argv[1], "stress"))
        stress(threads, CALLERS);
    else if (!strcmp(argv[1], "rest"))
        rest();
    else if (!strcmp(argv[1], "fork"))
        fork_many(threads);
    else if (!strcmp(argv[1], "memory"))
        memory();
    else
        latency();
    set_thread_count(1); /* the workers end before the process does */
    return 0;
}
