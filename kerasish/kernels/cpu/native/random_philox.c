/* Philox4x64-10 (Salmon, Moraes, Dror, Shaw, "Parallel random numbers: as easy as 1, 2, 3",
   2011). */
#include "random_philox.h"

#include <string.h>

#include "vector.h"

#define KEY_1 0x6B65726173697368ull /* as in core/rng.py */
#define MULTIPLIER_0 0xD2E7470EE14C6C93ull
#define MULTIPLIER_1 0xCA5A826395121157ull
#define WEYL_0 0x9E3779B97F4A7C15ull
#define WEYL_1 0xBB67AE8584CAA73Bull
#define LOWER 0xFFFFFFFFull

enum { ROUNDS = 10 };

/* Words of as many blocks as fit a vector. Short vectors have no advantage over the processor's own
   64-bit product, so there a "vector" is one number. */
#if LANES >= 8
enum { BLOCKS = LANES / 2 };
typedef uint64_t Words __attribute__((vector_size(8 * BLOCKS), may_alias));
#else
enum { BLOCKS = 1 };
typedef uint64_t Words;
#endif

typedef struct {
    Words high, low;
} Product;

static inline Product multiply_wide(Words a, uint64_t b)
{
#if LANES >= 8 || !defined(__SIZEOF_INT128__)
    Words low = (a & LOWER) * (b & LOWER), middle = (a >> 32) * (b & LOWER) + (low >> 32);
    Words cross = (a & LOWER) * (b >> 32) + (middle & LOWER);
    Words high = (a >> 32) * (b >> 32) + (middle >> 32) + (cross >> 32);
    return (Product){high, (cross << 32) | (low & LOWER)};
#else
    unsigned __int128 whole = (unsigned __int128)a * b;
    return (Product){(uint64_t)(whole >> 64), (uint64_t)whole};
#endif
}

/* Blocks in the making: the four words of each. */
typedef struct {
    Words word[4];
} State;

static inline void mix(State *s, int round, const Stream *stream)
{
    Product a = multiply_wide(s->word[0], MULTIPLIER_0);
    Product b = multiply_wide(s->word[2], MULTIPLIER_1);
    s->word[0] = b.high ^ s->word[1] ^ (stream->seed + round * WEYL_0);
    s->word[2] = a.high ^ s->word[3] ^ (KEY_1 + round * WEYL_1);
    s->word[1] = b.low;
    s->word[3] = a.low;
}

/* The state after two rounds, for the counter (block, draw, 0, 0). Half of the words are known
   beforehand there, which saves products. */
static inline State start(Words block, const Stream *stream, Product known)
{
    Product a = multiply_wide(block, MULTIPLIER_0);
    Product b = multiply_wide(a.high ^ KEY_1, MULTIPLIER_1);
    State s;
    s.word[0] = b.high ^ (stream->seed + WEYL_0);
    s.word[1] = b.low;
    s.word[2] = known.high ^ a.low ^ (KEY_1 + WEYL_1);
    s.word[3] = known.low;
    return s;
}

/* The words of block 0, then those of block 1, and so on. */
static inline void write_words(const State *s, uint64_t *words)
{
#if LANES >= 8
#if LANES == 16
#define LOWER_WORDS 0, 8, 1, 9, 2, 10, 3, 11
#define UPPER_WORDS 4, 12, 5, 13, 6, 14, 7, 15
#else
#define LOWER_WORDS 0, 4, 1, 5
#define UPPER_WORDS 2, 6, 3, 7
#endif
    Words even[2] = {__builtin_shufflevector(s->word[0], s->word[2], LOWER_WORDS),
                     __builtin_shufflevector(s->word[0], s->word[2], UPPER_WORDS)};
    Words odd[2] = {__builtin_shufflevector(s->word[1], s->word[3], LOWER_WORDS),
                    __builtin_shufflevector(s->word[1], s->word[3], UPPER_WORDS)};
    for (int half = 0; half < 2; half++) {
        Words pair[2] = {__builtin_shufflevector(even[half], odd[half], LOWER_WORDS),
                         __builtin_shufflevector(even[half], odd[half], UPPER_WORDS)};
        memcpy(words + 2 * half * BLOCKS, pair, sizeof pair);
    }
#else
    memcpy(words, s->word, sizeof s->word);
#endif
}

/* Two vectors of blocks are in the making at a time: while one waits for a product, the other goes
   on. */
enum { GROUP_BLOCKS = 2 * BLOCKS, GROUP_NUMBERS = GROUP_BLOCKS * BLOCK_NUMBERS };

_Static_assert(GROUP_NUMBERS + BLOCK_NUMBERS <= BITS_MARGIN, "the margin must hold a group");

static inline Words counting_up(uint64_t first)
{
    Words v = (Words){0} + first;
#if LANES >= 8
    for (int i = 0; i < BLOCKS; i++)
        v[i] += i;
#endif
    return v;
}

static void make_group(const Stream *stream, uint64_t first, Product known, uint64_t *words)
{
    State one = start(counting_up(first), stream, known);
    State two = start(counting_up(first + BLOCKS), stream, known);
#pragma GCC unroll 8
    for (int round = 2; round < ROUNDS; round++) {
        mix(&one, round, stream);
        mix(&two, round, stream);
    }
    write_words(&one, words);
    write_words(&two, words + 4 * BLOCKS);
}

/* Lower half before upper half of each word, on any machine. */
static void order_halves(uint64_t *words, long n)
{
#if __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__
    for (long i = 0; i < n; i++)
        words[i] = words[i] << 32 | words[i] >> 32;
#else
    (void)words, (void)n;
#endif
}

const uint32_t *random_bits(const Stream *stream, long first, long n, uint32_t *room)
{
    Product known = multiply_wide((Words){0} + (stream->draw ^ stream->seed), MULTIPLIER_0);
    long block = first / BLOCK_NUMBERS, skipped = first % BLOCK_NUMBERS;
    uint64_t words[GROUP_NUMBERS / 2];
    for (long done = 0; done < skipped + n; done += GROUP_NUMBERS) {
        make_group(stream, block + done / BLOCK_NUMBERS + 1, known, words);
        order_halves(words, GROUP_NUMBERS / 2);
        memcpy(room + done, words, sizeof words);
    }
    return room + skipped;
}
