"""What every initializer, regularizer and constraint does alike: names, configs, errors."""

import pytest

from kerasish import constraints, initializers, ops, regularizers
from kerasish.registry import register_keras_serializable
from kerasish.testing import check_constraint, check_initializer, check_regularizer
from tests.building_blocks.cases import CONSTRAINTS, INITIALIZERS, REGULARIZERS

FAMILIES = [(initializers, INITIALIZERS), (regularizers, REGULARIZERS), (constraints, CONSTRAINTS)]
CASES = [pytest.param(m, *case, id=case[0]) for m, cases in FAMILIES for case in cases]
MODULES = [pytest.param(m, id=m.__name__.split(".")[-1]) for m, _ in FAMILIES]


@pytest.mark.parametrize(("module", "name", "cls", "arguments"), CASES)
def test_get_by_both_names(module, name, cls, arguments):
    assert type(module.get(name)) is cls
    assert type(module.get(cls.__name__)) is cls
    assert type(module.get(cls)) is cls
    assert getattr(module, name) is cls


CHECKS = {
    initializers: check_initializer,
    regularizers: check_regularizer,
    constraints: check_constraint,
}


@pytest.mark.parametrize(("module", "name", "cls", "arguments"), CASES)
def test_contract_is_kept(module, name, cls, arguments):
    item = cls(**arguments)
    assert len(CHECKS[module](item)) >= 2
    assert {key: item.get_config()[key] for key in arguments} == arguments
    config = module.serialize(item)
    family = module.__name__.split(".")[-1]
    assert (config["module"], config["class_name"]) == (f"keras.{family}", cls.__name__)


@pytest.mark.parametrize("module", MODULES)
def test_get_passes_none_and_callables(module):
    def function(*arguments, **keywords):
        return None

    assert module.get(None) is None
    assert module.get(function) is function


@pytest.mark.parametrize("module", MODULES)
def test_get_refuses_anything_else(module):
    with pytest.raises(ValueError, match="not usable.*Received: 3"):
        module.get(3)
    with pytest.raises(ValueError, match="not a config"):
        module.get({"config": {}})


@pytest.mark.parametrize(
    ("module", "typo", "offer"),
    [
        (initializers, "glorot_unifrom", "glorot_uniform"),
        (regularizers, "l1_12", "l1_l2"),
        (constraints, "maxnorm", "max_norm"),
    ],
)
def test_unknown_name_offers_the_nearest(module, typo, offer):
    with pytest.raises(ValueError, match=f"did you mean '{offer}'"):
        module.get(typo)


def test_custom_class_by_registration_and_by_custom_objects():
    @register_keras_serializable("tests")
    class Half(initializers.Initializer):
        def __call__(self, shape, dtype=None):
            return ops.ones(shape) / 2

    config = initializers.serialize(Half())
    assert config["registered_name"] == "tests>Half"
    assert type(initializers.deserialize(config)) is Half

    @register_keras_serializable("tests", name="Zeros")
    class AlmostZeros(initializers.Zeros):
        pass

    config = {**initializers.serialize(AlmostZeros()), "class_name": "Zeros"}
    assert type(initializers.deserialize(config)) is AlmostZeros

    class Third(initializers.Initializer):
        def __call__(self, shape, dtype=None):
            return ops.ones(shape) / 3

    config = initializers.serialize(Third())
    assert type(initializers.deserialize(config, custom_objects={"Third": Third})) is Third
    with pytest.raises(ValueError, match="unknown class 'Third'"):
        initializers.deserialize(config)
