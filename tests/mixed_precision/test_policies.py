"""Dtype policies: the global one, maps of paths, configs, and what layers make of them."""

import json

import numpy as np
import pytest

from kerasish import dtype_policies, layers, mixed_precision, models, ops, saving
from kerasish.dtype_policies import DTypePolicy, DTypePolicyMap


@pytest.fixture(autouse=True)
def global_policy_as_before():
    yield
    dtype_policies.set_dtype_policy(None)


def test_global_policy_is_that_of_new_layers_under_all_its_names():
    mixed_precision.set_global_policy("mixed_bfloat16")
    assert mixed_precision.global_policy() == dtype_policies.dtype_policy()
    layer = layers.Dense(2)
    output = layer(np.ones((1, 3), "float32"))
    assert (output.dtype, layer.kernel.dtype) == ("bfloat16", "float32")
    mixed_precision.set_dtype_policy(None)
    assert layers.Dense(2).compute_dtype == "float32"


def test_layer_with_a_policy_of_its_own_keeps_it():
    dtype_policies.set_dtype_policy("mixed_float16")
    head = layers.Dense(2, dtype="float32")
    output = head(layers.Dense(3)(np.ones((1, 3), "float32")))
    assert output.dtype == "float32"


def test_integers_are_not_cast():
    embedding = layers.Embedding(5, 2, dtype="mixed_float16")
    assert embedding(np.array([[1, 4]])).dtype == "float16"
    assert layers.Identity(dtype="mixed_float16")(np.array([1, 2])).dtype == "int64"


MAP = {"model/body/.*": "mixed_bfloat16", "model/head": "float16"}


class Body(layers.Layer):
    def __init__(self, **kwargs):
        super().__init__(**kwargs)
        self.first = layers.Dense(3, name="first", dtype=self.dtype_policy)

    def call(self, inputs):
        return self.first(inputs)


class Net(models.Model):
    def __init__(self, policies):
        super().__init__(name="model", dtype=policies)
        self.body = Body(name="body", dtype=policies)
        self.head = layers.Dense(1, name="head", dtype=policies)

    def call(self, inputs):
        return self.head(self.body(inputs))


def test_each_layer_finds_its_own_policy_in_a_map():
    policies = DTypePolicyMap("float32", {k: DTypePolicy(v) for k, v in MAP.items()})
    net = Net(policies)
    assert net(np.ones((2, 3), "float32")).dtype == "float16"
    assert net.compute_dtype == "float32"
    assert net.body.first.compute_dtype == "bfloat16"
    assert net.body.first.kernel.dtype == "float32"
    assert (net.body.compute_dtype, net.head.compute_dtype) == ("float32", "float16")
    assert net.head.kernel.dtype == "float16"


def test_map_of_paths_is_a_mapping():
    policies = DTypePolicyMap()
    policies["a/b"], policies["a/.*"] = "float16", "bfloat16"
    assert [policies[path].name for path in ("a/b", "a/c", "b")] == [
        "float16", "bfloat16", "float32"]  # fmt: skip
    assert list(policies) == ["a/b", "a/.*"] and "a/c" not in policies
    with pytest.raises(ValueError, match="'a/b' has a policy"):
        policies["a/b"] = "float32"
    policies["a/c.*"] = "float32"
    with pytest.raises(ValueError, match="several keys fit 'a/cd'"):
        policies["a/cd"]
    del policies["a/c.*"]
    assert policies["a/cd"].name == "bfloat16"
    with pytest.raises(KeyError):
        del policies["nothing"]
    with pytest.raises(ValueError, match="a map itself"):
        DTypePolicyMap(policies)
    with pytest.raises(TypeError, match="must be a dict"):
        DTypePolicyMap("float32", ["a"])


@pytest.mark.parametrize(
    "policy",
    [
        DTypePolicy("mixed_float16"),
        DTypePolicyMap("bfloat16", {"a/.*": DTypePolicy("float16")}),
        DTypePolicyMap(),
    ],
    ids=["policy", "map", "empty-map"],
)
def test_config_makes_an_equal_policy(policy):
    config = json.loads(json.dumps(dtype_policies.serialize(policy)))
    for twin in (
        dtype_policies.deserialize(config),
        dtype_policies.get(config),
        saving.deserialize_keras_object(config),
    ):
        assert twin == policy and type(twin) is type(policy)
    layer = layers.Dense(2, dtype=policy)
    assert layers.Dense.from_config(layer.get_config()).dtype_policy == policy


def test_quantized_policies_are_refused_with_a_reason():
    with pytest.raises(ValueError, match="quantized policies are not supported"):
        dtype_policies.deserialize({"class_name": "QuantizedDTypePolicy", "config": {}})
    with pytest.raises(ValueError, match="unknown policy"):
        DTypePolicy("mixed_float8")


def test_default_of_an_empty_map_follows_the_global_policy():
    policies = DTypePolicyMap()
    dtype_policies.set_dtype_policy("bfloat16")
    assert policies["anything"].name == "bfloat16"
    assert ops.cast(1.0, policies.compute_dtype).dtype == "bfloat16"
