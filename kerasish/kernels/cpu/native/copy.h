/* Copies between arrays of which each axis has a stride of its own. */
#ifndef KERASISH_COPY_H
#define KERASISH_COPY_H

#include <stdint.h>

#define BOX_AXES 8

/* A box of elements that moves from one array to another: sizes, outermost axis first, and how far
   apart neighbours along each axis lie in the source and in the result, in elements. */
typedef struct {
    long element; /* bytes: 1, 2, 4 or 8 */
    long axes;
    long size[BOX_AXES], from[BOX_AXES], to[BOX_AXES];
} Box;

/* Copies a box, in parallel. Neighbours along the last axis must be neighbours in the result. */
void copy_box(const Box *box, const void *source, void *result);

/* Elements of any kind; the addresses need not be multiples of their size. */
typedef uint8_t Element1 __attribute__((may_alias));
typedef uint16_t Element2 __attribute__((may_alias, aligned(1)));
typedef uint32_t Element4 __attribute__((may_alias, aligned(1)));
typedef uint64_t Element8 __attribute__((may_alias, aligned(1)));

#endif
