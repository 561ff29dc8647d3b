"""MelSpectrogram: the power of a signal over time, in bands of the mel scale."""

import numpy

from kerasish import ops, registry
from kerasish.errors import explain
from kerasish.layers.layer import Layer

_MEL_BREAK, _MEL_FACTOR = 700.0, 1127.0  # of the Hidden Markov Model Toolkit: mel 1000 is 1000 Hz


@registry.register("layers")
class MelSpectrogram(Layer):
    """Mel spectrogram: output = 10 log10(power in each mel band / ref_power), frame by frame.

    Args:
        fft_length: int. Samples of a Fourier transform.
        sequence_stride: int. Samples between the starts of frames.
        sequence_length: int. Samples of a frame; `fft_length` when None.
        window: "hann", "hamming", an array (sequence_length,), or None.
        sampling_rate: number. Samples a second.
        num_mel_bins: int. Number of bands.
        min_freq, max_freq: Hz. Where the bands begin and end; the end is half the sampling rate
            when None.
        power_to_db: bool. Decibels instead of power.
        top_db: number. Decibels below the largest one are cut there.
        mag_exp: number. The exponent of the magnitude: 2 for power.
        min_power: number. Power below it counts as it.
        ref_power: number. What 0 decibels are.

    Call arguments:
        inputs: tensor (batch, time) or (time,).

    Returns:
        tensor (batch, num_mel_bins, frames) or (num_mel_bins, frames).

    Raises:
        ValueError: frames longer than `fft_length`.

    Example:
        >>> MelSpectrogram(num_mel_bins=8, fft_length=64, sequence_stride=32)(
        ...     ops.ones((1, 320))
        ... ).shape
        (1, 8, 11)

    Source: Keras 3 names and defaults; the mel scale of the Hidden Markov Model Toolkit.
    """

    def __init__(self, fft_length=2048, sequence_stride=512, sequence_length=None, window="hann",
                 sampling_rate=16000, num_mel_bins=128, min_freq=20.0, max_freq=None,
                 power_to_db=True, top_db=80.0, mag_exp=2.0, min_power=1e-10, ref_power=1.0,
                 **kwargs):  # fmt: skip
        super().__init__(**kwargs)
        self.fft_length, self.sequence_stride = fft_length, sequence_stride
        self.sequence_length = sequence_length or fft_length
        if fft_length < self.sequence_length:
            raise ValueError(
                explain(
                    self.name,
                    "sequence_length exceeds fft_length",
                    received=self.sequence_length,
                    expected=f"at most {fft_length}",
                )
            )
        self.window, self.sampling_rate, self.num_mel_bins = window, sampling_rate, num_mel_bins
        self.min_freq, self.max_freq = min_freq, max_freq or int(sampling_rate / 2)
        self.power_to_db, self.top_db, self.mag_exp = power_to_db, top_db, mag_exp
        self.min_power, self.ref_power = min_power, ref_power

    def call(self, inputs):
        """Transform frame by frame, sum over bands."""
        is_wide = self.compute_dtype in ("float32", "float64")
        inputs = ops.cast(inputs, self.compute_dtype if is_wide else "float32")
        real, imag = ops.stft(inputs, self.sequence_length, self.sequence_stride, self.fft_length,
                              window=self.window, center=True)  # fmt: skip
        magnitude = ops.sqrt(ops.add(ops.square(real), ops.square(imag)))
        bands = self.linear_to_mel_weight_matrix(
            self.num_mel_bins, self.fft_length // 2 + 1, self.sampling_rate, self.min_freq,
            self.max_freq, inputs.dtype,
        )  # fmt: skip
        outputs = ops.matmul(ops.power(magnitude, self.mag_exp), bands)
        if self.power_to_db:
            outputs = self._decibels(outputs)
        return ops.cast(ops.swapaxes(outputs, -1, -2), self.compute_dtype)

    def _decibels(self, power):
        reference = numpy.log10(max(abs(self.ref_power), self.min_power))
        decibels = ops.multiply(ops.log10(ops.maximum(power, self.min_power)), 10.0)
        decibels = ops.subtract(decibels, float(10.0 * reference))
        return ops.maximum(decibels, ops.subtract(ops.max(decibels), self.top_db))

    def linear_to_mel_weight_matrix(self, num_mel_bins=20, num_spectrogram_bins=129,
                                    sampling_rate=8000, lower_edge_hertz=125.0,
                                    upper_edge_hertz=3800.0, dtype="float32"):  # fmt: skip
        """Triangles, evenly spaced in mel, that sum frequencies to bands.

        Args:
            num_mel_bins: int. Number of bands.
            num_spectrogram_bins: int. Frequencies from 0 to half the sampling rate.
            sampling_rate: number. Samples a second.
            lower_edge_hertz, upper_edge_hertz: numbers. Where the bands begin and end.
            dtype: float dtype name.

        Returns:
            tensor (num_spectrogram_bins, num_mel_bins).
        """
        frequencies = numpy.linspace(0.0, sampling_rate / 2.0, num_spectrogram_bins)[1:]
        edges = numpy.linspace(_mel(lower_edge_hertz), _mel(upper_edge_hertz), num_mel_bins + 2)
        lower, center, upper = edges[:-2], edges[1:-1], edges[2:]
        mel = _mel(frequencies)[:, None]
        rising, falling = (mel - lower) / (center - lower), (upper - mel) / (upper - center)
        triangles = numpy.maximum(0.0, numpy.minimum(rising, falling))
        return ops.convert_to_tensor(numpy.pad(triangles, ((1, 0), (0, 0))), dtype)


def _mel(hertz):
    return _MEL_FACTOR * numpy.log(1.0 + hertz / _MEL_BREAK)
