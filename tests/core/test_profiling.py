"""Profiles: every call is there with its time, and profiling changes no variable."""

import numpy as np

import kerasish
from kerasish import ops


def test_every_call_is_timed_and_variables_keep_their_values():
    v = kerasish.Variable(np.ones((4, 3), np.float32), name="v")
    count = kerasish.Variable(0, name="count")

    @kerasish.function
    def step(x):
        v.assign_sub(ops.sort(ops.matmul(x, v)) * 0.5)
        count.assign(ops.size(x))
        return ops.sum(v)

    x = np.ones((4, 4), np.float32)
    step(x)
    before = v.numpy(), count.numpy()
    program = step.traces[0].program
    profile = program.profile([x], repeats=3)
    text = str(profile)
    assert "matmul" in text and "sort" in text and text.endswith("total")
    assert all(0 < row.seconds < 1 for row in profile.rows)
    assert abs(profile.seconds - sum(row.seconds for row in profile.rows)) < 1e-12
    assert np.array_equal(v.numpy(), before[0]) and np.array_equal(count.numpy(), before[1])
    step(x)
    assert not np.array_equal(v.numpy(), before[0])
