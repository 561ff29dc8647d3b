"""Runs a workload as a plain torch loop, eager or compiled."""

import time

import torch
import torch.nn.functional as F

from workloads import arrays, torch_models
from workloads.keras_runs import call_times, epoch_milliseconds

IMAGES = ("convnet", "resnet")


class TorchRun:
    """A module with its data, ready to be timed: the loop a torch user writes.

    A step gathers its batch from the data by shuffled indices, and keeps the sums of loss and
    hits on the device without waiting for them: what `fit` with the metric accuracy does too.

    Args:
        workload: Workload.
        variant: dict. `layout` of images; `compiled`; `optimizer`: "fused" or "compiled".
    """

    def __init__(self, workload, variant):
        self.workload, self.layout = workload, variant.get("layout", "channels_last")
        torch.manual_seed(1)
        self.module = torch_models.build(workload)
        count = workload.batch * workload.steps if workload.measure == "train" else 1
        x, y = arrays.data_set(workload, count)
        self.x, self.y = torch.from_numpy(x), torch.from_numpy(y).long()
        if workload.model in IMAGES:
            if self.layout == "channels_last":
                self.module = self.module.to(memory_format=torch.channels_last)
            else:
                self.x = self.x.permute(0, 3, 1, 2).contiguous()
        self.sample = self.x[:1].numpy()
        if workload.measure != "train":
            self.module.eval()
        trained = [p for p in self.module.parameters() if p.requires_grad]
        fused = variant.get("optimizer", "fused") == "fused"
        self.optimizer = torch.optim.Adam(trained, eps=1e-7, fused=fused)
        self.forward, self.update = self._forward, self.optimizer.step
        if variant.get("compiled"):
            self.forward = torch.compile(self._forward)
            self.module = self.module if workload.measure == "train" else torch.compile(self.module)
            if not fused:
                self.update = torch.compile(self.optimizer.step)

    def _forward(self, x, y):
        logits = self.module(x)
        return F.cross_entropy(logits, y), logits

    def _images(self, x):
        """Images as torch wants them; a view, whichever layout they lie in."""
        return x.permute(0, 3, 1, 2) if self._lies_by_pixels() else x

    def _lies_by_pixels(self):
        return self.workload.model in IMAGES and self.layout == "channels_last"

    def _epoch(self, order, steps):
        """Train `steps` steps; the mean loss."""
        loss_sum, hits = torch.zeros(()), torch.zeros((), dtype=torch.long)
        batch = self.workload.batch
        for i in range(steps):
            indices = order[i * batch : (i + 1) * batch]
            x, y = self._images(self.x[indices]), self.y[indices]
            self.optimizer.zero_grad(set_to_none=True)
            loss, logits = self.forward(x, y)
            loss.backward()
            self.update()
            loss_sum += loss.detach()
            hits += (logits.detach().argmax(1) == y).sum()
        hits.item()
        return loss_sum.item() / steps

    def first_losses(self, steps=(20, 20)):
        """Mean losses of the first steps, in the order of the data: the same for everyone."""
        order = torch.arange(len(self.x))
        return [self._epoch(order, min(count, self.workload.steps)) for count in steps]

    def times(self, seconds):
        """Milliseconds of a step (or a call), one figure for each epoch (or run of calls)."""
        if self.workload.measure != "train":
            return call_times(self._predict, seconds)
        ends = []

        def watch():
            ends.append(time.perf_counter())
            return len(ends) > 1 and ends[-1] - ends[0] >= seconds

        self.train(1_000_000, watch)
        return epoch_milliseconds(ends, self.workload.steps)

    def train(self, epochs, watch):
        """At most `epochs`; `watch()` is called after each, and stops if true."""
        for _ in range(epochs):
            self._epoch(torch.randperm(len(self.x)), self.workload.steps)
            if watch():
                return

    def _predict(self):
        """From a NumPy sample to NumPy scores, without recording gradients."""
        with torch.inference_mode():
            return self.module(self._images(torch.from_numpy(self.sample))).numpy()
