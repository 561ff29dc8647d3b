/* Products with few rows (gemm_few.c, gemm_lines.c), to which multiply_part hands them. */
#ifndef KERASISH_GEMM_FEW_H
#define KERASISH_GEMM_FEW_H

#include "gemm.h"

/* Whether it is best for a part. */
HIDDEN int has_few_rows(const Part *part);
HIDDEN void multiply_few_rows(const Part *part, float *memory);
HIDDEN long few_rows_memory(const Part *part);

HIDDEN int has_few_lines(const Part *part);
HIDDEN void multiply_few_lines(const Part *part, float *memory);
HIDDEN long few_lines_memory(const Part *part);

#endif
