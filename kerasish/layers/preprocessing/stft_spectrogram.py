"""STFTSpectrogram: the frequencies of a signal over time, as a convolution that can be trained."""

import warnings

from kerasish import ops, registry
from kerasish.arrays import dtypes
from kerasish.config import settings, standardize_data_format
from kerasish.errors import explain
from kerasish.initializers import STFT
from kerasish.layers.input_spec import InputSpec
from kerasish.layers.layer import Layer

_CHOICES = {
    "mode": ("log", "magnitude", "psd", "real", "imag", "angle", "stft"),
    "scaling": ("density", "spectrum", None),
    "padding": ("valid", "same"),
}


@registry.register("layers")
class STFTSpectrogram(Layer):
    """Short-time Fourier transform: sum over k of inputs[t + k] * window[k] * exp(-2 pi i k f).

    Args:
        mode: "log" (log of the magnitude), "magnitude", "psd" (its square, inner frequencies
            counted twice), "real", "imag", "angle", or "stft" (real and imaginary parts).
        frame_length: int. Samples of a frame.
        frame_step: int. Samples between the starts of frames; half a frame when None.
        fft_length: int. Frequencies are f / fft_length; the next power of 2 when None.
        window: name of a cosine window, array (frame_length,), or None.
        periodic: bool. The window continues periodically instead of being symmetric.
        scaling: "density" (by the window's L2 norm), "spectrum" (by its sum) or None.
        padding: "valid" or "same".
        expand_dims: bool. Keep the channels on an axis of their own.
        data_format: "channels_last" or "channels_first"; the global one when None.

    Call arguments:
        inputs: float tensor (batch, time, channels), or channels first.

    Returns:
        tensor (batch, frames, channels * frequencies), with channels first (batch, channels *
        frequencies, frames); expanded (batch, frames, frequencies, channels) or
        (batch, channels, frames, frequencies).

    Raises:
        ValueError: arguments that do not fit. TypeError: inputs that are no floats.

    Example:
        >>> STFTSpectrogram(frame_length=16)(ops.ones((1, 64, 1))).shape
        (1, 7, 9)

    Source: Cheuk et al., "nnAudio", 2020; Keras 3 names and defaults.
    """

    def __init__(self, mode="log", frame_length=256, frame_step=None, fft_length=None,
                 window="hann", periodic=False, scaling="density", padding="valid",
                 expand_dims=False, data_format=None, **kwargs):  # fmt: skip
        super().__init__(**kwargs)
        given = {"mode": mode, "scaling": scaling, "padding": padding}
        problems = [
            (f"unknown {key}", value, str(_CHOICES[key]))
            for key, value in given.items()
            if value not in _CHOICES[key]
        ]
        if frame_step is not None and not 1 <= frame_step <= frame_length:
            problems.append(("unusable frame_step", frame_step, f"1 to {frame_length}"))
        if fft_length is not None and fft_length < frame_length:
            problems.append(("fft_length is below frame_length", fft_length, str(frame_length)))
        for problem, received, expected in problems:
            raise ValueError(explain(self.name, problem, received=received, expected=expected))
        if fft_length is not None and fft_length & (fft_length - 1):
            warnings.warn(
                f"{self.name}: fft_length={fft_length} is not a power of two", stacklevel=2
            )
        self.mode, self.frame_length, self.frame_step = mode, frame_length, frame_step
        self.fft_length, self.window, self.periodic = fft_length, window, periodic
        self.scaling, self.padding, self.expand_dims = scaling, padding, expand_dims
        self.data_format = standardize_data_format(data_format)
        self._step = frame_step or frame_length // 2
        size = fft_length or 1 << (frame_length - 1).bit_length()
        self._frequencies = size // 2 + 1
        self._initializers = {side: STFT(side, window, scaling, periodic)
                              for side in ("real", "imag")}  # fmt: skip
        self.input_spec = InputSpec(ndim=3)

    def build(self, input_shape):
        """Make `real_kernel` and `imag_kernel`, those of the two that the mode needs."""
        shape = (self.frame_length, 1, self._frequencies)
        for side, unneeded in (("real", "imag"), ("imag", "real")):
            if self.mode != unneeded:
                name = f"{side}_kernel"
                setattr(self, name, self.add_weight(shape, self._initializers[side], name=name))

    def call(self, inputs):
        """Convolve, and take what the mode asks for."""
        if not dtypes.is_float(inputs.dtype):
            raise TypeError(explain(self.path, "inputs must be floats", received=inputs.dtype))
        if self.data_format == "channels_last":
            inputs = ops.transpose(inputs, (0, 2, 1))
        if self.mode in ("real", "imag"):
            return self._arranged(self._convolved(inputs, getattr(self, f"{self.mode}_kernel")))
        real = self._convolved(inputs, self.real_kernel)
        imag = self._convolved(inputs, self.imag_kernel)
        if self.mode == "angle":
            return self._arranged(ops.arctan2(imag, real))
        if self.mode == "stft":
            return self._arranged(ops.concatenate([real, imag], axis=-1))
        power = ops.add(ops.square(real), ops.square(imag))
        if self.mode == "psd":
            inner = ops.pad(power[..., 1:-1], ((0, 0), (0, 0), (0, 0), (1, 1)))
            return self._arranged(ops.add(power, inner))
        magnitude = self._arranged(ops.sqrt(ops.maximum(power, settings.epsilon)))
        if self.mode == "magnitude":
            return magnitude
        return ops.log(ops.maximum(magnitude, settings.epsilon))

    def _convolved(self, inputs, kernel):
        """(batch, channels, frames, frequencies) of inputs (batch, channels, time)."""
        channels, time = ops.shape(inputs)[1:]
        signals = ops.reshape(inputs, (-1, time, 1))
        outputs = ops.conv(
            signals,
            ops.cast(kernel, inputs.dtype),
            strides=self._step,
            padding=self.padding,
            data_format="channels_last",
        )
        return ops.reshape(outputs, (-1, channels, *ops.shape(outputs)[1:]))

    def _arranged(self, x):
        """(batch, channels, frames, frequencies) in the order of axes that is asked for."""
        is_last = self.data_format == "channels_last"
        if self.expand_dims:
            return ops.transpose(x, (0, 2, 3, 1)) if is_last else x
        channels, frames, frequencies = ops.shape(x)[1:]
        if is_last:
            x = ops.transpose(x, (0, 2, 1, 3))
            return ops.reshape(x, (-1, frames, channels * frequencies))
        return ops.reshape(ops.swapaxes(x, 2, 3), (-1, channels * frequencies, frames))
