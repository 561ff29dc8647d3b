/* What the two passes of the GRU share. */
#ifndef KERASISH_RECURRENT_GRU_H
#define KERASISH_RECURRENT_GRU_H

#include "recurrent.h"

/* Integers of both kernels. */
enum { GRU_BATCH, GRU_STEPS, GRU_UNITS, GRU_RESET_AFTER };

/* Gates of one step: update, reset, candidate. */
enum { GRU_GATES = 3, RESET = 1, CANDIDATE = 2 };

#endif
