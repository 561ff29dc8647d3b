"""`tf.losses`: weighted means over a batch, collected in `GraphKeys.LOSSES`."""

from kerasish import ops
from kerasish.compat.v1 import arrays, nn, products
from kerasish.compat.v1.constants import convert_to_tensor
from kerasish.compat.v1.generated import FUNCTIONS
from kerasish.compat.v1.graph import GraphKeys, get_default_graph
from kerasish.compat.v1.tensors import record


class Reduction:
    """Ways to make one number of many."""

    NONE, SUM, MEAN = "none", "weighted_sum", "weighted_mean"
    SUM_OVER_BATCH_SIZE = "weighted_sum_over_batch_size"
    SUM_BY_NONZERO_WEIGHTS = "weighted_sum_by_nonzero_weights"
    SUM_OVER_NONZERO_WEIGHTS = SUM_BY_NONZERO_WEIGHTS


def compute_weighted_loss(losses, weights=1.0, scope=None, loss_collection=GraphKeys.LOSSES,
                          reduction=Reduction.SUM_BY_NONZERO_WEIGHTS):  # fmt: skip
    """One number of the losses of the elements of a batch."""
    losses = convert_to_tensor(losses)
    weights = arrays.cast(weights, losses.dtype)

    def reduce(values, weights):
        weighted = values * weights
        if reduction == Reduction.NONE:
            return weighted
        total = ops.sum(weighted)
        if reduction == Reduction.SUM:
            return total
        present = (
            ops.broadcast_to(weights, weighted.shape)
            if (weights.shape != weighted.shape)
            else weights
        )
        if reduction == Reduction.MEAN:
            return ops.divide_no_nan(total, ops.sum(present))
        if reduction == Reduction.SUM_OVER_BATCH_SIZE:
            return ops.mean(weighted)
        nonzero = ops.cast(ops.not_equal(present, 0), values.dtype)
        return ops.divide_no_nan(total, ops.sum(nonzero))

    sizes = losses.sizes
    is_open = sizes is None or None in sizes
    if is_open:
        weights = arrays.ones_like(losses) * weights
    loss = record("WeightedLoss", reduce, [losses, weights], scope or "value")
    get_default_graph().add_to_collection(loss_collection, loss)
    return loss


def _checked(labels, predictions):
    predictions = convert_to_tensor(predictions)
    labels = arrays.cast(labels, predictions.dtype)
    predictions.shape.assert_is_compatible_with(labels.shape)
    return labels, predictions


def _elementwise(name, function, doc):
    def loss(labels, predictions, weights=1.0, scope=None, loss_collection=GraphKeys.LOSSES,
             reduction=Reduction.SUM_BY_NONZERO_WEIGHTS):  # fmt: skip
        labels, predictions = _checked(labels, predictions)
        with get_default_graph().name_scope(scope or name):
            losses = function(labels, predictions)
            return compute_weighted_loss(losses, weights, None, loss_collection, reduction)

    loss.__name__ = loss.__qualname__ = name
    loss.__doc__ = doc
    return loss


mean_squared_error = _elementwise(
    "mean_squared_error", FUNCTIONS["squared_difference"], "Mean of (labels - predictions)^2."
)
absolute_difference = _elementwise(
    "absolute_difference", lambda y, x: FUNCTIONS["abs"](x - y), "Mean of |labels - predictions|."
)


def log_loss(labels, predictions, weights=1.0, epsilon=1e-7, scope=None,
             loss_collection=GraphKeys.LOSSES,
             reduction=Reduction.SUM_BY_NONZERO_WEIGHTS):  # fmt: skip
    """Mean cross entropy of probabilities."""
    labels, predictions = _checked(labels, predictions)
    losses = record("LogLoss", lambda y, p: -y * ops.log(p + epsilon)
                    - (1 - y) * ops.log(1 - p + epsilon), [labels, predictions])  # fmt: skip
    return compute_weighted_loss(losses, weights, scope, loss_collection, reduction)


def huber_loss(labels, predictions, weights=1.0, delta=1.0, scope=None,
               loss_collection=GraphKeys.LOSSES,
               reduction=Reduction.SUM_BY_NONZERO_WEIGHTS):  # fmt: skip
    """Mean of a loss that is quadratic up to `delta` and linear beyond."""

    def huber(y, p):
        error = ops.absolute(p - y)
        inner = ops.minimum(error, delta)
        return 0.5 * inner * inner + delta * (error - inner)

    losses = record("HuberLoss", huber, list(_checked(labels, predictions)))
    return compute_weighted_loss(losses, weights, scope, loss_collection, reduction)


def softmax_cross_entropy(onehot_labels, logits, weights=1.0, label_smoothing=0, scope=None,
                          loss_collection=GraphKeys.LOSSES,
                          reduction=Reduction.SUM_BY_NONZERO_WEIGHTS):  # fmt: skip
    """Mean cross entropy of logits with distributions."""
    logits = convert_to_tensor(logits)
    labels = arrays.cast(onehot_labels, logits.dtype)
    if label_smoothing:
        labels = labels * (1 - label_smoothing) + label_smoothing / logits.sizes[-1]
    labels = arrays.stop_gradient(labels)
    losses = nn.softmax_cross_entropy_with_logits_v2(labels, logits)
    return compute_weighted_loss(losses, weights, scope, loss_collection, reduction)


def sparse_softmax_cross_entropy(labels, logits, weights=1.0, scope=None,
                                 loss_collection=GraphKeys.LOSSES,
                                 reduction=Reduction.SUM_BY_NONZERO_WEIGHTS):  # fmt: skip
    """Mean cross entropy of logits with numbers of classes."""
    losses = nn.sparse_softmax_cross_entropy_with_logits(labels=labels, logits=logits)
    return compute_weighted_loss(losses, weights, scope, loss_collection, reduction)


def sigmoid_cross_entropy(multi_class_labels, logits, weights=1.0, label_smoothing=0, scope=None,
                          loss_collection=GraphKeys.LOSSES,
                          reduction=Reduction.SUM_BY_NONZERO_WEIGHTS):  # fmt: skip
    """Mean cross entropy of logits with probabilities."""
    logits = convert_to_tensor(logits)
    labels = arrays.cast(multi_class_labels, logits.dtype)
    if label_smoothing:
        labels = labels * (1 - label_smoothing) + 0.5 * label_smoothing
    losses = nn.sigmoid_cross_entropy_with_logits(labels=labels, logits=logits)
    return compute_weighted_loss(losses, weights, scope, loss_collection, reduction)


def add_loss(loss, loss_collection=GraphKeys.LOSSES):
    """Collect a loss."""
    get_default_graph().add_to_collection(loss_collection, loss)


def get_losses(scope=None, loss_collection=GraphKeys.LOSSES):
    """List of the collected losses."""
    return get_default_graph().get_collection(loss_collection, scope)


def get_regularization_losses(scope=None):
    """List of the losses of regularizers."""
    return get_default_graph().get_collection(GraphKeys.REGULARIZATION_LOSSES, scope)


def get_regularization_loss(scope=None, name="total_regularization_loss"):
    """Sum of the losses of regularizers."""
    losses = get_regularization_losses(scope)
    return products.add_n(losses, name) if losses else convert_to_tensor(0.0)


def get_total_loss(add_regularization_losses=True, name="total_loss", scope=None):
    """Sum of the collected losses."""
    extra = get_regularization_losses(scope) if add_regularization_losses else []
    return products.add_n([*get_losses(scope), *extra], name)
