"""Input data: what `fit` accepts, as batches of arrays."""
