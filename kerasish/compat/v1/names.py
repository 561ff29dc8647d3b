"""Which module has which of TensorFlow's names: a row for each ("theirs=ours")."""

NAMES = {
    "graph": "Graph GraphKeys get_default_graph get_default_session reset_default_graph",
    "session": "Session InteractiveSession",
    "shapes": "Dimension TensorShape",
    "dtypes": "DType as_dtype",
    "tensors": "Operation Tensor",
    "constants": "constant convert_to_tensor",
    "placeholders": "placeholder placeholder_with_default",
    "variables": "Variable all_variables assign assign_add assign_sub global_variables "
    "global_variables_initializer group initialize_all_variables "
    "is_variable_initialized local_variables local_variables_initializer "
    "model_variables moving_average_variables no_op "
    "report_uninitialized_variables trainable_variables tuple=tuple_of "
    "variables_initializer",
    "variable_scope": "AUTO_REUSE VariableScope get_variable get_variable_scope variable_scope",
    "scopes": "add_to_collection add_to_collections control_dependencies device "
    "disable_eager_execution disable_v2_behavior disable_resource_variables "
    "executing_eagerly get_collection get_collection_ref name_scope",
    "gradients": "gradients",
    "control_flow": "case cond while_loop",
    "host_ops": "Assert Print assert_equal assert_greater assert_greater_equal assert_less "
    "assert_less_equal py_func",
    "random_ops": "multinomial random_normal random_shuffle random_uniform set_random_seed "
    "truncated_normal",
    "arrays": "broadcast_to cast concat diag diag_part expand_dims eye fill identity "
    "linspace lin_space=linspace ones ones_like pad range=range_ rank reshape "
    "reverse sequence_mask shape size split squeeze stack stop_gradient tile "
    "to_float to_int32 transpose unstack zeros zeros_like",
    "options": "ConfigProto GPUOptions RunMetadata RunOptions",
    "products": "add_n count_nonzero div divide=truediv einsum matmul norm segment_sum "
    "tensordot truediv",
    "selection": "argmax argmin boolean_mask clip_by_global_norm clip_by_norm clip_by_value "
    "cumsum gather global_norm one_hot slice=slice_ where",
}

# Modules of TensorFlow: their names, and where each is from.
SPACES = {
    "errors": {
        "errors": "*",
    },
    "summary": {
        "summary": "FileWriter histogram image merge merge_all scalar text",
    },
    "layers": {
        "layers": "average_pooling2d batch_normalization conv2d dense dropout flatten "
        "max_pooling2d",
    },
    "losses": {
        "losses": "Reduction absolute_difference add_loss compute_weighted_loss get_losses "
        "get_regularization_loss get_regularization_losses get_total_loss "
        "huber_loss log_loss mean_squared_error sigmoid_cross_entropy "
        "softmax_cross_entropy sparse_softmax_cross_entropy",
    },
    "train": {
        "optimizers": "AdagradOptimizer AdamOptimizer GradientDescentOptimizer MomentumOptimizer "
        "Optimizer RMSPropOptimizer create_global_step exponential_decay "
        "get_global_step get_or_create_global_step global_step",
        "saver": "Saver checkpoint_exists export_meta_graph get_checkpoint_state "
        "import_meta_graph latest_checkpoint list_variables load_variable "
        "update_checkpoint_state",
    },
    "nn": {
        "nn": "avg_pool avg_pool2d batch_normalization bias_add conv2d depthwise_conv2d "
        "embedding_lookup l2_loss l2_normalize leaky_relu log_softmax max_pool "
        "max_pool2d moments sigmoid_cross_entropy_with_logits softmax "
        "softmax_cross_entropy_with_logits softmax_cross_entropy_with_logits_v2 "
        "sparse_softmax_cross_entropy_with_logits xw_plus_b",
        "random_ops": "dropout",
        "selection": "in_top_k top_k",
    },
    "math": {
        "nn": "l2_normalize softmax log_softmax",
        "products": "add_n count_nonzero divide=truediv segment_sum truediv",
        "selection": "argmax argmin cumsum in_top_k top_k",
    },
    "linalg": {
        "arrays": "diag diag_part eye transpose",
        "nn": "l2_normalize",
        "products": "einsum matmul norm tensordot",
        "selection": "global_norm",
    },
    "random": {
        "random_ops": "multinomial normal=random_normal set_random_seed shuffle=random_shuffle "
        "truncated_normal uniform=random_uniform",
    },
    "initializers": {
        "initial_values": "constant global_variables glorot_normal glorot_uniform he_normal "
        "he_uniform identity lecun_normal lecun_uniform local_variables ones "
        "orthogonal random_normal random_uniform truncated_normal variables "
        "variance_scaling zeros",
    },
    "bitwise": {
    },
    "dtypes": {
        "dtypes": "DType as_dtype",
    },
    "debugging": {
        "host_ops": "Assert assert_equal assert_greater assert_greater_equal assert_less "
        "assert_less_equal",
    },
    "logging": {
        "options": "DEBUG ERROR FATAL INFO WARN debug error info set_verbosity warn",
    },
    "compat": {
        "options": "as_bytes as_str as_str_any as_text",
    },
}  # fmt: skip


def pairs(text):
    """(their name, our name) of every name in a row."""
    for name in text.split():
        theirs, _, ours = name.partition("=")
        yield theirs, ours or theirs
