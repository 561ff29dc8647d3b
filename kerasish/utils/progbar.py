"""Progbar: the progress bar of loops that a user writes."""

from kerasish.callbacks.progress_bar import ProgressBar, is_interactive


class Progbar:
    """Progress of a loop, with means of the values that are reported.

    Args:
        target: int, number of steps; None when it is not known.
        width: accepted for compatibility; the bar takes the terminal's width.
        verbose: 0 (silent), 1 (a bar; a line at the end where lines cannot be redrawn) or 2 (one
            line at the end).
        interval: accepted for compatibility; the bar is drawn at most ten times a second.
        stateful_metrics: names of values that are shown as they are given, not as means.
        stateless_metrics: names of values that are shown as means.
        unit_name: str. What a step is called.

    Example:
        >>> bar = Progbar(2, verbose=2)
        >>> bar.update(1, [("loss", 1.0)])
        >>> bar.values()
        {'loss': 1.0}

    Source: Keras 3 names and defaults.
    """

    def __init__(self, target, width=20, verbose=1, interval=0.05, stateful_metrics=None,
                 stateless_metrics=None, unit_name="step"):  # fmt: skip
        self.target, self.verbose, self.unit_name = target, verbose, unit_name
        self.stateful_metrics = set(stateful_metrics or ()) - set(stateless_metrics or ())
        self._sums, self._seen = {}, 0
        self._bar = None

    def update(self, current, values=None, finalize=None):
        """Tell how far it is.

        Args:
            current: int. Number of the last finished step.
            values: list of pairs (name, value of the steps since the last call).
            finalize: bool. Whether this is the end; when None, if `current` is the target.
        """
        since = current - self._seen
        for name, value in values or ():
            value = float(value)
            if name in self.stateful_metrics:
                self._sums[name] = (value, 1)
            else:
                total, count = self._sums.get(name, (0.0, 0))
                self._sums[name] = (total + value * max(since, 1), count + max(since, 1))
        self._seen = current
        if self._bar is None:
            verbose = self.verbose if is_interactive() or self.verbose != 1 else 2
            self._bar = ProgressBar(self.target, "", verbose, self.unit_name)
        is_end = finalize if finalize is not None else current == self.target
        if is_end:
            self._bar.finish(current, self.values())
            self._bar = None
        else:
            self._bar.advance(current, self.values)

    def add(self, n, values=None):
        """Tell that `n` more steps are done; `values` as in `update`."""
        self.update(self._seen + n, values)

    def values(self):
        """Dict from name to what is shown."""
        return {name: total / count for name, (total, count) in self._sums.items()}
