"""Published ImageNet weights: taken from the cache if they are the right ones, else asked for."""

import hashlib

import numpy as np
import pytest

from kerasish import applications
from kerasish.applications import digests, published
from kerasish.errors import DataError


def test_missing_weights_are_asked_for(cache):
    with pytest.raises(DataError) as caught:
        applications.ResNet50()
    name = "resnet50_weights_tf_dim_ordering_tf_kernels.h5"
    for part in ("not at hand", f"/resnet/{name}", str(cache / name), "weights='PATH/"):
        assert part in str(caught.value)


def test_weights_without_a_digest_are_never_taken_from_the_cache(cache):
    (cache / "mobilenet_v2_weights_tf_dim_ordering_tf_kernels_0.5_96_no_top.h5").touch()
    with pytest.raises(DataError, match="no digest .* was published"):
        applications.MobileNetV2(alpha=0.5, input_shape=(96, 96, 3), include_top=False)


def test_another_file_of_the_name_is_refused(cache):
    (cache / "vgg16_weights_tf_dim_ordering_tf_kernels_notop.h5").write_bytes(b"something")
    with pytest.raises(DataError, match="digest differs"):
        applications.VGG16(include_top=False)


def test_weights_in_the_cache_are_used(cache, monkeypatch):
    key, arguments = "mobilenet_v3_small_minimalistic_1.0", {"minimalistic": True}
    model = applications.MobileNetV3Small(weights=None, include_top=False, **arguments)
    path = cache / "weights_mobilenet_v3_small_minimalistic_224_1.0_float_no_top_v2.h5"
    model.save(path)
    found = hashlib.md5(path.read_bytes(), usedforsecurity=False).hexdigest()
    monkeypatch.setitem(digests.DIGESTS, key, (None, found))
    loaded = applications.MobileNetV3Small(include_top=False, **arguments)
    for one, other in zip(model.weights, loaded.weights, strict=True):
        np.testing.assert_array_equal(one.numpy(), other.numpy())


def test_published_files_have_digests_of_known_lengths():
    for key, pair in digests.DIGESTS.items():
        assert [len(digest) in (32, 64) for digest in pair] == [True, True], key
        assert all(set(digest) <= set("0123456789abcdef") for digest in pair), key


ADDRESSES = {  # of the files without classifier
    "EfficientNetB0": "https://storage.googleapis.com/keras-applications/efficientnetb0_notop.h5",
    "NASNetLarge": f"{published._ROOT}nasnet/NASNet-large-no-top.h5",
    "MobileNet": f"{published._ROOT}mobilenet/mobilenet_1_0_224_tf_no_top.h5",
    "Xception": f"{published._ROOT}xception/xception_weights_tf_dim_ordering_tf_kernels_notop.h5",
    "ConvNeXtBase": f"{published._ROOT}convnext/convnext_base_notop.h5",
}


@pytest.mark.parametrize("title", ADDRESSES)
def test_messages_tell_where_the_weights_are(title, cache):
    with pytest.raises(DataError) as caught:
        getattr(applications, title)(include_top=False)
    assert ADDRESSES[title] in str(caught.value)
