"""Spectrograms against sums that Keras 3.15 gave, and against NumPy's Fourier transform."""

import numpy as np
import pytest

from kerasish import layers

LAST, FIRST = "channels_last", "channels_first"
FRAMES = {"frame_length": 16, "frame_step": 8, "fft_length": 16}

# mode, padding, data_format, expand_dims, shape, sum of the output, sum weighted by cos(0, 1, ...)
STFT = [
    ("log", "valid", LAST, True, (2, 4, 9, 2), -68.004150390625, -8.434056160277498),
    ("magnitude", "valid", LAST, False, (2, 4, 18), 110.03364562988281, -0.8665438458178205),
    ("psd", "valid", LAST, False, (2, 4, 18), 193.0415496826172, -3.6539887198572965),
    ("real", "valid", LAST, True, (2, 4, 9, 2), -2.285177230834961, 6.726589413762321),
    ("imag", "valid", LAST, False, (2, 4, 18), -2.143842935562134, -3.0504212835687667),
    ("stft", "valid", LAST, True, (2, 4, 18, 2), -4.429018020629883, 14.239189843256137),
    ("log", "same", FIRST, True, (2, 2, 5, 9), -77.04608154296875, -5.39347906690422),
    ("magnitude", "same", FIRST, False, (2, 18, 5), 141.08274841308594, -5.65010302058291),
    ("psd", "same", FIRST, False, (2, 18, 5), 266.9537658691406, -23.64596314380379),
    ("real", "same", FIRST, True, (2, 2, 5, 9), 3.4236543178558350, -4.0275295092858165),
    ("imag", "same", FIRST, False, (2, 18, 5), 0.4404694437980652, -1.0635506310796983),
    ("stft", "same", FIRST, True, (2, 2, 5, 18), 3.8641233444213867, 4.132777772330418),
]

MEL = [
    ({}, 4435.02392578125, -22.97957613791366),
    ({"power_to_db": False}, 23625.900390625, -827.3966056673871),
    ({"mag_exp": 1.0}, 2854.94287109375, -12.322310231506883),
    ({"window": "hamming"}, 4500.4619140625, -20.52886596690989),
    ({"window": None}, 5466.376953125, -1.149928768891229),
    ({"sequence_length": 48}, 4116.7607421875, -26.962329981666187),
    ({"ref_power": 2.0, "top_db": 20.0}, 3748.67529296875, -27.51423588168238),
    ({"max_freq": 400}, 4194.283203125, -54.59481003535337),
]


def signal(shape):
    return np.random.RandomState(1).standard_normal(shape).astype("float32")


def check_sums(output, total, weighted):
    values = np.asarray(output, "float64").ravel()
    np.testing.assert_allclose(values.sum(), total, rtol=1e-5, atol=1e-4)
    np.testing.assert_allclose((values * np.cos(np.arange(values.size))).sum(), weighted, rtol=1e-4)


@pytest.mark.parametrize("row", STFT, ids=lambda row: "-".join(map(str, row[:4])))
def test_stft_sums(row):
    mode, padding, data_format, expand_dims, shape, total, weighted = row
    layer = layers.STFTSpectrogram(
        mode, padding=padding, data_format=data_format, expand_dims=expand_dims, **FRAMES
    )
    output = layer(signal((2, 40, 2) if data_format == LAST else (2, 2, 40)))
    assert output.shape == shape
    check_sums(output, total, weighted)


def test_stft_angle_is_that_of_the_fourier_transform():
    x = signal((2, 40, 1))
    output = layers.STFTSpectrogram("angle", window=None, scaling=None, **FRAMES)(x).numpy()
    frames = np.stack([x[:, i : i + 16, 0] for i in range(0, 25, 8)], axis=1)
    expected = np.angle(np.fft.rfft(frames))
    inner = slice(1, 8)  # at the ends the imaginary part is a rounding error, and so is its sign
    np.testing.assert_allclose(output[..., inner], expected[..., inner], atol=1e-4)


@pytest.mark.parametrize(("arguments", "total", "weighted"), MEL)
def test_mel_sums(arguments, total, weighted):
    layer = layers.MelSpectrogram(
        fft_length=64, sequence_stride=16, sampling_rate=1000, num_mel_bins=6, min_freq=10.0,
        **arguments,
    )  # fmt: skip
    output = layer(signal((2, 300)))
    assert output.shape == (2, 6, 19)
    check_sums(output, total, weighted)
    assert layer(signal(300)).shape == (6, 19)


def test_mel_triangles():
    triangles = layers.MelSpectrogram().linear_to_mel_weight_matrix().numpy()
    assert triangles.shape == (129, 20)
    assert triangles.min() == 0
    assert 0.8 < triangles.max() <= 1
    assert (np.diff(triangles.argmax(0)) > 0).all()
    assert not triangles[0].any()


@pytest.mark.parametrize(
    ("make", "error", "problem"),
    [
        (lambda: layers.STFTSpectrogram("loud"), ValueError, "unknown mode"),
        (lambda: layers.STFTSpectrogram(scaling="x"), ValueError, "unknown scaling"),
        (lambda: layers.STFTSpectrogram(padding="full"), ValueError, "unknown padding"),
        (lambda: layers.STFTSpectrogram(window="magic"), ValueError, "unknown window"),
        (lambda: layers.STFTSpectrogram(frame_length=8, frame_step=9), ValueError, "frame_step"),
        (lambda: layers.STFTSpectrogram(frame_length=8, fft_length=4), ValueError, "fft_length"),
        (lambda: layers.STFTSpectrogram()(np.ones((1, 512, 1), int)), TypeError, "must be floats"),
        (lambda: layers.MelSpectrogram(64, sequence_length=65), ValueError, "exceeds fft_length"),
    ],
)
def test_bad_arguments_are_explained(make, error, problem):
    with pytest.raises(error, match=problem):
        make()


def test_an_odd_transform_length_warns():
    with pytest.warns(UserWarning, match="not a power of two"):
        layers.STFTSpectrogram(frame_length=8, fft_length=12)
