"""The models as torch modules, written the fastest way torch offers for the same mathematics."""

import numpy
import torch
import torch.nn.functional as F
from torch import nn

from workloads import arrays


def build(workload):
    """A module with the common initial weights; images are (batch, channels, rows, columns)."""
    module = BUILDERS[workload.model](**dict(workload.options))
    with torch.no_grad():
        for name, layer in module.named_children():
            load(name, layer)
        if workload.model == "convnet":
            # Keras flattens pixel by pixel, torch channel by channel.
            weight = module.logits.weight
            weight.copy_(weight.reshape(10, 5, 5, 64).permute(0, 3, 1, 2).reshape(10, 1600))
    return module


def load(name, layer):
    """Copy the common initial weights of the Keras layer of this name into a torch layer."""

    def value(shape, index=0):
        return torch.from_numpy(arrays.initial_weight(name, index, numpy.empty(shape, "float32")))

    if isinstance(layer, nn.Linear):
        layer.weight.copy_(value((layer.in_features, layer.out_features)).T)
        layer.bias.zero_()
    elif isinstance(layer, nn.Conv2d):
        shape = (*layer.kernel_size, layer.in_channels, layer.out_channels)
        layer.weight.copy_(value(shape).permute(3, 2, 0, 1))
        if layer.bias is not None:
            layer.bias.zero_()
    elif isinstance(layer, nn.Embedding):
        layer.weight.copy_(value(tuple(layer.weight.shape)))
    elif isinstance(layer, nn.LSTM):
        units = layer.hidden_size
        layer.weight_ih_l0.copy_(value((layer.input_size, 4 * units)).T)
        layer.weight_hh_l0.copy_(value((units, 4 * units), 1).T)
        layer.bias_ih_l0.zero_()
        layer.bias_ih_l0[units : 2 * units] = 1  # Keras's unit_forget_bias
        layer.bias_hh_l0.zero_()
        layer.bias_hh_l0.requires_grad = False  # Keras has one bias
    elif isinstance(layer, Attention):
        kernels = [value((256, 4, 64), i).reshape(256, 256) for i in (0, 2, 4)]
        layer.qkv.weight.copy_(torch.cat(kernels, 1).T)
        layer.output.weight.copy_(value((4, 64, 256), 6).reshape(256, 256).T)
        layer.qkv.bias.zero_()
        layer.output.bias.zero_()


class Named(nn.Sequential):
    """A chain of layers, those with weights named as in `keras_models`."""

    def __init__(self, *layers):
        super().__init__()
        for i, layer in enumerate(layers):
            name, layer = layer if isinstance(layer, tuple) else (f"layer{i}", layer)
            self.add_module(name, layer)


def mlp(sizes):
    layers = []
    for i, (n, m) in enumerate(zip(sizes[:-2], sizes[1:-1], strict=True)):
        layers += [(f"dense{i}", nn.Linear(n, m)), nn.ReLU()]
    return Named(*layers, ("logits", nn.Linear(*sizes[-2:])))


def convnet():
    return Named(
        ("conv0", nn.Conv2d(1, 32, 3)),
        nn.ReLU(),
        nn.MaxPool2d(2),
        ("conv1", nn.Conv2d(32, 64, 3)),
        nn.ReLU(),
        nn.MaxPool2d(2),
        nn.Flatten(),
        nn.Dropout(0.5),
        ("logits", nn.Linear(1600, 10)),
    )


class ResNet(nn.Module):
    """ResNet-20; padding is symmetric, which is torch's own and moves strided windows by one."""

    def __init__(self):
        super().__init__()
        self.blocks = []
        self.make("first", 3, 16, 3, 1)
        width = 16
        for stage, filters in enumerate((16, 32, 64)):
            for block in range(3):
                stride, name = (2 if stage and block == 0 else 1), f"{stage}{block}"
                self.make(f"{name}a", width, filters, 3, stride)
                self.make(f"{name}b", filters, filters, 3, 1)
                if stride == 2:
                    self.make(f"{name}c", width, filters, 1, stride)
                self.blocks.append((name, stride))
                width = filters
        self.logits = nn.Linear(64, 10)

    def make(self, name, inputs, outputs, size, stride):
        convolution = nn.Conv2d(inputs, outputs, size, stride, size // 2, bias=False)
        self.add_module(f"conv_{name}", convolution)
        self.add_module(f"bn_{name}", nn.BatchNorm2d(outputs, eps=1e-3, momentum=0.01))

    def unit(self, name, x):
        return getattr(self, f"bn_{name}")(getattr(self, f"conv_{name}")(x))

    def forward(self, x):
        x = F.relu(self.unit("first", x), inplace=True)
        for name, stride in self.blocks:
            y = F.relu(self.unit(f"{name}a", x), inplace=True)
            y = self.unit(f"{name}b", y)
            if stride == 2:
                x = self.unit(f"{name}c", x)
            x = F.relu(x + y, inplace=True)
        return self.logits(x.mean((2, 3)))


class Lstm(nn.Module):
    def __init__(self):
        super().__init__()
        self.lstm = nn.LSTM(64, 128, batch_first=True)
        self.logits = nn.Linear(128, 10)

    def forward(self, x):
        _, (h, _) = self.lstm(x)
        return self.logits(h[0])


class Attention(nn.Module):
    """Four heads of 64 with one product for queries, keys and values, and torch's own kernel."""

    def __init__(self):
        super().__init__()
        self.qkv = nn.Linear(256, 768)
        self.output = nn.Linear(256, 256)

    def forward(self, x):
        batch, length, width = x.shape
        q, k, v = self.qkv(x).view(batch, length, 3, 4, 64).permute(2, 0, 3, 1, 4)
        y = F.scaled_dot_product_attention(q, k, v)
        return self.output(y.transpose(1, 2).reshape(batch, length, width))


class Transformer(nn.Module):
    def __init__(self):
        super().__init__()
        self.embedding = nn.Embedding(arrays.VOCABULARY, 256)
        for i in range(2):
            self.add_module(f"attention{i}", Attention())
            self.add_module(f"norm{i}a", nn.LayerNorm(256, eps=1e-3))
            self.add_module(f"up{i}", nn.Linear(256, 1024))
            self.add_module(f"down{i}", nn.Linear(1024, 256))
            self.add_module(f"norm{i}b", nn.LayerNorm(256, eps=1e-3))
        self.logits = nn.Linear(256, 10)

    def forward(self, x):
        x = self.embedding(x)
        for i in range(2):
            x = getattr(self, f"norm{i}a")(x + getattr(self, f"attention{i}")(x))
            y = getattr(self, f"down{i}")(F.gelu(getattr(self, f"up{i}")(x)))
            x = getattr(self, f"norm{i}b")(x + y)
        return self.logits(x.mean(1))


BUILDERS = {
    "mlp": mlp,
    "convnet": convnet,
    "resnet": ResNet,
    "lstm": Lstm,
    "transformer": Transformer,
}
