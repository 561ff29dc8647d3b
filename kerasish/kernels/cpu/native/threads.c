/* The thread pool: pieces of one job at a time, claimed from a ticket; and memory of each thread. */
#if defined(__linux__)
#define _GNU_SOURCE
#endif

#include "threads.h"

#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include "record.h"

#if defined(__linux__)
#include <sys/mman.h>
#endif
#if defined(__linux__) && !defined(POOL_WITHOUT_FUTEX)
#include <linux/futex.h>
#include <sys/syscall.h>
#include <unistd.h>
#define POOL_FUTEX
#endif

#ifndef POOL_SPINS
#define POOL_SPINS 20000 /* pauses of an idle worker before it sleeps: about half a millisecond */
#endif
enum {
    EAGER_SPINS = 2000, /* pauses before a worker, or a caller that waits, yields now and then */
    YIELD_EVERY = 32,   /* pauses between two yields after that */
    MAX_THREADS = 1024,
    STACK_BYTES = 4 << 20,
    CACHE_LINES = 128, /* two lines: processors fetch them in pairs */
};

/* One job at a time. `ticket` holds (count << 32 | next index): a thread adds 1, and owns piece
   `next` if that was below `count`. The word holds both, so a claim always belongs to the job that
   is open at that moment, which then cannot end before the piece is reported in `done`. A thread
   that comes late finds nothing to claim, and touches nothing of a job that has ended. */
static struct {
    _Alignas(CACHE_LINES) atomic_uint_least64_t ticket;
    Task task;
    void *context;
    atomic_uint jobs; /* opened so far: tells an idle worker that the pool is in use */
    atomic_int stopping;
    _Alignas(CACHE_LINES) atomic_long done; /* pieces that workers have run */
    /* `sleepers` workers wait for a permit that nobody has granted yet. */
    _Alignas(CACHE_LINES) atomic_int sleepers;
    atomic_uint permits;
    _Alignas(CACHE_LINES) atomic_int busy; /* a job is open, or the pool is being changed */
    atomic_int wanted;                     /* threads, the caller's included */
    int workers;                           /* that run; changed only while busy */
    int is_started;
    pthread_t thread[MAX_THREADS];
} pool = {.wanted = 1};

/* ---- sleeping and waking ------------------------------------------------------------------- */

#if defined(POOL_FUTEX)

static void wait_for_permit(void)
{
    for (;;) {
        unsigned permits = atomic_load(&pool.permits);
        while (permits)
            if (atomic_compare_exchange_weak(&pool.permits, &permits, permits - 1))
                return;
        syscall(SYS_futex, &pool.permits, FUTEX_WAIT_PRIVATE, 0, NULL, NULL, 0);
    }
}

static void grant_permits(int count)
{
    atomic_fetch_add(&pool.permits, (unsigned)count);
    syscall(SYS_futex, &pool.permits, FUTEX_WAKE_PRIVATE, count, NULL, NULL, 0);
}

static void reset_permits(void) { atomic_store(&pool.permits, 0); }

#else

static pthread_mutex_t permit_lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t permit_granted = PTHREAD_COND_INITIALIZER;

static void wait_for_permit(void)
{
    pthread_mutex_lock(&permit_lock);
    while (!atomic_load(&pool.permits))
        pthread_cond_wait(&permit_granted, &permit_lock);
    atomic_fetch_sub(&pool.permits, 1);
    pthread_mutex_unlock(&permit_lock);
}

static void grant_permits(int count)
{
    pthread_mutex_lock(&permit_lock);
    atomic_fetch_add(&pool.permits, (unsigned)count);
    pthread_cond_broadcast(&permit_granted);
    pthread_mutex_unlock(&permit_lock);
}

static void reset_permits(void)
{
    pthread_mutex_init(&permit_lock, NULL); /* a thread that is gone may have held it */
    pthread_cond_init(&permit_granted, NULL);
    atomic_store(&pool.permits, 0);
}

#endif

/* Takes up to `count` from the sleepers that nobody has promised a permit; returns how many. */
static int take_sleepers(int count)
{
    int sleepers = atomic_load(&pool.sleepers);
    for (;;) {
        int taken = sleepers < count ? sleepers : count;
        if (taken < 1)
            return 0;
        if (atomic_compare_exchange_weak(&pool.sleepers, &sleepers, sleepers - taken))
            return taken;
    }
}

static void wake(int count)
{
    if ((count = take_sleepers(count)))
        grant_permits(count);
}

/* ---- pieces -------------------------------------------------------------------------------- */

static inline void pause_briefly(void)
{
#if defined(__x86_64__) || defined(__i386__)
    __builtin_ia32_pause();
#elif defined(__aarch64__)
    __asm__ volatile("isb" ::: "memory");
#endif
}

static inline int has_piece(uint64_t ticket) { return (uint32_t)ticket < ticket >> 32; }

/* Runs pieces of the open job until none is left to claim; returns how many it ran. */
static long run_pieces(void)
{
    long ran = 0;
    while (has_piece(atomic_load_explicit(&pool.ticket, memory_order_relaxed))) {
        uint64_t ticket = atomic_fetch_add_explicit(&pool.ticket, 1, memory_order_acquire);
        if (!has_piece(ticket))
            break;
        pool.task(pool.context, (uint32_t)ticket);
        ran++;
    }
    return ran;
}

static void pause_or_yield(long spins)
{
    if (spins > EAGER_SPINS && spins % YIELD_EVERY == 0)
        sched_yield();
    else
        pause_briefly();
}

/* ---- workers ------------------------------------------------------------------------------- */

/* Sequentially consistent: it decides whether a worker may sleep (see `sleep_until_needed`). */
static int is_needed(void)
{
    return has_piece(atomic_load(&pool.ticket)) || atomic_load(&pool.stopping);
}

/* A worker first counts itself as a sleeper and then looks at the ticket; a caller first writes the
   ticket and then looks at the sleepers: one of them sees the other, and no job is missed. */
static void sleep_until_needed(void)
{
    atomic_fetch_add(&pool.sleepers, 1);
    if (is_needed() && take_sleepers(1))
        return;
    wait_for_permit();
}

static void *work(void *unused)
{
    (void)unused;
    long spins = 0;
    unsigned seen = 0;
    while (!atomic_load_explicit(&pool.stopping, memory_order_relaxed)) {
        long ran = run_pieces();
        unsigned jobs = atomic_load_explicit(&pool.jobs, memory_order_relaxed);
        if (ran)
            atomic_fetch_add_explicit(&pool.done, ran, memory_order_release);
        if (jobs != seen) {
            seen = jobs;
            spins = 0;
        } else if (spins++ < POOL_SPINS) {
            pause_or_yield(spins);
        } else {
            sleep_until_needed();
            spins = 0;
        }
    }
    return NULL;
}

/* Signals from outside go to the threads of the program, which know what to do with them. */
static sigset_t signals_from_outside(void)
{
    static const int own[] = {SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGTRAP, SIGABRT};
    sigset_t set;
    sigfillset(&set);
    for (size_t i = 0; i < sizeof own / sizeof *own; i++)
        sigdelset(&set, own[i]);
    return set;
}

static void start_workers(void)
{
    sigset_t blocked = signals_from_outside(), old;
    pthread_attr_t attributes;
    pthread_sigmask(SIG_BLOCK, &blocked, &old);
    pthread_attr_init(&attributes);
    pthread_attr_setstacksize(&attributes, STACK_BYTES);
    while (pool.workers < atomic_load(&pool.wanted) - 1 &&
           !pthread_create(&pool.thread[pool.workers], &attributes, work, NULL))
        pool.workers++; /* where the system allows no more, those that run do the work */
    pthread_attr_destroy(&attributes);
    pthread_sigmask(SIG_SETMASK, &old, NULL);
    pool.is_started = 1;
}

static void stop_workers(void)
{
    atomic_store(&pool.stopping, 1);
    wake(pool.workers);
    while (pool.workers > 0)
        pthread_join(pool.thread[--pool.workers], NULL);
    atomic_store(&pool.stopping, 0);
    pool.is_started = 0;
}

/* The child of a fork has the calling thread alone; it starts workers of its own when needed. */
static void forget_workers(void)
{
    atomic_store(&pool.ticket, 0);
    atomic_store(&pool.stopping, 0);
    atomic_store(&pool.sleepers, 0);
    reset_permits();
    pool.workers = pool.is_started = 0;
    atomic_store(&pool.busy, 0);
}

__attribute__((constructor)) static void prepare_for_forks(void)
{
    pthread_atfork(NULL, NULL, forget_workers);
}

/* ---- the interface ------------------------------------------------------------------------- */

static int enter_pool(void)
{
    return !atomic_load_explicit(&pool.busy, memory_order_relaxed) &&
           !atomic_exchange_explicit(&pool.busy, 1, memory_order_acquire);
}

static void leave_pool(void) { atomic_store_explicit(&pool.busy, 0, memory_order_release); }

/* Piece 0 is the caller's from the start. */
static void run_job(long count, Task task, void *context)
{
    if (!pool.is_started)
        start_workers();
    pool.task = task;
    pool.context = context;
    atomic_store_explicit(&pool.jobs, pool.jobs + 1, memory_order_relaxed);
    atomic_store_explicit(&pool.done, 0, memory_order_relaxed);
    atomic_store(&pool.ticket, (uint64_t)count << 32 | 1);
    int sleepers = atomic_load(&pool.sleepers);
    if (sleepers) {
        long helpers = count - 1 < pool.workers ? count - 1 : pool.workers;
        wake((int)helpers - (pool.workers - sleepers));
    }
    task(context, 0);
    long others = count - 1 - run_pieces();
    for (long spins = 0; atomic_load_explicit(&pool.done, memory_order_acquire) < others; spins++)
        pause_or_yield(spins);
}

void parallel_for(long count, Task task, void *context)
{
    if (count > 1 && count <= INT32_MAX &&
        atomic_load_explicit(&pool.wanted, memory_order_relaxed) > 1 && enter_pool()) {
        run_job(count, task, context);
        leave_pool();
        return;
    }
    for (long i = 0; i < count; i++)
        task(context, i);
}

EXPORT int thread_count(void) { return atomic_load_explicit(&pool.wanted, memory_order_relaxed); }

/* Sets the number of threads, the caller's included. Not from inside a task. */
EXPORT void set_thread_count(int count)
{
    while (!enter_pool())
        sched_yield();
    if (count != atomic_load(&pool.wanted)) {
        stop_workers();
        atomic_store(&pool.wanted, count < 1 ? 1 : count > MAX_THREADS ? MAX_THREADS : count);
    }
    leave_pool();
}

/* ---- memory of each thread ----------------------------------------------------------------- */

#define HUGE_PAGE ((size_t)2 << 20)
#define SMALL_ALIGNMENT ((size_t)64)

typedef struct {
    void *start[MEMORY_KINDS];
    size_t bytes[MEMORY_KINDS];
} Memory;

static _Thread_local Memory *own_memory;
static pthread_key_t memory_key;
static pthread_once_t memory_key_once = PTHREAD_ONCE_INIT;

/* Runs when a thread ends. */
static void free_memory(void *address)
{
    Memory *memory = address;
    for (int kind = 0; kind < MEMORY_KINDS; kind++)
        free(memory->start[kind]);
    free(memory);
    own_memory = NULL;
}

static void make_memory_key(void) { pthread_key_create(&memory_key, free_memory); }

static void *checked(void *address)
{
    if (address)
        return address;
    fputs("kerasish: out of memory in a native kernel\n", stderr);
    abort();
}

static Memory *memory_of_thread(void)
{
    if (!own_memory) {
        pthread_once(&memory_key_once, make_memory_key);
        own_memory = checked(calloc(1, sizeof(Memory)));
        pthread_setspecific(memory_key, own_memory);
    }
    return own_memory;
}

static void *allocate(size_t bytes)
{
    void *address = NULL;
    if (posix_memalign(&address, bytes < HUGE_PAGE ? SMALL_ALIGNMENT : HUGE_PAGE, bytes))
        return checked(NULL);
#if defined(MADV_HUGEPAGE)
    if (bytes >= HUGE_PAGE)
        madvise(address, bytes, MADV_HUGEPAGE); /* a hint: no harm where it is refused */
#endif
    return address;
}

/* How much is really taken for a request. With AddressSanitizer exactly as much as asked for, and
   new memory for each request, so that it sees every access outside. */
#if defined(__SANITIZE_ADDRESS__)
static int is_enough(size_t bytes, size_t wanted) { return bytes == wanted && !wanted; }
static size_t rounded(size_t bytes) { return bytes; }
#else
static int is_enough(size_t bytes, size_t wanted) { return bytes >= wanted; }
static size_t rounded(size_t bytes)
{
    size_t step = SMALL_ALIGNMENT;
    while (step < HUGE_PAGE && step < bytes)
        step *= 2;
    return (bytes + step - 1) / step * step;
}
#endif

void *thread_memory(MemoryKind kind, size_t bytes)
{
    Memory *memory = memory_of_thread();
    if (!memory->start[kind] || !is_enough(memory->bytes[kind], bytes)) {
        free(memory->start[kind]);
        memory->bytes[kind] = rounded(bytes ? bytes : 1);
        memory->start[kind] = allocate(memory->bytes[kind]);
    }
    return memory->start[kind];
}
