"""UCI digits: 1797 grey 8x8 images of handwritten digits, which ship inside the package."""

from pathlib import Path

import numpy as np

from kerasish.datasets.splits import check_test_split, stratified_split

_FILE = Path(__file__).parent / "embedded" / "digits.npz"


def load_data(test_split=0.2, seed=113):
    """Return 1438 training and 359 test images of handwritten digits with their labels.

    Args:
        test_split: float in [0, 1). Part of every class that becomes test data.
        seed: int. Seed of the shuffle before the split.

    Returns:
        (x_train, y_train), (x_test, y_test): images are uint8 (n, 8, 8) from 0 to 16, bright on
        dark; labels are uint8 (n,) from 0 to 9.

    Raises:
        ValueError: `test_split` is no fraction.

    Example:
        >>> (x_train, y_train), (x_test, y_test) = load_data()
        >>> x_train.shape, x_test.shape, int(x_train.max())
        ((1438, 8, 8), (359, 8, 8), 16)

    Source:
        Alpaydin and Kaynak 1998, UCI "Optical Recognition of Handwritten Digits", CC BY 4.0.
    """
    check_test_split("digits.load_data", test_split)
    with np.load(_FILE, allow_pickle=False) as arrays:
        return stratified_split(arrays["x"], arrays["y"], test_split, seed)
