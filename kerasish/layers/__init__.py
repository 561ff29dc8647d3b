"""Every layer under its Keras name, and layers by name or config."""

from kerasish import registry
from kerasish.errors import explain
from kerasish.layers.activations.activation import Activation
from kerasish.layers.activations.elu import ELU
from kerasish.layers.activations.leaky_relu import LeakyReLU
from kerasish.layers.activations.prelu import PReLU
from kerasish.layers.activations.relu import ReLU
from kerasish.layers.activations.softmax import Softmax
from kerasish.layers.attention.additive_attention import AdditiveAttention
from kerasish.layers.attention.attention import Attention
from kerasish.layers.attention.grouped_query_attention import GroupedQueryAttention
from kerasish.layers.attention.multi_head_attention import MultiHeadAttention
from kerasish.layers.convolutional.conv import Conv1D, Conv2D, Conv3D
from kerasish.layers.convolutional.conv_transpose import (
    Conv1DTranspose,
    Conv2DTranspose,
    Conv3DTranspose,
)
from kerasish.layers.convolutional.depthwise_conv import DepthwiseConv1D, DepthwiseConv2D
from kerasish.layers.convolutional.separable_conv import SeparableConv1D, SeparableConv2D
from kerasish.layers.core.dense import Dense
from kerasish.layers.core.einsum_dense import EinsumDense
from kerasish.layers.core.identity import Identity
from kerasish.layers.core.input_layer import Input, InputLayer
from kerasish.layers.core.lambda_layer import Lambda
from kerasish.layers.embedding.embedding import Embedding
from kerasish.layers.embedding.masking import Masking
from kerasish.layers.embedding.reversible_embedding import ReversibleEmbedding
from kerasish.layers.input_spec import InputSpec
from kerasish.layers.layer import Layer
from kerasish.layers.merging.add import Add, add
from kerasish.layers.merging.average import Average, average
from kerasish.layers.merging.concatenate import Concatenate, concatenate
from kerasish.layers.merging.dot import Dot, dot
from kerasish.layers.merging.maximum import Maximum, maximum
from kerasish.layers.merging.minimum import Minimum, minimum
from kerasish.layers.merging.multiply import Multiply, multiply
from kerasish.layers.merging.subtract import Subtract, subtract
from kerasish.layers.normalization.batch_normalization import BatchNormalization
from kerasish.layers.normalization.group_normalization import GroupNormalization
from kerasish.layers.normalization.layer_normalization import LayerNormalization
from kerasish.layers.normalization.rms_normalization import RMSNormalization
from kerasish.layers.normalization.spectral_normalization import SpectralNormalization
from kerasish.layers.normalization.unit_normalization import UnitNormalization
from kerasish.layers.pooling.adaptive_average_pooling import (
    AdaptiveAveragePooling1D,
    AdaptiveAveragePooling2D,
    AdaptiveAveragePooling3D,
)
from kerasish.layers.pooling.adaptive_max_pooling import (
    AdaptiveMaxPooling1D,
    AdaptiveMaxPooling2D,
    AdaptiveMaxPooling3D,
)
from kerasish.layers.pooling.average_pooling import (
    AveragePooling1D,
    AveragePooling2D,
    AveragePooling3D,
)
from kerasish.layers.pooling.global_average_pooling import (
    GlobalAveragePooling1D,
    GlobalAveragePooling2D,
    GlobalAveragePooling3D,
)
from kerasish.layers.pooling.global_max_pooling import (
    GlobalMaxPooling1D,
    GlobalMaxPooling2D,
    GlobalMaxPooling3D,
)
from kerasish.layers.pooling.max_pooling import MaxPooling1D, MaxPooling2D, MaxPooling3D
from kerasish.layers.preprocessing.aug_mix import AugMix
from kerasish.layers.preprocessing.auto_contrast import AutoContrast
from kerasish.layers.preprocessing.category_encoding import CategoryEncoding
from kerasish.layers.preprocessing.center_crop import CenterCrop
from kerasish.layers.preprocessing.clahe import ContrastLimitedAdaptiveHistogramEqualization
from kerasish.layers.preprocessing.cut_mix import CutMix
from kerasish.layers.preprocessing.discretization import Discretization
from kerasish.layers.preprocessing.equalization import Equalization
from kerasish.layers.preprocessing.hashed_crossing import HashedCrossing
from kerasish.layers.preprocessing.hashing import Hashing
from kerasish.layers.preprocessing.integer_lookup import IntegerLookup
from kerasish.layers.preprocessing.max_num_bounding_boxes import MaxNumBoundingBoxes
from kerasish.layers.preprocessing.mel_spectrogram import MelSpectrogram
from kerasish.layers.preprocessing.mix_up import MixUp
from kerasish.layers.preprocessing.normalization import Normalization
from kerasish.layers.preprocessing.pipeline import Pipeline
from kerasish.layers.preprocessing.rand_augment import RandAugment
from kerasish.layers.preprocessing.random_brightness import RandomBrightness
from kerasish.layers.preprocessing.random_color_degeneration import RandomColorDegeneration
from kerasish.layers.preprocessing.random_color_jitter import RandomColorJitter
from kerasish.layers.preprocessing.random_contrast import RandomContrast
from kerasish.layers.preprocessing.random_crop import RandomCrop
from kerasish.layers.preprocessing.random_elastic_transform import RandomElasticTransform
from kerasish.layers.preprocessing.random_erasing import RandomErasing
from kerasish.layers.preprocessing.random_flip import RandomFlip
from kerasish.layers.preprocessing.random_gaussian_blur import RandomGaussianBlur
from kerasish.layers.preprocessing.random_grayscale import RandomGrayscale
from kerasish.layers.preprocessing.random_hue import RandomHue
from kerasish.layers.preprocessing.random_invert import RandomInvert
from kerasish.layers.preprocessing.random_perspective import RandomPerspective
from kerasish.layers.preprocessing.random_posterization import RandomPosterization
from kerasish.layers.preprocessing.random_rotation import RandomRotation
from kerasish.layers.preprocessing.random_saturation import RandomSaturation
from kerasish.layers.preprocessing.random_sharpness import RandomSharpness
from kerasish.layers.preprocessing.random_shear import RandomShear
from kerasish.layers.preprocessing.random_translation import RandomTranslation
from kerasish.layers.preprocessing.random_zoom import RandomZoom
from kerasish.layers.preprocessing.rescaling import Rescaling
from kerasish.layers.preprocessing.resizing import Resizing
from kerasish.layers.preprocessing.solarization import Solarization
from kerasish.layers.preprocessing.stft_spectrogram import STFTSpectrogram
from kerasish.layers.preprocessing.string_lookup import StringLookup
from kerasish.layers.preprocessing.text_vectorization import TextVectorization
from kerasish.layers.recurrent.conv_lstm import ConvLSTM1D, ConvLSTM2D, ConvLSTM3D
from kerasish.layers.recurrent.gru import GRU
from kerasish.layers.recurrent.gru_cell import GRUCell
from kerasish.layers.recurrent.lstm import LSTM
from kerasish.layers.recurrent.lstm_cell import LSTMCell
from kerasish.layers.recurrent.rnn import RNN
from kerasish.layers.recurrent.simple_rnn import SimpleRNN
from kerasish.layers.recurrent.simple_rnn_cell import SimpleRNNCell
from kerasish.layers.recurrent.stacked_rnn_cells import StackedRNNCells
from kerasish.layers.regularization.activity_regularization import ActivityRegularization
from kerasish.layers.regularization.alpha_dropout import AlphaDropout
from kerasish.layers.regularization.dropout import Dropout
from kerasish.layers.regularization.gaussian_dropout import GaussianDropout
from kerasish.layers.regularization.gaussian_noise import GaussianNoise
from kerasish.layers.regularization.spatial_dropout import (
    SpatialDropout1D,
    SpatialDropout2D,
    SpatialDropout3D,
)
from kerasish.layers.reshaping.cropping import Cropping1D, Cropping2D, Cropping3D
from kerasish.layers.reshaping.flatten import Flatten
from kerasish.layers.reshaping.permute import Permute
from kerasish.layers.reshaping.repeat_vector import RepeatVector
from kerasish.layers.reshaping.reshape import Reshape
from kerasish.layers.reshaping.up_sampling import UpSampling1D, UpSampling2D, UpSampling3D
from kerasish.layers.reshaping.zero_padding import ZeroPadding1D, ZeroPadding2D, ZeroPadding3D
from kerasish.layers.wrappers.bidirectional import Bidirectional
from kerasish.layers.wrappers.time_distributed import TimeDistributed
from kerasish.layers.wrappers.wrapper import Wrapper
from kerasish.saving.serialization import deserialize_keras_object, serialize_keras_object

AvgPool1D, AvgPool2D, AvgPool3D = AveragePooling1D, AveragePooling2D, AveragePooling3D
MaxPool1D, MaxPool2D, MaxPool3D = MaxPooling1D, MaxPooling2D, MaxPooling3D
GlobalAvgPool1D, GlobalMaxPool1D = GlobalAveragePooling1D, GlobalMaxPooling1D
GlobalAvgPool2D, GlobalMaxPool2D = GlobalAveragePooling2D, GlobalMaxPooling2D
GlobalAvgPool3D, GlobalMaxPool3D = GlobalAveragePooling3D, GlobalMaxPooling3D
Convolution1D, Convolution2D, Convolution3D = Conv1D, Conv2D, Conv3D
Convolution1DTranspose, Convolution2DTranspose = Conv1DTranspose, Conv2DTranspose
Convolution3DTranspose = Conv3DTranspose
GroupQueryAttention = GroupedQueryAttention  # Keras exports it under this name
SeparableConvolution1D, SeparableConvolution2D = SeparableConv1D, SeparableConv2D


def serialize(layer):
    """Config dict of a layer: its class and constructor arguments.

    Args:
        layer: Layer.

    Returns:
        dict, JSON-ready.

    Example:
        >>> serialize(ReLU())["class_name"]
        'ReLU'

    Source: Keras 3 names and config form.
    """
    return serialize_keras_object(layer)


def deserialize(config, custom_objects=None):
    """Layer from what `serialize`, or Keras, returned.

    Args:
        config: dict.
        custom_objects: dict from name to class or function.

    Returns:
        Layer.

    Raises:
        ValueError: an unknown class.
        TypeError: the config of something else than a layer.

    Example:
        >>> deserialize({"class_name": "Dense", "config": {"units": 3}}).units
        3

    Source: Keras 3 names and config form.
    """
    found = deserialize_keras_object(config, custom_objects)
    if not isinstance(found, Layer):
        raise TypeError(explain("layers.deserialize", "not the config of a layer", received=config))
    return found


def get(identifier):
    """Layer from a layer, a config dict, or the name of a class that needs no arguments.

    Args:
        identifier: Layer, dict, str or None.

    Returns:
        Layer, or None for None.

    Raises:
        ValueError: an unknown name (the nearest one is offered).

    Example:
        >>> type(get("Flatten")).__name__
        'Flatten'
    """
    if identifier is None or isinstance(identifier, Layer):
        return identifier
    if isinstance(identifier, str):
        return registry.lookup("layers", identifier, where="layers.get")()
    return deserialize(identifier)


__all__ = [
    "ELU",
    "GRU",
    "LSTM",
    "RNN",
    "Activation",
    "ActivityRegularization",
    "AdaptiveAveragePooling1D",
    "AdaptiveAveragePooling2D",
    "AdaptiveAveragePooling3D",
    "AdaptiveMaxPooling1D",
    "AdaptiveMaxPooling2D",
    "AdaptiveMaxPooling3D",
    "Add",
    "AdditiveAttention",
    "AlphaDropout",
    "Attention",
    "AugMix",
    "AutoContrast",
    "Average",
    "AveragePooling1D",
    "AveragePooling2D",
    "AveragePooling3D",
    "AvgPool1D",
    "AvgPool2D",
    "AvgPool3D",
    "BatchNormalization",
    "Bidirectional",
    "CategoryEncoding",
    "CenterCrop",
    "Concatenate",
    "ContrastLimitedAdaptiveHistogramEqualization",
    "Conv1D",
    "Conv1DTranspose",
    "Conv2D",
    "Conv2DTranspose",
    "Conv3D",
    "Conv3DTranspose",
    "ConvLSTM1D",
    "ConvLSTM2D",
    "ConvLSTM3D",
    "Convolution1D",
    "Convolution1DTranspose",
    "Convolution2D",
    "Convolution2DTranspose",
    "Convolution3D",
    "Convolution3DTranspose",
    "Cropping1D",
    "Cropping2D",
    "Cropping3D",
    "CutMix",
    "Dense",
    "DepthwiseConv1D",
    "DepthwiseConv2D",
    "Discretization",
    "Dot",
    "Dropout",
    "EinsumDense",
    "Embedding",
    "Equalization",
    "Flatten",
    "GRUCell",
    "GaussianDropout",
    "GaussianNoise",
    "GlobalAveragePooling1D",
    "GlobalAveragePooling2D",
    "GlobalAveragePooling3D",
    "GlobalAvgPool1D",
    "GlobalAvgPool2D",
    "GlobalAvgPool3D",
    "GlobalMaxPool1D",
    "GlobalMaxPool2D",
    "GlobalMaxPool3D",
    "GlobalMaxPooling1D",
    "GlobalMaxPooling2D",
    "GlobalMaxPooling3D",
    "GroupNormalization",
    "GroupQueryAttention",
    "HashedCrossing",
    "Hashing",
    "Identity",
    "Input",
    "InputLayer",
    "InputSpec",
    "IntegerLookup",
    "LSTMCell",
    "Lambda",
    "Layer",
    "LayerNormalization",
    "LeakyReLU",
    "Masking",
    "MaxNumBoundingBoxes",
    "MaxPool1D",
    "MaxPool2D",
    "MaxPool3D",
    "MaxPooling1D",
    "MaxPooling2D",
    "MaxPooling3D",
    "Maximum",
    "MelSpectrogram",
    "Minimum",
    "MixUp",
    "MultiHeadAttention",
    "Multiply",
    "Normalization",
    "PReLU",
    "Permute",
    "Pipeline",
    "RMSNormalization",
    "RandAugment",
    "RandomBrightness",
    "RandomColorDegeneration",
    "RandomColorJitter",
    "RandomContrast",
    "RandomCrop",
    "RandomElasticTransform",
    "RandomErasing",
    "RandomFlip",
    "RandomGaussianBlur",
    "RandomGrayscale",
    "RandomHue",
    "RandomInvert",
    "RandomPerspective",
    "RandomPosterization",
    "RandomRotation",
    "RandomSaturation",
    "RandomSharpness",
    "RandomShear",
    "RandomTranslation",
    "RandomZoom",
    "ReLU",
    "RepeatVector",
    "Rescaling",
    "Reshape",
    "Resizing",
    "ReversibleEmbedding",
    "STFTSpectrogram",
    "SeparableConv1D",
    "SeparableConv2D",
    "SeparableConvolution1D",
    "SeparableConvolution2D",
    "SimpleRNN",
    "SimpleRNNCell",
    "Softmax",
    "Solarization",
    "SpatialDropout1D",
    "SpatialDropout2D",
    "SpatialDropout3D",
    "SpectralNormalization",
    "StackedRNNCells",
    "StringLookup",
    "Subtract",
    "TextVectorization",
    "TimeDistributed",
    "UnitNormalization",
    "UpSampling1D",
    "UpSampling2D",
    "UpSampling3D",
    "Wrapper",
    "ZeroPadding1D",
    "ZeroPadding2D",
    "ZeroPadding3D",
    "add",
    "average",
    "concatenate",
    "deserialize",
    "dot",
    "get",
    "maximum",
    "minimum",
    "multiply",
    "serialize",
    "subtract",
]
