"""The basic layers: Dense, EinsumDense, Embedding, Input, Lambda and the like."""
