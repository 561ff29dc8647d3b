"""Recurrent, attention, wrapper and embedding layers with inputs: one row a layer."""

from dataclasses import dataclass, field

import numpy as np

from kerasish import layers


@dataclass
class Case:
    """A layer to make, shapes of its inputs, further call arguments.

    Attributes:
        make: function that returns a new layer.
        shapes: shapes of the tensor arguments, batch first.
        kwargs: dict of call arguments that are no tensors.
        mask: bool. Call it with a mask (batch, time).
        as_list: bool. Call it with one list of the tensors.
        integers: int or None. Inputs are ids below this number.
    """

    make: object
    shapes: list
    kwargs: dict = field(default_factory=dict)
    mask: bool = False
    as_list: bool = False
    integers: int | None = None

    def inputs(self):
        """Arrays, the same at every call, the mask last: the second sample ends in padding."""
        rng = np.random.default_rng(3)
        if self.integers:
            return [rng.integers(0, self.integers, shape) for shape in self.shapes]
        arrays = [rng.standard_normal(shape).astype("float32") for shape in self.shapes]
        if self.mask:
            arrays.append(np.ones(self.shapes[0][:2], bool))
            arrays[-1][1, -2:] = False
        return arrays

    def call(self, layer, tensors):
        """What the layer returns for these tensors."""
        kwargs = dict(self.kwargs)
        if self.mask:
            *tensors, kwargs["mask"] = tensors
        return layer(list(tensors), **kwargs) if self.as_list else layer(*tensors, **kwargs)


SEQUENCE = [(3, 5, 4)]
PAIR = [(3, 5, 6), (3, 4, 6)]
_SEQUENCES = {"return_sequences": True, "return_state": True}


def _stacked():
    return layers.RNN([layers.LSTMCell(3), layers.GRUCell(2)], **_SEQUENCES)


CASES = {
    "simple_rnn": Case(lambda: layers.SimpleRNN(3, **_SEQUENCES), SEQUENCE),
    "simple_rnn-relu": Case(lambda: layers.SimpleRNN(3, activation="relu"), SEQUENCE),
    "gru": Case(lambda: layers.GRU(3, **_SEQUENCES), SEQUENCE),
    "gru-masked": Case(lambda: layers.GRU(3, **_SEQUENCES), SEQUENCE, mask=True),
    "gru-reset-before": Case(lambda: layers.GRU(3, reset_after=False), SEQUENCE),
    "gru-hard-sigmoid": Case(
        lambda: layers.GRU(3, recurrent_activation="hard_sigmoid", reset_after=False, **_SEQUENCES),
        SEQUENCE,
        mask=True,
    ),
    "lstm": Case(lambda: layers.LSTM(3, **_SEQUENCES), SEQUENCE),
    "lstm-backwards": Case(lambda: layers.LSTM(3, go_backwards=True, **_SEQUENCES), SEQUENCE),
    "lstm-masked": Case(lambda: layers.LSTM(3, **_SEQUENCES), SEQUENCE, mask=True),
    "lstm-elu": Case(lambda: layers.LSTM(3, activation="elu", **_SEQUENCES), SEQUENCE, mask=True),
    "lstm-no-bias": Case(lambda: layers.LSTM(3, use_bias=False), SEQUENCE),
    "stacked": Case(_stacked, SEQUENCE),
    "stacked-masked": Case(_stacked, SEQUENCE, mask=True),
    "conv_lstm1d": Case(
        lambda: layers.ConvLSTM1D(2, 3, padding="same", return_state=True), [(3, 4, 5, 2)]
    ),
    "conv_lstm2d": Case(
        lambda: layers.ConvLSTM2D(2, 2, strides=(2, 1), return_sequences=True),
        [(3, 3, 4, 3, 2)],
        mask=True,
    ),
    "conv_lstm2d-channels-first": Case(
        lambda: layers.ConvLSTM2D(2, 2, data_format="channels_first"), [(3, 3, 2, 4, 3)]
    ),
    "conv_lstm3d": Case(lambda: layers.ConvLSTM3D(2, 2, go_backwards=True), [(2, 2, 3, 2, 3, 1)]),
    "bidirectional": Case(lambda: layers.Bidirectional(layers.LSTM(3, **_SEQUENCES)), SEQUENCE),
    "bidirectional-none-masked": Case(
        lambda: layers.Bidirectional(layers.GRU(3, **_SEQUENCES), merge_mode=None),
        SEQUENCE,
        mask=True,
    ),
    "time_distributed": Case(lambda: layers.TimeDistributed(layers.Conv1D(3, 2)), [(3, 2, 4, 3)]),
    "time_distributed-masked": Case(
        lambda: layers.TimeDistributed(layers.Dense(3)), SEQUENCE, mask=True
    ),
    "multi_head_attention": Case(lambda: layers.MultiHeadAttention(2, 3, use_gate=True), PAIR),
    "multi_head_attention-causal": Case(
        lambda: layers.MultiHeadAttention(2, 3), PAIR, {"use_causal_mask": True}
    ),
    "multi_head_attention-scores": Case(
        lambda: layers.MultiHeadAttention(2, 3, value_dim=4, output_shape=5, sliding_window=2),
        PAIR,
        {"return_attention_scores": True, "use_causal_mask": True},
    ),
    "multi_head_attention-two-axes": Case(
        lambda: layers.MultiHeadAttention(2, 3, attention_axes=(1, 2)), [(2, 3, 2, 4)] * 2
    ),
    "grouped_query_attention": Case(lambda: layers.GroupQueryAttention(3, 4, 2), PAIR),
    "grouped_query_attention-scores": Case(
        lambda: layers.GroupQueryAttention(3, 4, 2, use_gate=True, use_bias=False),
        PAIR,
        {"return_attention_scores": True},
    ),
    "attention": Case(lambda: layers.Attention(use_scale=True), PAIR, as_list=True),
    "attention-concat": Case(
        lambda: layers.Attention(score_mode="concat"),
        PAIR,
        {"return_attention_scores": True, "use_causal_mask": True},
        as_list=True,
    ),
    "additive_attention": Case(lambda: layers.AdditiveAttention(), PAIR, as_list=True),
    "embedding": Case(lambda: layers.Embedding(9, 4), [(3, 5)], integers=9),
    "masking": Case(lambda: layers.Masking(0.5), SEQUENCE),
}
