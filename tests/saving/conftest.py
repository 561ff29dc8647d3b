"""Custom classes of the reference files, registered for one test at a time."""

import pytest

from kerasish.core import names
from kerasish.saving import get_custom_objects
from tests.saving import reference


@pytest.fixture
def custom_classes():
    """Classes that the reference files name "fixtures>...", known while the test runs."""
    if not (reference.KERAS / "custom_layers.py").exists():
        pytest.skip("the reference model files are absent")
    names.reset()  # layers inside the custom classes are numbered from the start, as in the files
    before = dict(get_custom_objects())
    yield reference.register_custom_classes()
    get_custom_objects().clear()
    get_custom_objects().update(before)
