"""The default step, and raw messages, under the names of `tf.summary.experimental`."""

from kerasish.summary import state
from kerasish.summary.legacy_protos import as_summary
from kerasish.summary.state import get_step, set_step

__all__ = ["get_step", "set_step", "write_raw_pb"]


def write_raw_pb(tensor, step=None, name=None):
    """Record the bytes of a Summary message.

    Args:
        tensor: bytes, or a Summary message.
        step: int, or None for the default step.
        name: unused.

    Returns:
        bool: whether it was recorded.
    """
    if not state.should_record_summaries():
        return False
    step = state.step_or_default(step, "summary.experimental.write_raw_pb")
    state.current_writer().add_summary(as_summary(tensor), step)
    return True
