"""One row for each layer (and interesting configuration) that `test_common.py` checks."""

from dataclasses import dataclass, field


@dataclass
class Case:
    """A layer, what it is called on, and what is known of it.

    Attributes:
        layer: name in `kerasish.layers`.
        config: constructor arguments.
        shapes: shapes of the inputs, batch axis included.
        weights: dict from name to shape, in the order of `layer.weights`.
        listed: the inputs are passed as one list.
        masks: the output has the mask of the (first) input.
        is_random: two training calls differ.
        bad: shapes that are refused.
        problem: what the error says (a pattern).
        unknown: axes that may be unknown while tracing, besides the batch.
        has_gradient: the inputs have a derivative that is not 0 everywhere.
        skip: properties of `check_layer` that do not hold.
    """

    layer: str
    config: dict = field(default_factory=dict)
    shapes: tuple = ((2, 5),)
    weights: dict = field(default_factory=dict)
    listed: bool = False
    masks: bool = False
    is_random: bool = False
    bad: tuple = ()
    problem: str = ""
    unknown: tuple = ()
    has_gradient: bool = True
    skip: tuple = ()

    @property
    def id(self):
        """Readable name: the layer and its short arguments."""
        values = [f"{k}={v}" for k, v in self.config.items() if not isinstance(v, (dict, list))]
        return "-".join([self.layer, *values]).replace(" ", "")


SEQUENCE, IMAGE, VOLUME = (2, 6, 3), (2, 6, 7, 4), (2, 4, 5, 4, 2)
FIRST = {"data_format": "channels_first"}

CORE = [
    Case("Dense", {"units": 4, "activation": "tanh"}, weights={"kernel": (5, 4), "bias": (4,)},
         masks=True, bad=((2, 6),), problem="size 6 along axis -1"),
    Case("Dense", {"units": 4, "use_bias": False}, [SEQUENCE], {"kernel": (3, 4)}, masks=True,
         bad=((5,),), problem="too few axes", unknown=(1,)),
    Case("Dense", {"units": 3, "lora_rank": 2, "lora_alpha": 4},
         weights={"bias": (3,), "lora_kernel_a": (5, 2), "lora_kernel_b": (2, 3), "kernel": (5, 3)},
         masks=True),
    Case("EinsumDense", {"equation": "abc,cd->abd", "output_shape": (None, 4), "bias_axes": "d"},
         [SEQUENCE], {"kernel": (3, 4), "bias": (4,)}, bad=((2, 5),),
         problem="wrong number of axes", unknown=(1,)),
    Case("EinsumDense", {"equation": "...b,bc->...c", "output_shape": (4,), "bias_axes": "c"},
         [SEQUENCE], {"kernel": (3, 4), "bias": (4,)}, unknown=(1,)),
    Case("EinsumDense", {"equation": "ab...,bc->ac...", "output_shape": (4,), "bias_axes": "c"},
         [SEQUENCE], {"kernel": (6, 4), "bias": (4, 1)}, unknown=(2,)),
    Case("Identity", {}, masks=True, unknown=(1,)),
    Case("Activation", {"activation": "sigmoid"}, masks=True, unknown=(1,)),
]  # fmt: skip

_OTHER_MASKS = ("masks_go_where_it_says",)  # of the inputs' shape, or of another axis
ACTIVATIONS = [
    Case("ReLU", {"max_value": 1.0, "negative_slope": 0.1, "threshold": 0.2}, masks=True),
    Case("LeakyReLU", {}, masks=True),
    Case("PReLU", {"alpha_initializer": "ones"}, weights={"alpha": (5,)}, masks=True,
         bad=((2, 6),), problem="size 6 along axis 1"),
    Case("PReLU", {"shared_axes": [1]}, [SEQUENCE], {"alpha": (1, 3)}, masks=True, unknown=(1,)),
    Case("ELU", {"alpha": 0.7}, masks=True),
    Case("Softmax", {}, masks=True, skip=_OTHER_MASKS),
    Case("Softmax", {"axis": (1, 2)}, [SEQUENCE], skip=_OTHER_MASKS),
]  # fmt: skip

RESHAPING = [
    Case("Flatten", {}, [SEQUENCE], unknown=(1,)),
    Case("Flatten", FIRST, [SEQUENCE]),
    Case("Reshape", {"target_shape": (2, -1)}, [SEQUENCE], bad=((2, 5),), problem="do not fit"),
    Case("Reshape", {"target_shape": (-1, 3)}, [SEQUENCE], unknown=(1,)),
    Case("Permute", {"dims": (2, 1)}, [SEQUENCE], bad=((2, 5),), problem="wrong number of axes",
         unknown=(1, 2)),
    Case("RepeatVector", {"n": 3}, bad=(SEQUENCE,), problem="wrong number of axes", unknown=(1,)),
    Case("Cropping1D", {"cropping": (1, 2)}, [SEQUENCE], bad=((2, 3, 3),), problem="nothing would",
         unknown=(1,)),
    Case("Cropping2D", {"cropping": ((1, 0), (2, 1))}, [IMAGE], unknown=(1, 2)),
    Case("Cropping2D", {"cropping": 1, **FIRST}, [IMAGE], unknown=(2, 3)),
    Case("Cropping3D", {"cropping": (1, 2, 1)}, [VOLUME], unknown=(2,)),
    Case("ZeroPadding1D", {"padding": (1, 2)}, [SEQUENCE], unknown=(1,)),
    Case("ZeroPadding2D", {"padding": ((1, 0), (2, 3))}, [IMAGE], bad=(SEQUENCE,),
         problem="wrong number of axes", unknown=(1, 2)),
    Case("ZeroPadding2D", {**FIRST}, [IMAGE], unknown=(2, 3)),
    Case("ZeroPadding3D", {"padding": 1}, [VOLUME], unknown=(1,)),
    Case("UpSampling1D", {"size": 3}, [SEQUENCE], unknown=(1,)),
    Case("UpSampling2D", {"size": (2, 3)}, [IMAGE], bad=(SEQUENCE,), problem="wrong number of axes",
         unknown=(1, 2)),
    Case("UpSampling2D", {"interpolation": "bilinear"}, [IMAGE], unknown=(1, 2)),
    Case("UpSampling2D", {"interpolation": "bicubic", **FIRST}, [IMAGE], unknown=(3,)),
    Case("UpSampling3D", {}, [VOLUME], unknown=(1, 3)),
]  # fmt: skip

MERGING = [
    Case("Add", {}, [SEQUENCE, SEQUENCE, (2, 1, 3)], listed=True, bad=(SEQUENCE, (2, 5, 3)),
         problem="do not broadcast", unknown=(1,)),
    Case("Add", {}, [SEQUENCE, (2, 3)], listed=True),
    Case("Subtract", {}, [SEQUENCE, SEQUENCE], listed=True, bad=(SEQUENCE,) * 3,
         problem="2 tensors"),
    Case("Multiply", {}, [SEQUENCE, SEQUENCE], listed=True, bad=(SEQUENCE, (3, 6, 3)),
         problem="differ in batch size"),
    Case("Average", {}, [SEQUENCE, SEQUENCE], listed=True, unknown=(1,)),
    Case("Maximum", {}, [SEQUENCE, SEQUENCE], listed=True, unknown=(1,)),
    Case("Minimum", {}, [SEQUENCE, SEQUENCE], listed=True),
    Case("Concatenate", {"axis": 1}, [SEQUENCE, (2, 4, 3)], listed=True, unknown=(1,),
         bad=(SEQUENCE, (2, 4, 5)), problem="elsewhere than along axis 1"),
    Case("Concatenate", {}, [SEQUENCE, (2, 6, 1)], listed=True, unknown=(1,)),
    Case("Dot", {"axes": (2, 1)}, [SEQUENCE, (2, 3, 4)], listed=True, unknown=(1,),
         bad=(SEQUENCE, (2, 5, 4)), problem="sizes along the axes"),
    Case("Dot", {"axes": -1, "normalize": True}, [(2, 5), (2, 5)], listed=True),
    Case("Dot", {"axes": (1, 2)}, [(2, 5), (2, 3, 5)], listed=True),
]  # fmt: skip

CONVOLUTIONAL = [
    Case("Conv1D", {"filters": 4, "kernel_size": 3, "padding": "causal", "dilation_rate": 2},
         [SEQUENCE], {"kernel": (3, 3, 4), "bias": (4,)}, unknown=(1,)),
    Case("Conv2D", {"filters": 6, "kernel_size": (3, 2), "strides": 2, "padding": "same",
                    "activation": "relu"}, [IMAGE], {"kernel": (3, 2, 4, 6), "bias": (6,)},
         bad=((2, 6, 7, 3),), problem="size 3 along axis -1", unknown=(1, 2)),
    Case("Conv2D", {"filters": 6, "kernel_size": 3, "groups": 2, "use_bias": False}, [IMAGE],
         {"kernel": (3, 3, 2, 6)}, bad=(SEQUENCE,), problem="wrong number of axes"),
    Case("Conv2D", {"filters": 5, "kernel_size": 3, **FIRST}, [(2, 3, 6, 7)],
         {"kernel": (3, 3, 3, 5), "bias": (5,)}, bad=((2, 4, 6, 7),),
         problem="size 4 along axis 1"),
    Case("Conv3D", {"filters": 3, "kernel_size": 2, "padding": "same"}, [VOLUME],
         {"kernel": (2, 2, 2, 2, 3), "bias": (3,)}, unknown=(1, 2, 3)),
    Case("Conv1DTranspose", {"filters": 4, "kernel_size": 3, "strides": 2}, [SEQUENCE],
         {"kernel": (3, 4, 3), "bias": (4,)}, unknown=(1,)),
    Case("Conv2DTranspose", {"filters": 3, "kernel_size": 3, "strides": 2, "padding": "same"},
         [IMAGE], {"kernel": (3, 3, 3, 4), "bias": (3,)}, bad=((2, 6, 7, 3),),
         problem="size 3 along axis -1", unknown=(1, 2)),
    Case("Conv2DTranspose", {"filters": 3, "kernel_size": 3, **FIRST}, [(2, 4, 3, 3)],
         {"kernel": (3, 3, 3, 4), "bias": (3,)}),
    Case("Conv3DTranspose", {"filters": 2, "kernel_size": 2, "strides": 2}, [(2, 2, 2, 3, 2)],
         {"kernel": (2, 2, 2, 2, 2), "bias": (2,)}),
    Case("DepthwiseConv1D", {"kernel_size": 3, "depth_multiplier": 2}, [SEQUENCE],
         {"kernel": (3, 3, 2), "bias": (6,)}, unknown=(1,)),
    Case("DepthwiseConv2D", {"kernel_size": 3, "padding": "same"}, [IMAGE],
         {"kernel": (3, 3, 4, 1), "bias": (4,)}, bad=(SEQUENCE,), problem="wrong number of axes"),
    Case("DepthwiseConv2D", {"kernel_size": 2, "depth_multiplier": 2, **FIRST}, [(2, 3, 4, 4)],
         {"kernel": (2, 2, 3, 2), "bias": (6,)}),
    Case("SeparableConv1D", {"filters": 4, "kernel_size": 3}, [SEQUENCE],
         {"depthwise_kernel": (3, 3, 1), "pointwise_kernel": (1, 3, 4), "bias": (4,)}),
    Case("SeparableConv2D", {"filters": 5, "kernel_size": 3, "padding": "same"}, [IMAGE],
         {"depthwise_kernel": (3, 3, 4, 1), "pointwise_kernel": (1, 1, 4, 5), "bias": (5,)},
         unknown=(1, 2)),
    Case("SeparableConv2D", {"filters": 5, "kernel_size": 3, **FIRST}, [(2, 3, 5, 5)],
         {"depthwise_kernel": (3, 3, 3, 1), "pointwise_kernel": (1, 1, 3, 5), "bias": (5,)}),
]  # fmt: skip

POOLING = [
    Case(f"{kind}Pooling{rank}D", {"pool_size": 2, **extra}, [shape], bad=(bad,),
         problem="wrong number of axes", unknown=(2,) if rank > 1 and extra != FIRST else ())
    for kind in ("Max", "Average")
    for rank, shape, bad in ((1, SEQUENCE, IMAGE), (2, IMAGE, SEQUENCE), (3, VOLUME, IMAGE))
    for extra in ({}, {"padding": "same", "strides": 1}, FIRST)
] + [
    Case(f"Global{kind}Pooling{rank}D", dict(extra), [shape], bad=(bad,),
         problem="wrong number of axes", unknown=(2,) if rank > 1 and not extra else (),
         skip=_OTHER_MASKS if (kind, rank, extra) == ("Average", 1, FIRST) else ())
    for kind in ("Max", "Average")
    for rank, shape, bad in ((1, SEQUENCE, IMAGE), (2, IMAGE, SEQUENCE), (3, VOLUME, IMAGE))
    for extra in ({}, {"keepdims": True}, FIRST)
] + [
    Case(f"Adaptive{kind}Pooling{rank}D", {"output_size": 2, **extra}, [shape], bad=(bad,),
         problem="wrong number of axes")
    for kind in ("Max", "Average")
    for rank, shape, bad in ((1, SEQUENCE, IMAGE), (2, IMAGE, SEQUENCE), (3, VOLUME, IMAGE))
    for extra in ({}, FIRST)
]  # fmt: skip

_SCALE = {"gamma": (3,), "beta": (3,)}
NORMALIZATION = [
    Case("BatchNormalization", {}, [SEQUENCE],
         {**_SCALE, "moving_mean": (3,), "moving_variance": (3,)}, masks=True,
         bad=((2, 6, 4),), problem="size 4 along axis -1", unknown=(1,)),
    Case("BatchNormalization", {"axis": 1, "center": False, "momentum": 0.5}, [(2, 3, 5, 5)],
         {"gamma": (3,), "moving_mean": (3,), "moving_variance": (3,)}, bad=((2, 4, 5, 5),),
         problem="size 4 along axis 1"),
    Case("LayerNormalization", {}, [SEQUENCE], _SCALE, masks=True, unknown=(1,)),
    Case("LayerNormalization", {"axis": [1, 2], "center": False}, [SEQUENCE], {"gamma": (6, 3)},
         masks=True),
    Case("GroupNormalization", {"groups": 2}, [IMAGE], {"gamma": (4,), "beta": (4,)}, masks=True,
         bad=((2, 6, 7, 6),), problem="size 6 along axis -1", unknown=(1, 2)),
    Case("GroupNormalization", {"groups": -1, "axis": 1}, [(2, 3, 5)], _SCALE, masks=True),
    Case("RMSNormalization", {}, [SEQUENCE], {"scale": (3,)}, unknown=(1,)),
    Case("UnitNormalization", {"axis": 1}, [SEQUENCE], masks=True, unknown=(1,)),
    Case("SpectralNormalization", {"layer": {"class_name": "Dense", "config": {"units": 4}}},
         [(2, 5)], {"kernel": (5, 4), "vector_u": (1, 4), "bias": (4,)}, masks=True, bad=((2, 6),),
         skip=_OTHER_MASKS,  # the layer inside hands it on
         problem="size 6 along axis -1"),
]  # fmt: skip

REGULARIZATION = [
    Case("Dropout", {"rate": 0.5, "seed": 1}, [SEQUENCE], masks=True, is_random=True, unknown=(1,)),
    Case("Dropout", {"rate": 0.5, "noise_shape": (None, 1, None), "seed": 1}, [SEQUENCE],
         masks=True, is_random=True, unknown=(1,)),
    Case("Dropout", {"rate": 0.0}, [SEQUENCE], masks=True),
    Case("SpatialDropout1D", {"rate": 0.5, "seed": 1}, [(4, 6, 8)], masks=True, is_random=True,
         bad=((2, 5),), problem="wrong number of axes", unknown=(1,)),
    Case("SpatialDropout2D", {"rate": 0.5, "seed": 1}, [IMAGE], is_random=True, unknown=(1,)),
    Case("SpatialDropout2D", {"rate": 0.5, "seed": 1, **FIRST}, [(2, 9, 3, 3)], is_random=True),
    Case("SpatialDropout3D", {"rate": 0.5, "seed": 1}, [(4, 2, 2, 2, 9)], is_random=True),
    Case("GaussianDropout", {"rate": 0.5, "seed": 1}, masks=True, is_random=True),
    Case("GaussianNoise", {"stddev": 0.5, "seed": 1}, masks=True, is_random=True),
    Case("AlphaDropout", {"rate": 0.5, "seed": 1}, [SEQUENCE], masks=True, is_random=True,
         unknown=(1,)),
    Case("ActivityRegularization", {"l1": 0.1, "l2": 0.2}, masks=True),
]  # fmt: skip

_PIXELS = {"value_range": (-9.0, 9.0)}
PREPROCESSING = [
    Case("Rescaling", {"scale": 0.1, "offset": [1.0, 2.0, 3.0]}, [SEQUENCE], masks=True,
         unknown=(1,)),
    Case("Normalization", {}, [SEQUENCE], {"mean": (3,), "variance": (3,), "count": ()}, masks=True,
         unknown=(1,)),
    Case("Normalization", {"mean": [1.0, 2.0, 3.0], "variance": [1.0, 4.0, 9.0], "invert": True},
         [SEQUENCE], masks=True),
    Case("Resizing", {"height": 4, "width": 9}, [IMAGE], bad=((2, 5),), problem="3 axes, or 4"),
    Case("Resizing", {"height": 4, "width": 9, "interpolation": "nearest", **FIRST}, [IMAGE]),
    Case("CenterCrop", {"height": 3, "width": 4}, [IMAGE], unknown=(1, 2)),
    Case("CenterCrop", {"height": 3, "width": 2, **FIRST}, [IMAGE]),
    Case("CenterCrop", {"height": 8, "width": 8}, [IMAGE]),
    Case("RandomFlip", {"seed": 1}, [(9, 3, 4, 2)], is_random=True),
    Case("RandomFlip", {"mode": "vertical", "seed": 1, **FIRST}, [(9, 2, 3, 4)], is_random=True),
    Case("RandomCrop", {"height": 3, "width": 4, "seed": 1}, [(2, 20, 20, 2)], is_random=True),
    Case("RandomCrop", {"height": 8, "width": 9, "seed": 1}, [IMAGE]),
    Case("RandomTranslation", {"height_factor": 0.3, "width_factor": 0.3, "seed": 1}, [IMAGE],
         is_random=True),
    Case("RandomZoom", {"height_factor": 0.3, "seed": 1}, [IMAGE], is_random=True),
    Case("RandomRotation", {"factor": 0.3, "seed": 1, **FIRST}, [(2, 4, 6, 6)], is_random=True),
    Case("RandomShear", {"x_factor": 0.3, "y_factor": 0.2, "seed": 1}, [IMAGE], is_random=True),
    Case("RandomPerspective", {"scale": 0.4, "seed": 1, **FIRST}, [(2, 3, 6, 6)], is_random=True),
    Case("RandomElasticTransform", {"seed": 1, **_PIXELS}, [(4, 9, 8, 3)], is_random=True),
    Case("RandomBrightness", {"factor": 0.3, "seed": 1, **_PIXELS}, [IMAGE], is_random=True),
    Case("RandomContrast", {"factor": 0.3, "seed": 1, **_PIXELS}, [IMAGE], is_random=True),
    Case("RandomInvert", {"seed": 1, **_PIXELS}, [(9, 2, 2, 3)], is_random=True),
    Case("RandomGrayscale", {"seed": 1}, [(9, 2, 2, 3)], is_random=True),
    Case("RandomHue", {"factor": 0.3, "seed": 1, **_PIXELS}, [(2, 4, 5, 3)], is_random=True),
    Case("RandomHue", {"factor": 0.3, "seed": 1, **_PIXELS, **FIRST}, [(2, 3, 4, 4)],
         is_random=True),
    Case("RandomSaturation", {"factor": 0.9, "seed": 1, **_PIXELS}, [(2, 4, 5, 3)],
         is_random=True),
    Case("RandomSaturation", {"factor": 0.9, "seed": 1, **_PIXELS, **FIRST}, [(2, 3, 4, 4)],
         is_random=True),
    Case("RandomColorDegeneration", {"factor": 0.9, "seed": 1, **_PIXELS}, [(2, 4, 5, 3)],
         is_random=True),
    Case("RandomSharpness", {"factor": 0.9, "seed": 1, **_PIXELS}, [IMAGE], is_random=True),
    Case("RandomSharpness", {"factor": 0.9, "seed": 1, **_PIXELS, **FIRST}, [(2, 3, 4, 4)],
         is_random=True),
    Case("RandomPosterization", {"factor": [1, 8], "seed": 1, **_PIXELS}, [(9, 2, 2, 3)],
         is_random=True, has_gradient=False),
    Case("Solarization", {"addition_factor": 0.5, "threshold_factor": 0.5, "seed": 1, **_PIXELS},
         [IMAGE], is_random=True),
    Case("AutoContrast", _PIXELS, [IMAGE], bad=((2, 5),), problem="3 axes, or 4", unknown=(1, 2)),
    Case("AutoContrast", {**_PIXELS, **FIRST}, [(2, 3, 4, 4)]),
    Case("Equalization", _PIXELS, [IMAGE], has_gradient=False, unknown=(1, 2)),
    Case("Equalization", {"bins": 5, **_PIXELS, **FIRST}, [IMAGE], has_gradient=False),
    Case("ContrastLimitedAdaptiveHistogramEqualization", {"tile_grid_size": [2, 3], **_PIXELS},
         [IMAGE], has_gradient=False),
    Case("ContrastLimitedAdaptiveHistogramEqualization",
         {"clip_limit": 0.0, "tile_grid_size": [2, 2], **_PIXELS, **FIRST}, [(2, 3, 8, 6)],
         has_gradient=False),
    Case("RandomGaussianBlur", {"kernel_size": [3, 5], "seed": 1, **_PIXELS}, [(9, 4, 5, 3)],
         is_random=True),
    Case("RandomGaussianBlur", {"seed": 1, **_PIXELS, **FIRST}, [(9, 3, 4, 5)], is_random=True),
    Case("RandomErasing", {"seed": 1, **_PIXELS}, [(9, 6, 7, 3)], is_random=True),
    Case("RandomErasing", {"fill_value": [1.0, 2.0, 3.0], "seed": 1, **_PIXELS, **FIRST},
         [(9, 3, 6, 7)], is_random=True),
    Case("CutMix", {"seed": 1}, [(4, 6, 7, 3)], is_random=True),
    Case("CutMix", {"seed": 1, **FIRST}, [(4, 3, 6, 7)], is_random=True),
    Case("MixUp", {"alpha": 2.0, "seed": 1}, [(4, 6, 7, 3)], is_random=True),
    Case("RandomColorJitter",
         {"brightness_factor": 0.2, "contrast_factor": 0.2, "saturation_factor": 0.2,
          "hue_factor": 0.2, "seed": 1, **_PIXELS}, [(2, 4, 5, 3)], is_random=True),
    Case("RandAugment", {"seed": 1, **_PIXELS}, [(2, 4, 5, 3)], is_random=True),
    Case("RandAugment", {"num_ops": 1, "seed": 4, **_PIXELS, **FIRST}, [(2, 3, 4, 5)],
         is_random=True),
    Case("AugMix", {"num_chains": 2, "chain_depth": 2, "seed": 1, **_PIXELS}, [(2, 4, 5, 3)],
         is_random=True),
    Case("MaxNumBoundingBoxes", {"max_number": 3, "fill_value": 0}, [IMAGE]),
]  # fmt: skip

_FRAMES = {"frame_length": 8, "frame_step": 4}
_KERNEL = (8, 1, 5)
_BANDS = {"fft_length": 16, "sequence_stride": 8, "num_mel_bins": 4, "sampling_rate": 100,
          "min_freq": 5.0}  # fmt: skip
AUDIO = [
    Case("STFTSpectrogram", {"mode": "magnitude", **_FRAMES}, [(2, 24, 3)],
         {"real_kernel": _KERNEL, "imag_kernel": _KERNEL}, bad=((2, 24),), problem="number of axes",
         unknown=(1,)),
    Case("STFTSpectrogram", {"mode": "psd", "expand_dims": True, "padding": "same", **_FRAMES},
         [(2, 24, 3)], {"real_kernel": _KERNEL, "imag_kernel": _KERNEL}),
    Case("STFTSpectrogram", {"mode": "stft", "window": "hamming", **_FRAMES, **FIRST}, [(2, 3, 24)],
         {"real_kernel": _KERNEL, "imag_kernel": _KERNEL}),
    Case("STFTSpectrogram", {"mode": "real", "expand_dims": True, "scaling": "spectrum", **_FRAMES,
                             **FIRST}, [(2, 3, 24)], {"real_kernel": _KERNEL}),
    Case("STFTSpectrogram", {"mode": "imag", "periodic": True, **_FRAMES}, [(2, 24, 1)],
         {"imag_kernel": _KERNEL}),
    Case("MelSpectrogram", {"power_to_db": False, **_BANDS}, [(2, 64)]),
    Case("MelSpectrogram", {"sequence_length": 12, "window": "hamming", **_BANDS}, [(2, 64)]),
]  # fmt: skip

CASES = [*CORE, *ACTIVATIONS, *RESHAPING, *MERGING, *CONVOLUTIONAL, *POOLING, *NORMALIZATION,
         *REGULARIZATION, *PREPROCESSING, *AUDIO]  # fmt: skip
