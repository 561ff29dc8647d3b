"""Registry: families, aliases, custom objects and scopes; nearest names in errors."""

import threading

import numpy as np
import pytest

from kerasish import registry


@pytest.fixture
def family(monkeypatch):
    """An empty registry with one family of two members."""
    for name in ("_families", "_origins", "_custom", "_custom_names"):
        monkeypatch.setattr(registry, name, {})

    @registry.register("shapes", "sq", "SQ")
    class Square:
        pass

    @registry.register("shapes", name="disc")
    def circle():
        return None

    return Square, circle


def test_lookup_by_name_and_alias(family):
    square, circle = family
    for name in ("Square", "sq", "SQ"):
        assert registry.lookup("shapes", name) is square
    assert registry.find("shapes", "disc") is circle and registry.find("shapes", "circle") is None
    assert registry.find("nothing", "disc") is None
    assert registry.names("shapes") == ["SQ", "Square", "disc", "sq"]
    assert registry.origin(square) == ("shapes", "Square")
    assert registry.origin(circle) == ("shapes", "disc")
    assert registry.origin([]) is None and registry.origin(int) is None


def test_the_first_family_is_the_origin(family):
    square, _ = family
    registry.register("figures")(square)
    assert registry.origin(square) == ("shapes", "Square")
    assert registry.lookup("figures", "Square") is square


def test_unknown_names_offer_the_nearest(family):
    with pytest.raises(ValueError, match="unknown name in shapes.*'Sqare'.*did you mean 'Square'"):
        registry.lookup("shapes", "Sqare")
    with pytest.raises(ValueError, match="^Dense: .*choose one of: SQ, Square"):
        registry.lookup("shapes", "xyz", where="Dense")


def test_custom_objects(family):
    @registry.register_keras_serializable("pack", name="Own")
    class Custom:
        def get_config(self):
            return {}

    assert registry.get_registered_name(Custom) == "pack>Own"
    assert registry.get_registered_object("pack>Own") is Custom
    assert registry.lookup("shapes", "pack>Own") is Custom
    assert registry.get_custom_objects() == {"pack>Own": Custom}
    assert registry.get_registered_name(int) == "int"
    assert registry.get_registered_object("none") is None
    assert registry.get_registered_object("x", {"x": 1}) == 1
    with pytest.raises(ValueError, match="Plain: a registered class needs get_config"):
        registry.register_keras_serializable()(type("Plain", (), {}))


def test_scopes_shadow_nest_and_end_with_errors(family):
    square, _ = family
    with registry.CustomObjectScope({"sq": 1, "own": 2}):
        with pytest.raises(ZeroDivisionError), registry.CustomObjectScope({"sq": 3}):
            assert (registry.find("shapes", "sq"), registry.find("shapes", "own")) == (3, 2)
            raise ZeroDivisionError
        assert registry.find("shapes", "sq") == 1
    assert registry.find("shapes", "sq") is square


def test_scopes_of_objects_that_cannot_be_compared(family):
    with registry.CustomObjectScope({"a": np.ones(2)}):
        with registry.CustomObjectScope({"a": np.ones(2)}):
            assert registry.find("shapes", "a").shape == (2,)
    assert registry.find("shapes", "a") is None


def test_scopes_belong_to_a_thread(family):
    seen = []
    with registry.CustomObjectScope({"own": 1}):
        thread = threading.Thread(target=lambda: seen.append(registry.find("shapes", "own")))
        thread.start()
        thread.join()
    assert seen == [None]
