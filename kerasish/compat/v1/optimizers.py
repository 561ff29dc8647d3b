"""Optimizers with TensorFlow 1's update formulas: `minimize`, slots, `global_step`."""

from kerasish import ops
from kerasish.compat.v1 import dtypes
from kerasish.compat.v1.constants import convert_to_tensor
from kerasish.compat.v1.gradients import gradients
from kerasish.compat.v1.graph import GraphKeys, get_default_graph
from kerasish.compat.v1.tensors import Operation
from kerasish.compat.v1.variables import Variable, group, trainable_variables
from kerasish.core.tensor import as_tensor
from kerasish.errors import explain


class _Update(Operation):
    """One variable's update by its gradient; changes the variable and its slots."""

    is_effect = True

    def __init__(self, optimizer, variable, gradient, settings):
        self.variable = variable
        self.slots = [optimizer._slots[n][variable] for n in optimizer.slot_order]
        self._formula = optimizer.formula
        super().__init__(f"Apply{optimizer.kind}", [gradient, *settings], None,
                         f"update_{variable.op.name}/Apply{optimizer.kind}", [])  # fmt: skip

    def execute(self, frame, values):
        gradient, *settings = values
        settings = [ops.cast(s, gradient.dtype) for s in settings]
        states = [frame.read(v) for v in (self.variable, *self.slots)]
        updated = self._formula(gradient, *settings, *states)
        for variable, value in zip((self.variable, *self.slots), updated, strict=True):
            value = (
                value
                if variable.constraint is None or variable is not self.variable
                else (variable.constraint(value))
            )
            frame.assign(variable, value)
        return ()


class Optimizer:
    """Base of the optimizers.

    Subclasses set `kind`, `slot_order` and `settings()`, and define
    `formula(gradient, *settings, value, *slots)`, which returns the new value and slots.
    """

    GATE_NONE, GATE_OP, GATE_GRAPH = 0, 1, 2
    kind, slot_order, initial_slots, slot_names = "", (), {}, {}

    def __init__(self, learning_rate, use_locking=False, name=None):
        self._learning_rate = learning_rate
        self._name = name or self.kind
        self._slots = {n: {} for n in self.slot_order}

    def get_name(self):
        """Name of its operations."""
        return self._name

    def settings(self):
        """The numbers and tensors that the formula takes."""
        return [self._learning_rate]

    def minimize(self, loss, global_step=None, var_list=None, gate_gradients=1,
                 aggregation_method=None, colocate_gradients_with_ops=False, name=None,
                 grad_loss=None):  # fmt: skip
        """An operation that changes the variables so that `loss` gets less.

        Raises:
            ValueError: there are no variables, or none that the loss depends on.
        """
        pairs = self.compute_gradients(loss, var_list, grad_loss=grad_loss)
        if all(g is None for g, _ in pairs):
            raise ValueError(
                "No gradients provided for any variable, check your graph for ops that do not "
                f"support gradients, between variables {[str(v) for _, v in pairs]} and loss "
                f"{loss}."
            )
        return self.apply_gradients(pairs, global_step, name)

    def compute_gradients(self, loss, var_list=None, gate_gradients=1, aggregation_method=None,
                          colocate_gradients_with_ops=False, grad_loss=None):  # fmt: skip
        """List of (gradient or None, variable)."""
        variables = trainable_variables() if var_list is None else list(var_list)
        if not variables:
            raise ValueError("No variables to optimize.")
        seeds = None if grad_loss is None else [grad_loss]
        return list(zip(gradients(loss, variables, seeds), variables, strict=True))

    def apply_gradients(self, grads_and_vars, global_step=None, name=None):
        """An operation that applies gradients, and then counts `global_step` up."""
        pairs = list(grads_and_vars)
        if not pairs:
            raise ValueError("No variables provided.")
        used = [(convert_to_tensor(g), v) for g, v in pairs if g is not None]
        if not used:
            raise ValueError(f"No gradients provided for any variable: {[str(v) for _, v in pairs]}"
                             ".")  # fmt: skip
        graph = get_default_graph()
        with graph.control_dependencies(None):
            self._make_shared(used[0][1])
            for slot in self.slot_order:
                for _, variable in used:
                    self._make_slot(slot, variable)
        with graph.name_scope(name or self._name) as scope:
            settings = [
                convert_to_tensor(s() if callable(s) else s, name="setting")
                for s in self.settings()
            ]
            updates = [_Update(self, v, g, settings) for g, v in used]
            with graph.control_dependencies(updates):
                updates += self._finish()
                if global_step is not None:
                    one = 1 if isinstance(global_step, Variable) else None
                    updates.append(global_step.assign_add(one, name="count"))
            done = group(*updates, name=scope)
        graph.add_to_collection(GraphKeys.TRAIN_OP, done)
        return done

    def _make_slot(self, slot, variable):
        if variable in self._slots[slot]:
            return
        value, like = self.initial_slots.get(slot, 0.0), variable.initial_value
        value = getattr(self, value) if isinstance(value, str) else value
        initial = Operation(
            "Fill", [like], lambda v: ops.full_like(v, value), f"{variable.op.name}/{self._name}/"
            "Initializer/Const"
        ).output  # fmt: skip
        name = f"{variable.op.name}/{self.slot_names.get(slot, self._name)}"
        graph = get_default_graph()
        with graph.name_scope(None):
            self._slots[slot][variable] = Variable(initial, trainable=False, name=name)

    def _make_shared(self, variable):
        """Variables that are not of one variable, such as powers of Adam's betas."""

    def _finish(self):
        """Operations that run after all updates."""
        return []

    def get_slot(self, var, name):
        """The slot variable of this name, or None."""
        return self._slots.get(name, {}).get(var)

    def get_slot_names(self):
        """Sorted names of the slots."""
        return sorted(self._slots)

    def variables(self):
        """List of the variables that the optimizer made."""
        return [v for slot in self._slots.values() for v in slot.values()]


class GradientDescentOptimizer(Optimizer):
    """value -= learning_rate * gradient.

    Example:
        >>> import kerasish.compat.v1 as tf
        >>> with tf.Graph().as_default(), tf.Session() as session:
        ...     x = tf.Variable(1.0)
        ...     step = tf.train.GradientDescentOptimizer(0.25).minimize(x * x)
        ...     _ = session.run(tf.global_variables_initializer()), session.run(step)
        ...     session.run(x).item()
        0.5

    Source: TensorFlow 1.
    """

    kind = "GradientDescent"

    def formula(self, g, rate, value):
        """New value."""
        return (value - rate * g,)


class MomentumOptimizer(Optimizer):
    """momentum = momentum * m + gradient; value -= learning_rate * momentum.

    With `use_nesterov`, value -= learning_rate * (gradient + m * momentum).
    """

    kind, slot_order = "Momentum", ("momentum",)

    def __init__(self, learning_rate, momentum, use_locking=False, name="Momentum",
                 use_nesterov=False):  # fmt: skip
        super().__init__(learning_rate, name=name)
        self._momentum, self._nesterov = momentum, use_nesterov

    def settings(self):
        """Rate and momentum."""
        return [self._learning_rate, self._momentum]

    def formula(self, g, rate, m, value, velocity):
        """New value and momentum."""
        velocity = velocity * m + g
        return value - rate * (g + velocity * m if self._nesterov else velocity), velocity


class AdagradOptimizer(Optimizer):
    """accumulator += gradient^2; value -= learning_rate * gradient / sqrt(accumulator)."""

    kind, slot_order, initial_slots = "Adagrad", ("accumulator",), {"accumulator": "_initial"}

    def __init__(self, learning_rate, initial_accumulator_value=0.1, use_locking=False,
                 name="Adagrad"):  # fmt: skip
        if initial_accumulator_value <= 0:
            raise ValueError(explain("AdagradOptimizer", "initial_accumulator_value must be "
                                     "positive", received=initial_accumulator_value))  # fmt: skip
        super().__init__(learning_rate, name=name)
        self._initial = initial_accumulator_value

    def formula(self, g, rate, value, total):
        """New value and accumulator."""
        total = total + g * g
        return value - rate * g / ops.sqrt(total), total


class RMSPropOptimizer(Optimizer):
    """rms = decay * rms + (1 - decay) * gradient^2, and a step by gradient / sqrt(rms + epsilon).

    Momentum is kept of the steps: momentum = m * momentum + learning_rate * gradient /
    sqrt(rms + epsilon); value -= momentum. `centered` subtracts the squared mean gradient.
    """

    kind, slot_order, initial_slots = "RMSProp", ("rms", "momentum"), {"rms": 1.0}

    def __init__(self, learning_rate, decay=0.9, momentum=0.0, epsilon=1e-10, use_locking=False,
                 centered=False, name="RMSProp"):  # fmt: skip
        if centered:
            self.slot_order = ("rms", "mg", "momentum")
        super().__init__(learning_rate, name=name)
        self._settings = [decay, momentum, epsilon]
        self._centered = centered

    def settings(self):
        """Rate, decay, momentum and epsilon."""
        return [self._learning_rate, *self._settings]

    def formula(self, g, rate, decay, m, epsilon, value, rms, *rest):
        """New value and slots."""
        rms = rms + (g * g - rms) * (1 - decay)
        *mean, velocity = rest
        spread = rms
        if self._centered:
            mean = [mean[0] + (g - mean[0]) * (1 - decay)]
            spread = rms - mean[0] * mean[0]
        velocity = m * velocity + rate * g / ops.sqrt(spread + epsilon)
        return value - velocity, rms, *mean, velocity


class AdamOptimizer(Optimizer):
    """Moments m and v of the gradient; value -= rate_t * m / (sqrt(v) + epsilon).

    rate_t = learning_rate * sqrt(1 - beta2^t) / (1 - beta1^t).
    """

    kind, slot_order = "Adam", ("m", "v")

    def __init__(self, learning_rate=0.001, beta1=0.9, beta2=0.999, epsilon=1e-8,
                 use_locking=False, name="Adam"):  # fmt: skip
        super().__init__(learning_rate, name=name)
        self._settings = [beta1, beta2, epsilon]
        self._powers = None

    def _make_shared(self, variable):
        if self._powers is None:
            with get_default_graph().name_scope(None):
                self._powers = [
                    Variable(float(b), trainable=False, name=n, dtype=dtypes.as_dtype("float32"))
                    for b, n in zip(self._settings, ("beta1_power", "beta2_power"), strict=False)
                ]

    def settings(self):
        """Rate, betas, epsilon and the betas' powers."""
        return [self._learning_rate, *self._settings, *self._powers]

    def formula(self, g, rate, beta1, beta2, epsilon, power1, power2, value, m, v):
        """New value and moments."""
        m = m + (g - m) * (1 - beta1)
        v = v + (g * g - v) * (1 - beta2)
        rate = rate * ops.sqrt(1 - power2) / (1 - power1)
        return value - rate * m / (ops.sqrt(v) + epsilon), m, v

    def _finish(self):
        betas = self._settings[:2]
        return [
            p.assign(Operation("Mul", [p._as_read()], lambda x, b=b: x * b, "mul").output)
            for p, b in zip(self._powers, betas, strict=True)
        ]

    def variables(self):
        """Powers and moments."""
        return [*(self._powers or ()), *super().variables()]


# ---- the step --------------------------------------------------------------------------------


def create_global_step(graph=None):
    """The variable that counts training steps; ValueError if there is one."""
    graph = graph or get_default_graph()
    if get_global_step(graph) is not None:
        raise ValueError('"global_step" already exists.')
    with graph.as_default(), graph.name_scope(None):
        step = Variable(as_tensor(0).numpy().astype("int64"), trainable=False, name="global_step")
    graph.add_to_collection(GraphKeys.GLOBAL_STEP, step)
    return step


def get_global_step(graph=None):
    """The variable that counts training steps, or None."""
    found = (graph or get_default_graph()).get_collection(GraphKeys.GLOBAL_STEP)
    return found[0] if found else None


def get_or_create_global_step(graph=None):
    """The variable that counts training steps, made where there is none."""
    found = get_global_step(graph)
    return create_global_step(graph) if found is None else found


def global_step(sess, global_step_tensor):
    """The number of steps in a session."""
    return int(sess.run(global_step_tensor))


def exponential_decay(learning_rate, global_step, decay_steps, decay_rate, staircase=False,
                      name="ExponentialDecay"):  # fmt: skip
    """learning_rate * decay_rate ** (global_step / decay_steps)."""

    def rate(step):
        part = ops.cast(step, "float32") / decay_steps
        return learning_rate * ops.power(decay_rate, ops.floor(part) if staircase else part)

    return Operation("ExponentialDecay", [convert_to_tensor(global_step)], rate, name).output
