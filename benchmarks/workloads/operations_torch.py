"""Runs single operations as torch calls."""

import torch
import torch.nn.functional as F
from torch import nn

from workloads.keras_runs import call_times
from workloads.operation_cases import OPERATIONS

IMAGES = ("conv", "depthwise_conv", "max_pool", "average_pool", "batch_norm")


class SingleOperation:
    """One operation of torch on the same arrays.

    Args:
        workload: Workload of an Operation.
        variant: dict. `layout` of images.
    """

    def __init__(self, workload, variant):
        operation = OPERATIONS[workload.model]
        arrays = [torch.from_numpy(a) for a in operation.arrays()]
        if operation.function == "adam":
            self.call = adam(*arrays)
            return
        if operation.function in IMAGES:
            layout = variant.get("layout", "channels_last")
            arrays[0] = arrays[0].permute(0, 3, 1, 2)
            if operation.function != "batch_norm" and len(arrays) > 1:
                arrays[1] = arrays[1].permute(3, 2, 0, 1)
                if operation.function == "depthwise_conv":
                    arrays[1] = arrays[1].permute(1, 0, 2, 3)
            memory = torch.channels_last if layout == "channels_last" else torch.contiguous_format
            arrays = [a.contiguous(memory_format=memory) if a.ndim == 4 else a for a in arrays]
        if operation.function in ("lstm", "gru"):
            arrays[1:] = [a.T.contiguous() for a in arrays[1:]]
        forward = FUNCTIONS[operation.function](*arrays, **operation.params)
        if operation.high:
            arrays[0] = arrays[0].long()
        if not dict(workload.options)["gradient"]:
            self.call = torch.inference_mode()(lambda: forward(*arrays))
            return
        trained = arrays[1:] if operation.high else arrays
        for a in trained:
            a.requires_grad = True
        g = torch.ones_like(forward(*arrays))
        self.call = lambda: torch.autograd.grad(forward(*arrays), trained, g)

    def times(self, seconds):
        """Milliseconds of a call, several figures."""
        return call_times(self.call, seconds)


def adam(weights, gradient):
    """An Adam step of one parameter, as a call."""
    parameter = nn.Parameter(weights)
    parameter.grad = gradient
    return torch.optim.Adam([parameter], eps=1e-7, fused=True).step


def conv(x, w, strides, padding):
    size = w.shape[-1]
    pad = size // 2 if padding == "same" else 0
    return lambda x, w: F.conv2d(x, w, stride=strides, padding=pad)


def recurrent(module):
    """torch's own layer, called with other weights; no bias, as ours."""

    def make(x, kernel, recurrent_kernel):
        layer = module(x.shape[2], recurrent_kernel.shape[1], batch_first=True, bias=False)
        names = list(dict(layer.named_parameters()))
        for parameter in layer.parameters():
            parameter.requires_grad = False

        def forward(x, *kernels):
            weights = dict(zip(names, kernels, strict=True))
            return torch.func.functional_call(layer, weights, (x,))[0]

        return forward

    return make


FUNCTIONS = {
    "matmul": lambda *_: torch.matmul,
    "conv": conv,
    "depthwise_conv": lambda *_: lambda x, w: F.conv2d(x, w, padding=1, groups=x.shape[1]),
    "max_pool": lambda *_: lambda x: F.max_pool2d(x, 2),
    "average_pool": lambda *_: lambda x: F.avg_pool2d(x, 2),
    "lstm": recurrent(nn.LSTM),
    "gru": recurrent(nn.GRU),
    "attention": lambda *_: (
        lambda q, k, v: F.scaled_dot_product_attention(
            q.transpose(1, 2), k.transpose(1, 2), v.transpose(1, 2)
        ).transpose(1, 2)
    ),
    "layer_norm": lambda *_: lambda x, a, b: F.layer_norm(x, (x.shape[-1],), a, b, 1e-3),
    "batch_norm": lambda *_: (
        lambda x, a, b: F.batch_norm(x, None, None, a, b, training=True, eps=1e-3)
    ),
    "softmax": lambda *_: lambda x: F.softmax(x, -1),
    "softmax_ce": lambda *_: lambda y, x: F.cross_entropy(x, y, reduction="none"),
    "relu": lambda *_: F.relu,
    "gelu": lambda *_: F.gelu,
    "tanh": lambda *_: torch.tanh,
    "sigmoid": lambda *_: torch.sigmoid,
    "dropout": lambda *_: lambda x: F.dropout(x, 0.5, training=True),
    "embedding": lambda *_: F.embedding,
    "sum_rows": lambda *_: lambda x: x.sum(0),
    "transpose": lambda *_: lambda x: x.transpose(1, 2).contiguous(),
}
