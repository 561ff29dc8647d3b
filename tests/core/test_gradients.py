"""GradientTape: fan-out, nesting, persistence, jacobians, custom gradients, and its errors."""

import numpy as np
import pytest

import kerasish
from kerasish import ops
from kerasish.errors import GradientError


def test_fan_out_adds_the_paths():
    x = ops.convert_to_tensor(3.0)
    with kerasish.GradientTape() as tape:
        tape.watch(x)
        y = x * x + 2.0 * x
    assert tape.gradient(y, x).item() == 8.0


def test_third_order_by_nested_tapes():
    x = ops.convert_to_tensor(2.0)
    with kerasish.GradientTape() as t3:
        t3.watch(x)
        with kerasish.GradientTape() as t2:
            t2.watch(x)
            with kerasish.GradientTape() as t1:
                t1.watch(x)
                y = x**4.0
            first = t1.gradient(y, x)
        second = t2.gradient(first, x)
    assert first.item() == 32.0
    assert second.item() == 48.0
    assert t3.gradient(second, x).item() == 48.0


def test_trainable_variables_are_watched_and_others_are_not():
    w = kerasish.Variable([1.0, 2.0])
    frozen = kerasish.Variable([1.0, 2.0], trainable=False)
    with kerasish.GradientTape() as tape:
        y = ops.sum(w * frozen)
    g, none = tape.gradient(y, [w, frozen])
    assert g.tolist() == [1.0, 2.0]
    assert none is None
    assert tape.watched_variables() == (w,)


def test_watch_accessed_variables_can_be_switched_off():
    w = kerasish.Variable(2.0)
    with kerasish.GradientTape(watch_accessed_variables=False) as tape:
        y = w * w
    assert tape.gradient(y, w) is None
    with kerasish.GradientTape(watch_accessed_variables=False) as tape:
        tape.watch(w)
        y = w * w
    assert tape.gradient(y, w).item() == 4.0


def test_value_of_a_variable_at_the_time_of_recording_counts():
    w = kerasish.Variable(2.0)
    with kerasish.GradientTape() as tape:
        y = w * w
    w.assign(100.0)
    assert tape.gradient(y, w).item() == 4.0


def test_a_tape_gives_gradients_once_unless_persistent():
    x = ops.convert_to_tensor(1.0)
    with kerasish.GradientTape() as tape:
        tape.watch(x)
        y = x * 2.0
    tape.gradient(y, x)
    with pytest.raises(GradientError, match="persistent=True"):
        tape.gradient(y, x)
    with kerasish.GradientTape(persistent=True) as tape:
        tape.watch(x)
        y = x * 2.0
    assert tape.gradient(y, x).item() == tape.gradient(y, x).item() == 2.0


def test_unconnected_gradients():
    x, z = ops.convert_to_tensor(1.0), ops.convert_to_tensor([1.0, 1.0])
    with kerasish.GradientTape(persistent=True) as tape:
        tape.watch([x, z])
        y = x * 2.0
    assert tape.gradient(y, z) is None
    assert tape.gradient(y, z, unconnected_gradients="zero").tolist() == [0.0, 0.0]
    with pytest.raises(GradientError, match="unconnected_gradients"):
        tape.gradient(y, z, unconnected_gradients="nil")


def test_structures_of_sources_and_several_targets():
    x, z = ops.convert_to_tensor(2.0), ops.convert_to_tensor(3.0)
    with kerasish.GradientTape() as tape:
        tape.watch([x, z])
        a, b = x * z, x * x
    g = tape.gradient([a, b], {"x": x, "z": z})
    assert g["x"].item() == 7.0 and g["z"].item() == 2.0


def test_output_gradients_weigh_the_target():
    x = ops.convert_to_tensor([1.0, 2.0])
    with kerasish.GradientTape() as tape:
        tape.watch(x)
        y = x * x
    assert tape.gradient(y, x, output_gradients=[1.0, 10.0]).tolist() == [2.0, 40.0]


def test_stop_recording_and_stop_gradient():
    x = ops.convert_to_tensor(3.0)
    with kerasish.GradientTape() as tape:
        tape.watch(x)
        with tape.stop_recording():
            hidden = x * x
        y = hidden * x + ops.stop_gradient(x) * x
    assert tape.gradient(y, x).item() == 12.0


def test_reset_forgets():
    x = ops.convert_to_tensor(3.0)
    with kerasish.GradientTape() as tape:
        tape.watch(x)
        y = x * x
        tape.reset()
    assert tape.gradient(y, x) is None


def test_jacobian_and_batch_jacobian():
    x = ops.convert_to_tensor(np.arange(1.0, 7.0).reshape(2, 3))
    with kerasish.GradientTape(persistent=True) as tape:
        tape.watch(x)
        y = x**2.0
        total = ops.sum(y, axis=1)
    full = tape.jacobian(y, x)
    assert full.shape == (2, 3, 2, 3)
    assert np.array_equal(full.numpy().reshape(6, 6), np.diag(2 * np.arange(1.0, 7.0)))
    rows = tape.batch_jacobian(y, x)
    assert rows.shape == (2, 3, 3)
    assert np.array_equal(rows.numpy()[1], np.diag([8.0, 10.0, 12.0]))
    assert tape.jacobian(total, x).shape == (2, 2, 3)
    assert tape.jacobian(y, ops.convert_to_tensor(1.0)) is None


def test_custom_gradient_replaces_the_derivative():
    @kerasish.custom_gradient
    def clipped_identity(x):
        return x, lambda g: ops.clip(g, -1.0, 1.0)

    x = ops.convert_to_tensor(2.0)
    with kerasish.GradientTape() as tape:
        tape.watch(x)
        y = clipped_identity(x) * 5.0
    assert tape.gradient(y, x).item() == 1.0


def test_custom_gradient_with_the_wrong_number_of_results():
    @kerasish.custom_gradient
    def product(x, y):
        return x * y, lambda g: g

    x = ops.convert_to_tensor(2.0)
    with kerasish.GradientTape() as tape:
        tape.watch(x)
        z = product(x, x)
    with pytest.raises(GradientError, match="one gradient is needed for each argument"):
        tape.gradient(z, x)


def test_integers_and_plain_values_cannot_be_watched():
    with kerasish.GradientTape() as tape:
        with pytest.raises(GradientError, match="float"):
            tape.watch(ops.convert_to_tensor([1, 2]))
        with pytest.raises(GradientError, match="convert_to_tensor"):
            tape.watch(3.0)


def test_a_tape_inside_a_traced_function():
    @kerasish.function
    def slope(x):
        with kerasish.GradientTape() as tape:
            tape.watch(x)
            y = ops.sum(x**3.0)
        return tape.gradient(y, x)

    assert slope(ops.convert_to_tensor([1.0, 2.0])).tolist() == [3.0, 12.0]


def test_a_tape_outside_a_traced_function_sees_through_it():
    w = kerasish.Variable(3.0)

    @kerasish.function
    def f(x):
        return x * w * w

    x = ops.convert_to_tensor(2.0)
    f(x)
    with kerasish.GradientTape() as tape:
        tape.watch(x)
        y = f(x)
    gx, gw = tape.gradient(y, [x, w])
    assert gx.item() == 9.0 and gw.item() == 12.0


def test_an_inner_cotangent_does_not_keep_arrays_alive():
    import weakref

    x = ops.convert_to_tensor(np.ones(1000))
    with kerasish.GradientTape() as tape:
        tape.watch(x)
        hidden = x + 1.0
        watch = weakref.ref(hidden)
        y = ops.sum(hidden + 1.0)
        del hidden
        # No rule of add or sum needs values, so the tape must not hold them.
        assert watch() is None
    assert tape.gradient(y, x).shape == (1000,)


@pytest.mark.parametrize(
    "read",
    [
        lambda v: v.value,
        lambda v: v.read_value(),
        ops.convert_to_tensor,
        lambda v: ops.stack(list(v)),
        lambda v: v[:],
    ],
)
def test_every_way_to_read_a_variable_is_followed(read):
    v = kerasish.Variable([1.0, 2.0])

    def slope():
        with kerasish.GradientTape() as tape:
            y = ops.sum(read(v) ** 2.0)
        return tape.gradient(y, v)

    assert slope().tolist() == [2.0, 4.0]
    assert kerasish.function(slope)().tolist() == [2.0, 4.0]


def test_a_target_is_its_own_source():
    x = ops.convert_to_tensor([2.0, 3.0])
    with kerasish.GradientTape(persistent=True) as tape:
        tape.watch(x)
        y = x * x
    assert tape.gradient(x, x).tolist() == [1.0, 1.0]
    assert tape.gradient(y, y).tolist() == [1.0, 1.0]
    assert [g.tolist() for g in tape.gradient([y, y], [x, y])] == [[8.0, 12.0], [2.0, 2.0]]


def test_a_source_on_the_way_to_another():
    x = ops.convert_to_tensor(2.0)
    with kerasish.GradientTape() as tape:
        tape.watch(x)
        y = x * x
        z = y * y * x
    assert [g.item() for g in tape.gradient(z, [x, y])] == [16.0 + 2 * 4 * 2 * 4, 16.0]


def test_integer_targets_and_sources_have_no_gradient():
    x, n = ops.convert_to_tensor(2.0), kerasish.Variable(3)
    with kerasish.GradientTape() as tape:
        tape.watch(x)
        whole, y = ops.cast(x * 2.0, "int32"), x * ops.cast(n, "float32")
    gx, gn = tape.gradient([whole, y], [x, n])
    assert gx.item() == 3.0 and gn is None


def test_gradients_stop_at_assignments():
    v = kerasish.Variable(3.0)
    x = ops.convert_to_tensor(2.0)
    with kerasish.GradientTape(persistent=True) as tape:
        tape.watch(x)
        before = v * v
        v.assign(x * 5.0)
        after = v * v
    assert tape.gradient(before, v).item() == 6.0 and tape.gradient(after, v).item() == 20.0
    assert tape.gradient(after, x) is None


@pytest.mark.parametrize("mode", [lambda f: f, kerasish.function], ids=["eager", "compiled"])
def test_what_an_assignment_returns_depends_on_the_value_before(mode):
    v = kerasish.Variable([1.0, 2.0])

    def slopes():
        with kerasish.GradientTape(persistent=True) as tape:
            added, taken = v.assign_add(v * 2.0), v.assign_sub(v)
            part = v.assign_slice(0, 1.0)
        return [tape.gradient(y, v) for y in (added, taken, part)]

    assert [g.tolist() for g in mode(slopes)()] == [[3.0, 3.0], [0.0, 0.0], [0.0, 1.0]]


def test_broadcasting_is_undone_for_every_pair_of_shapes():
    shapes = [(), (1,), (3,), (1, 3), (2, 1), (2, 3)]
    for a in shapes:
        for b in shapes:
            x, y = ops.ones(a), ops.ones(b) * 2.0
            with kerasish.GradientTape() as tape:
                tape.watch([x, y])
                z = ops.sum(x * y)
            gx, gy = tape.gradient(z, [x, y])
            assert gx.shape == a and gy.shape == b
            size = np.broadcast_shapes(a, b)
            assert gx.numpy().sum() == 2.0 * np.prod(size) and gy.numpy().sum() == np.prod(size)


def test_values_that_are_no_tensors_are_explained():
    x = ops.convert_to_tensor(1.0)
    with kerasish.GradientTape(persistent=True) as tape:
        tape.watch(x)
        y = x * 2.0
    for target, source, message in [
        (3.0, x, "a target must be a tensor"),
        (y, 3.0, "a source must be a tensor or variable"),
        (None, x, "a target must be a tensor"),
    ]:
        with pytest.raises(GradientError, match=message):
            tape.gradient(target, source)
    with pytest.raises(GradientError, match="do not match the targets.*Received: 1.*Expected: 2"):
        tape.gradient([y, y], x, output_gradients=[1.0])
    with pytest.raises(ValueError):
        tape.gradient(y, x, output_gradients=[[1.0, 2.0]])
    with pytest.raises(GradientError, match="already recording"), tape, tape:
        pass
    assert kerasish.core.modes.state.tapes == ()


def test_tapes_may_close_in_any_order():
    x = ops.convert_to_tensor(3.0)
    first, second = kerasish.GradientTape(), kerasish.GradientTape()
    first.__enter__()
    second.__enter__()
    first.watch(x)
    second.watch(x)
    y = x * x
    first.__exit__(None, None, None)
    z = y * x
    second.__exit__(None, None, None)
    assert first.gradient(z, x) is None
    assert second.gradient(z, x).item() == 27.0
    assert kerasish.core.modes.state.tapes == ()


def test_gradients_while_the_tape_is_open():
    x = ops.convert_to_tensor(3.0)
    with kerasish.GradientTape(persistent=True) as tape:
        tape.watch(x)
        y = x**3.0
        slope = tape.gradient(y, x)
    assert tape.gradient(slope, x).item() == 18.0  # a persistent tape records its own walk
    with kerasish.GradientTape() as tape:
        tape.watch(x)
        slope = tape.gradient(x * x, x)
        after = slope * x
    assert slope.item() == 6.0 and after.item() == 18.0


def test_jacobians_in_traces_of_unknown_sizes_and_of_nothing():
    w = np.arange(6, dtype=np.float32).reshape(3, 2)

    @kerasish.function
    def rows(x):
        with kerasish.GradientTape(persistent=True) as tape:
            tape.watch(x)
            y = ops.matmul(x, w)
        return tape.jacobian(y, x), tape.batch_jacobian(y, x)

    full, each = rows(np.ones((4, 3), np.float32))
    assert full.shape == (4, 2, 4, 3) and np.array_equal(each, np.broadcast_to(w.T, (4, 2, 3)))
    assert np.array_equal(full.numpy()[1, :, 1], w.T) and not full.numpy()[1, :, 2].any()
    with pytest.raises(GradientError, match="sizes of the target must be known"):
        rows.concrete(kerasish.TensorSpec((None, 3)))
    x = ops.ones((2, 3))
    with kerasish.GradientTape(persistent=True) as tape:
        tape.watch(x)
        y = ops.sum(x, axis=0)
        nothing = x[:0] * 2.0
    with pytest.raises(ValueError, match="same first size"):
        tape.batch_jacobian(y, x)
    assert tape.jacobian(nothing, x).shape == (0, 3, 2, 3)


def test_custom_gradients_in_traces_with_several_inputs_and_outputs():
    @kerasish.custom_gradient
    def swapped(x, y, scale=1.0):
        def grad(g_first, g_second):
            return g_second * scale, g_first * scale

        return {"a": x, "b": y}, grad

    def slopes(x, y):
        with kerasish.GradientTape() as tape:
            tape.watch([x, y])
            out = swapped(x, y, scale=10.0)
            z = out["a"] * 3.0 + out["b"] * 5.0
        return tape.gradient(z, [x, y])

    x, y = ops.convert_to_tensor(1.0), ops.convert_to_tensor(2.0)
    for f in (slopes, kerasish.function(slopes)):
        assert [g.item() for g in f(x, y)] == [50.0, 30.0]


@pytest.mark.parametrize("power", [lambda v: v * v * v, lambda v: v**3, lambda v: ops.power(v, [3.0])],
                         ids=["products", "scalar", "tensor"])  # fmt: skip
@pytest.mark.parametrize("runs", ["eager", "traced", "persistent"])
def test_second_derivative_by_a_variable(power, runs):
    v = kerasish.Variable([2.0])

    def nested():
        with kerasish.GradientTape() as outer:
            with kerasish.GradientTape() as inner:
                y = power(v)
            slope = inner.gradient(y, v)
        return slope, outer.gradient(slope, v)

    def persistent():
        with kerasish.GradientTape(persistent=True) as tape:
            slope = tape.gradient(power(v), v)
        return slope, tape.gradient(slope, v)

    run = persistent if runs == "persistent" else nested
    first, second = (kerasish.function(run) if runs == "traced" else run)()
    assert first.tolist() == [12.0]
    assert second.tolist() == [12.0]
