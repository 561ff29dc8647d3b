"""What a saved position in training data must have in common with the data it is used on."""

from kerasish.errors import DataError, explain


def check_state(state, expected, but=()):
    """Check a saved state of data against the state of the data at hand.

    Args:
        state: dict that was saved.
        expected: dict of the data at hand.
        but: keys whose values may differ.

    Raises:
        DataError: other keys, or other values.
    """
    shown = [{k: v for k, v in s.items() if k not in but} for s in (state, expected)]
    if set(state) != set(expected) or shown[0] != shown[1]:
        raise DataError(
            explain(
                "resuming",
                "the run was started on other data",
                received=f" {shown[1]}",
                expected=str(shown[0]),
                fix="call fit with the arguments of the run to be continued, or start anew in "
                "another folder",
            )
        )
