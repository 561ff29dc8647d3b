"""PyDataset: a data set of batches given by index."""

from kerasish.errors import explain


class PyDataset:
    """Base of data sets with `__len__` (number of batches) and `__getitem__(index)` (one batch).

    Args:
        workers: int. More than one: so many threads read batches ahead, which come in their order
            nevertheless. NumPy, and reading files, let other threads run.
        use_multiprocessing: bool. Must be False.
        max_queue_size: int. Accepted for compatibility: two batches a worker are read ahead.

    Raises:
        ValueError: `use_multiprocessing=True`.

    Source: Keras 3 names and defaults.
    """

    def __init__(self, workers=1, use_multiprocessing=False, max_queue_size=10):
        if use_multiprocessing:
            raise ValueError(
                explain(
                    "PyDataset",
                    "use_multiprocessing is not supported",
                    fix="workers=...: threads read batches ahead",
                )
            )
        self.workers, self.max_queue_size = workers, max_queue_size

    def __len__(self):
        return self.num_batches

    @property
    def num_batches(self):
        """Number of batches, None for no end; for subclasses to define (or `__len__`)."""
        if type(self).__len__ is not PyDataset.__len__:
            return len(self)
        raise NotImplementedError(explain(type(self).__name__, "define __len__ or num_batches"))

    def __getitem__(self, index):
        """Batch `(x, y)` or `(x, y, sample_weight)`; to be defined by subclasses."""
        raise NotImplementedError(explain(type(self).__name__, "define __getitem__(self, index)"))

    def on_epoch_end(self):
        """Called after each epoch, for example to shuffle."""
