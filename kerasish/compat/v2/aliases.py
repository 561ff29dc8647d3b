"""Names of TensorFlow and what stands behind each: one row a name.

A row reads `names: Operation(tensors; parameters) flags = target`. Names after the first are
further names of the same function; the operation's name appears in errors; tensors are brought to
tensors of one dtype (flag `mixed`: of any; flag `floats`: integers are refused), parameters are
handed on as they are. Without a target it is the function of the first name. Targets are looked up
in this package's own functions, then in `kerasish.ops`, and get all arguments by position.
"""

ELEMENTWISE = """
add math.add: AddV2(x, y)
subtract math.subtract: Sub(x, y)
multiply math.multiply: Mul(x, y)
divide math.divide: RealDiv(x, y) = truediv
truediv math.truediv: RealDiv(x, y)
math.floordiv floordiv: FloorDiv(x, y) = floor_divide
math.floormod math.mod: FloorMod(x, y) = mod
math.divide_no_nan: DivNoNan(x, y)
math.multiply_no_nan: MulNoNan(x, y)
pow math.pow: Pow(x, y) = power
maximum math.maximum: Maximum(x, y)
minimum math.minimum: Minimum(x, y)
math.squared_difference: SquaredDifference(x, y)
math.atan2 atan2: Atan2(y, x) floats = arctan2
math.xlogy: Xlogy(x, y) floats
math.xdivy: Xdivy(x, y) floats
math.nextafter: NextAfter(x1, x2) floats
equal math.equal: Equal(x, y)
not_equal math.not_equal: NotEqual(x, y)
less math.less: Less(x, y)
less_equal math.less_equal: LessEqual(x, y)
greater math.greater: Greater(x, y)
greater_equal math.greater_equal: GreaterEqual(x, y)
logical_and math.logical_and: LogicalAnd(x, y)
logical_or math.logical_or: LogicalOr(x, y)
math.logical_xor: LogicalXor(x, y)
logical_not math.logical_not: LogicalNot(x)
bitwise.bitwise_and: BitwiseAnd(x, y)
bitwise.bitwise_or: BitwiseOr(x, y)
bitwise.bitwise_xor: BitwiseXor(x, y)
bitwise.invert: Invert(x) = bitwise_not
bitwise.left_shift: LeftShift(x, y)
bitwise.right_shift: RightShift(x, y)
abs math.abs: Abs(x) = absolute
negative math.negative: Neg(x)
sign math.sign: Sign(x)
square math.square: Square(x)
sqrt math.sqrt: Sqrt(x) floats
math.rsqrt: Rsqrt(x) floats
math.reciprocal: Reciprocal(x) floats
math.reciprocal_no_nan: DivNoNan(x) floats = reciprocal_no_nan
exp math.exp: Exp(x) floats
math.expm1: Expm1(x) floats
math.log: Log(x) floats
math.log1p: Log1p(x) floats
math.log_sigmoid nn.log_sigmoid: LogSigmoid(x) floats
sin math.sin: Sin(x) floats
cos math.cos: Cos(x) floats
tan math.tan: Tan(x) floats
asin math.asin: Asin(x) floats = arcsin
acos math.acos: Acos(x) floats = arccos
atan math.atan: Atan(x) floats = arctan
sinh math.sinh: Sinh(x) floats
cosh math.cosh: Cosh(x) floats
tanh math.tanh nn.tanh: Tanh(x) floats
asinh math.asinh: Asinh(x) floats = arcsinh
acosh math.acosh: Acosh(x) floats = arccosh
atanh math.atanh: Atanh(x) floats = arctanh
sigmoid math.sigmoid nn.sigmoid: Sigmoid(x) floats
floor math.floor: Floor(x)
math.ceil: Ceil(x)
round math.round math.rint: Round(x) = rounded
math.is_nan: IsNan(x) floats = isnan
math.is_inf: IsInf(x) floats = isinf
math.is_finite: IsFinite(x) floats = isfinite
math.erf: Erf(x) floats
math.erfc: Erfc(x) floats
math.erfinv: Erfinv(x) floats
math.lgamma: Lgamma(x) floats
math.real: Real(input)
math.imag: Imag(input)
math.conj: Conj(x)
math.angle: Angle(input)
dtypes.complex complex: Complex(real, imag) = to_complex
cast dtypes.cast: Cast(x; dtype)
saturate_cast dtypes.saturate_cast: Cast(value; dtype)
clip_by_value: ClipByValue(t, clip_value_min, clip_value_max)
clip_by_norm: ClipByNorm(t; clip_norm, axes=None)
clip_by_global_norm: ClipByGlobalNorm(*t_list; clip_norm, use_norm=None) mixed
linalg.global_norm: GlobalNorm(*t_list) mixed
math.add_n add_n: AddN(*inputs)
math.polyval: Polyval(*coeffs, x)
"""

REDUCTIONS = """
reduce_sum math.reduce_sum: Sum(input_tensor; axis=None, keepdims=False)
reduce_mean math.reduce_mean: Mean(input_tensor; axis=None, keepdims=False)
reduce_prod math.reduce_prod: Prod(input_tensor; axis=None, keepdims=False)
reduce_max math.reduce_max: Max(input_tensor; axis=None, keepdims=False) = max
reduce_min math.reduce_min: Min(input_tensor; axis=None, keepdims=False) = min
reduce_all math.reduce_all: All(input_tensor; axis=None, keepdims=False)
reduce_any math.reduce_any: Any(input_tensor; axis=None, keepdims=False) = any
reduce_logsumexp math.reduce_logsumexp: LogSumExp(input_tensor; axis=None, keepdims=False) floats = logsumexp
math.reduce_variance: Variance(input_tensor; axis=None, keepdims=False) floats
math.reduce_std: Std(input_tensor; axis=None, keepdims=False) floats
math.reduce_euclidean_norm: EuclideanNorm(input_tensor; axis=None, keepdims=False) floats
argmax math.argmax: ArgMax(input; axis=None, output_type='int64')
argmin math.argmin: ArgMin(input; axis=None, output_type='int64')
cumsum math.cumsum: Cumsum(x; axis=0, exclusive=False, reverse=False)
math.cumprod: Cumprod(x; axis=0, exclusive=False, reverse=False)
math.count_nonzero: CountNonzero(input; axis=None, keepdims=False, dtype='int64')
math.zero_fraction nn.zero_fraction: ZeroFraction(value; dtype='float32')
math.bincount: Bincount(arr, weights=None; minlength=None, maxlength=None, dtype='int32') mixed
math.in_top_k nn.in_top_k: InTopK(targets, predictions; k) mixed
math.top_k nn.top_k: TopKV2(input; k=1, sorted=True, index_type='int32')
math.segment_sum: SegmentSum(data, segment_ids) mixed
math.segment_mean: SegmentMean(data, segment_ids) mixed
math.segment_max: SegmentMax(data, segment_ids) mixed
math.unsorted_segment_sum: UnsortedSegmentSum(data, segment_ids; num_segments) mixed = segment_sum_of
math.confusion_matrix: ConfusionMatrix(labels, predictions; num_classes=None, weights=None, dtype='int32') mixed
"""  # noqa: E501 - rows are lines

ARRAYS = """
identity: Identity(input)
stop_gradient: StopGradient(input)
zeros: Zeros(; shape, dtype='float32')
ones: Ones(; shape, dtype='float32')
eye linalg.eye: Eye(; num_rows, num_columns=None, batch_shape=None, dtype='float32')
zeros_like: ZerosLike(input; dtype=None)
ones_like: OnesLike(input; dtype=None)
linspace: LinSpace(start, stop; num, axis=0)
reshape: Reshape(tensor; shape)
transpose: Transpose(a; perm=None, conjugate=False)
expand_dims: ExpandDims(input; axis)
squeeze: Squeeze(input; axis=None)
broadcast_to: BroadcastTo(input; shape)
concat: ConcatV2(*values; axis)
stack: Pack(*values; axis=0)
unstack: Unpack(value; num=None, axis=0)
split: Split(value; num_or_size_splits, axis=0)
tile: Tile(input; multiples)
repeat: Repeat(input; repeats, axis=None)
pad: PadV2(tensor; paddings, mode='CONSTANT', constant_values=0)
where: SelectV2(condition, x=None, y=None) mixed
gather: GatherV2(params, indices; validate_indices=None, axis=None, batch_dims=0) mixed
gather_nd: GatherNd(params, indices; batch_dims=0) mixed
scatter_nd: ScatterNd(indices, updates; shape) mixed
tensor_scatter_nd_update: TensorScatterUpdate(tensor, indices, updates) mixed
tensor_scatter_nd_add: TensorScatterAdd(tensor, indices, updates) mixed
tensor_scatter_nd_sub: TensorScatterSub(tensor, indices, updates) mixed
tensor_scatter_nd_max: TensorScatterMax(tensor, indices, updates) mixed
tensor_scatter_nd_min: TensorScatterMin(tensor, indices, updates) mixed
boolean_mask: BooleanMask(tensor, mask; axis=None) mixed
sequence_mask: SequenceMask(lengths; maxlen=None, dtype='bool')
sort: Sort(values; axis=-1, direction='ASCENDING')
argsort: ArgSort(values; axis=-1, direction='ASCENDING', stable=False)
unique: Unique(x; out_idx='int32')
unique_with_counts: UniqueWithCounts(x; out_idx='int32')
shape: Shape(input; out_type='int32')
size: Size(input; out_type='int32')
rank: Rank(input)
slice: Slice(input_; begin, size) = slice_
strided_slice: StridedSlice(input_; begin, end, strides=None)
reverse: ReverseV2(tensor; axis)
roll: Roll(input; shift, axis)
one_hot: OneHot(indices; depth, on_value=None, off_value=None, axis=None, dtype=None)
searchsorted: SearchSorted(sorted_sequence, values; side='left', out_type='int32')
ensure_shape: EnsureShape(x; shape)
dynamic_partition: DynamicPartition(data, partitions; num_partitions) mixed
matmul linalg.matmul: MatMul(a, b; transpose_a=False, transpose_b=False, adjoint_a=False, adjoint_b=False)
tensordot linalg.tensordot: TensorDot(a, b; axes)
"""  # noqa: E501

LINALG = """
linalg.det: MatrixDeterminant(input) floats
linalg.inv: MatrixInverse(input; adjoint=False) floats
linalg.pinv: Pinv(a; rcond=None) floats
linalg.solve: MatrixSolve(matrix, rhs; adjoint=False) floats
linalg.triangular_solve: MatrixTriangularSolve(matrix, rhs; lower=True, adjoint=False) floats
linalg.cholesky: Cholesky(input) floats
linalg.cholesky_solve: CholeskySolve(chol, rhs) floats
linalg.lstsq: MatrixSolveLs(matrix, rhs; l2_regularizer=0.0, fast=True) floats
linalg.qr: Qr(input; full_matrices=False) floats
linalg.svd: Svd(tensor; full_matrices=False, compute_uv=True) floats
linalg.eigh: SelfAdjointEig(tensor) floats
linalg.eigvalsh: SelfAdjointEig(tensor) floats
linalg.eig: Eig(tensor) floats
linalg.slogdet: LogMatrixDeterminant(input) floats
linalg.logdet: LogDet(matrix) floats
linalg.trace: Trace(x)
linalg.diag: MatrixDiag(diagonal; k=0)
linalg.diag_part linalg.tensor_diag_part: MatrixDiagPart(input; k=0)
linalg.tensor_diag: Diag(diagonal) = diag
linalg.set_diag: MatrixSetDiag(input, diagonal)
linalg.band_part: MatrixBandPart(input; num_lower, num_upper)
linalg.matrix_transpose: Transpose(a; conjugate=False)
linalg.adjoint: Adjoint(matrix)
linalg.matvec: MatVec(a, b; transpose_a=False)
linalg.cross: Cross(a, b)
linalg.norm norm: Norm(tensor; ord='euclidean', axis=None, keepdims=False) floats
linalg.normalize: Normalize(tensor; ord='euclidean', axis=None) floats
linalg.matrix_rank: MatrixRank(a; tol=None) floats
"""

NN = """
nn.relu: Relu(features)
nn.relu6: Relu6(features)
nn.elu: Elu(features) floats
nn.selu: Selu(features) floats
nn.gelu: Gelu(features; approximate=False) floats
nn.silu nn.swish: Silu(features; beta=1.0) floats
nn.leaky_relu: LeakyRelu(features; alpha=0.2) floats
nn.crelu: CRelu(features; axis=-1)
nn.softplus math.softplus: Softplus(features) floats
nn.softsign math.softsign: Softsign(features) floats
nn.softmax: Softmax(logits; axis=-1) floats
nn.log_softmax math.log_softmax: LogSoftmax(logits; axis=-1) floats
nn.conv1d: Conv1D(input, filters; stride, padding, data_format='NWC', dilations=None) floats
nn.conv2d: Conv2D(input, filters; strides, padding, data_format='NHWC', dilations=None) floats
nn.conv3d: Conv3D(input, filters; strides, padding, data_format='NDHWC', dilations=None) floats
nn.depthwise_conv2d: DepthwiseConv2dNative(input, filter; strides, padding, data_format='NHWC', dilations=None) floats
nn.conv2d_transpose: Conv2DBackpropInput(input, filters; output_shape, strides, padding='SAME', data_format='NHWC', dilations=None) floats
nn.max_pool1d: MaxPool(input; ksize, strides, padding, data_format='NWC')
nn.max_pool2d nn.max_pool: MaxPool(input; ksize, strides, padding, data_format='NHWC')
nn.max_pool3d: MaxPool3D(input; ksize, strides, padding, data_format='NDHWC')
nn.avg_pool1d: AvgPool(input; ksize, strides, padding, data_format='NWC') floats
nn.avg_pool2d nn.avg_pool: AvgPool(input; ksize, strides, padding, data_format='NHWC') floats
nn.avg_pool3d: AvgPool3D(input; ksize, strides, padding, data_format='NDHWC') floats
nn.bias_add: BiasAdd(value, bias; data_format=None)
nn.dropout: Dropout(x; rate, noise_shape=None, seed=None) floats
nn.moments: Moments(x; axes, shift=None, keepdims=False) floats
nn.batch_normalization: BatchNorm(x, mean, variance, offset, scale; variance_epsilon) floats
nn.sigmoid_cross_entropy_with_logits: SigmoidCrossEntropy(labels, logits) floats
nn.weighted_cross_entropy_with_logits: WeightedCrossEntropy(labels, logits; pos_weight) floats
nn.softmax_cross_entropy_with_logits: SoftmaxCrossEntropyWithLogits(labels, logits; axis=-1) mixed
nn.sparse_softmax_cross_entropy_with_logits: SparseSoftmaxCrossEntropyWithLogits(labels, logits) mixed
nn.embedding_lookup: GatherV2(params, ids; max_norm=None) mixed
nn.l2_loss: L2Loss(t) floats
nn.l2_normalize math.l2_normalize: L2Normalize(x; axis=None, epsilon=1e-12) floats
nn.local_response_normalization nn.lrn: LRN(input; depth_radius=5, bias=1, alpha=1, beta=0.5) floats
nn.depth_to_space: DepthToSpace(input; block_size)
nn.space_to_depth: SpaceToDepth(input; block_size)
nn.ctc_loss: CTCLoss(labels, logits, label_length, logit_length; logits_time_major=True, blank_index=None) mixed
"""  # noqa: E501

RANDOM = """
random.truncated_normal: TruncatedNormal(; shape, mean=0.0, stddev=1.0, dtype='float32', seed=None) = truncated_normal_of
random.normal: RandomStandardNormal(; shape, mean=0.0, stddev=1.0, dtype='float32', seed=None) = normal_of
random.uniform: RandomUniform(; shape, minval=0, maxval=None, dtype='float32', seed=None)
random.gamma: RandomGamma(; shape, alpha, beta=None, dtype='float32', seed=None)
random.shuffle: RandomShuffle(value; seed=None)
random.categorical: Multinomial(logits; num_samples, dtype='int64', seed=None) floats
random.stateless_normal: StatelessRandomNormalV2(; shape, seed, mean=0.0, stddev=1.0, dtype='float32')
random.stateless_truncated_normal: StatelessTruncatedNormalV2(; shape, seed, mean=0.0, stddev=1.0, dtype='float32')
random.stateless_uniform: StatelessRandomUniformV2(; shape, seed, minval=0, maxval=None, dtype='float32')
random.stateless_categorical: StatelessMultinomial(logits; num_samples, seed, dtype='int64') floats
random.experimental.stateless_shuffle: StatelessShuffle(value; seed)
"""  # noqa: E501

STRINGS = """
strings.lower: StringLower(input)
strings.upper: StringUpper(input)
strings.strip: StringStrip(input)
strings.length: StringLength(input; unit='BYTE')
strings.regex_replace: RegexReplace(input; pattern, rewrite, replace_global=True)
strings.regex_full_match: RegexFullMatch(input; pattern)
strings.substr: Substr(input; pos, len, unit='BYTE')
strings.split: StringSplit(input; sep=None)
strings.join: StringJoin(*inputs; separator='')
strings.reduce_join: ReduceJoin(inputs; axis=None, keepdims=False, separator='')
strings.as_string as_string: AsString(input; precision=-1, scientific=False, shortest=False, width=-1, fill='')
strings.to_number: StringToNumber(input; out_type='float32')
strings.to_hash_bucket_fast strings.to_hash_bucket: StringToHashBucketFast(input; num_buckets)
strings.unicode_decode: UnicodeDecode(input; input_encoding='UTF-8')
"""  # noqa: E501

IMAGE = """
image.resize: Resize(images; size, method='bilinear', preserve_aspect_ratio=False, antialias=False)
image.rgb_to_grayscale: RGBToGrayscale(images)
image.grayscale_to_rgb: GrayscaleToRGB(images)
image.rgb_to_hsv: RGBToHSV(images) floats
image.hsv_to_rgb: HSVToRGB(images) floats
image.flip_left_right: FlipLeftRight(image)
image.flip_up_down: FlipUpDown(image)
image.rot90: Rot90(image; k=1)
image.transpose: TransposeImage(image) = transpose_image
image.convert_image_dtype: ConvertImageDtype(image; dtype, saturate=False)
image.adjust_brightness: AdjustBrightness(image; delta)
image.adjust_contrast: AdjustContrast(images; contrast_factor)
image.central_crop: CentralCrop(image; central_fraction)
image.crop_to_bounding_box: CropToBoundingBox(image; offset_height, offset_width, target_height, target_width)
image.pad_to_bounding_box: PadToBoundingBox(image; offset_height, offset_width, target_height, target_width)
image.resize_with_crop_or_pad: ResizeWithCropOrPad(image; target_height, target_width)
image.per_image_standardization: PerImageStandardization(image)
image.random_flip_left_right: RandomFlip(image; seed=None)
image.random_flip_up_down: RandomFlip(image; seed=None)
image.random_brightness: RandomBrightness(image; max_delta, seed=None)
image.random_crop: RandomCrop(value; size, seed=None)
image.psnr: PSNR(a, b; max_val)
image.ssim: SSIM(img1, img2; max_val, filter_size=11, filter_sigma=1.5, k1=0.01, k2=0.03)
image.sobel_edges: SobelEdges(image)
image.extract_patches: ExtractImagePatches(images; sizes, strides, rates, padding)
"""  # noqa: E501

TABLES = {
    "elementwise": ELEMENTWISE,
    "reductions": REDUCTIONS,
    "arrays": ARRAYS,
    "linalg": LINALG,
    "nn": NN,
    "random": RANDOM,
    "strings": STRINGS,
    "image": IMAGE,
}
