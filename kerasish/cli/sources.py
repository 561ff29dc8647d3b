"""What the command line knows of every data set: kind, shape, class names and files."""

from dataclasses import dataclass

from kerasish import datasets
from kerasish.datasets import files as data_files
from kerasish.errors import explain, nearest

_DIGITS = tuple("0123456789")
_CLOTHES = (
    "T-shirt/top",
    "trouser",
    "pullover",
    "dress",
    "coat",
    "sandal",
    "shirt",
    "sneaker",
    "bag",
    "ankle boot",
)
_THINGS = (
    "airplane",
    "automobile",
    "bird",
    "cat",
    "deer",
    "dog",
    "frog",
    "horse",
    "ship",
    "truck",
)


@dataclass(frozen=True)
class Source:
    """One data set.

    Args:
        name: the module in `kerasish.datasets`.
        about: one clause for listings.
        kind: "image", "table" or "text".
        shape: shape of one input, images with a channel axis; () for text, which is padded.
        class_names: names of the classes in label order; () for regression.
        pixel_max: brightest value of an image.
        unit: unit of a regression target.
        files: the DataFiles it needs; () where it ships inside the package.
    """

    name: str
    about: str
    kind: str
    shape: tuple[int, ...]
    class_names: tuple[str, ...] = ()
    pixel_max: int = 255
    unit: str = ""
    files: tuple[data_files.DataFile, ...] = ()

    def load(self, **arguments):
        return getattr(datasets, self.name).load_data(**arguments)


SOURCES = {
    source.name: source
    for source in (
        Source("digits", "8x8 handwritten digits", "image", (8, 8, 1), _DIGITS, 16),
        Source("iris", "150 flowers, 3 species", "table", (4,), datasets.iris.get_label_names()),
        Source(
            "mnist",
            "28x28 handwritten digits",
            "image",
            (28, 28, 1),
            _DIGITS,
            files=(data_files.MNIST,),
        ),
        Source(
            "fashion_mnist",
            "28x28 pictures of clothing",
            "image",
            (28, 28, 1),
            _CLOTHES,
            files=tuple(data_files.FASHION_MNIST.values()),
        ),
        Source(
            "cifar10",
            "32x32 colour images",
            "image",
            (32, 32, 3),
            _THINGS,
            files=(data_files.CIFAR10,),
        ),
        Source(
            "cifar100",
            "32x32 colour images, 100 classes",
            "image",
            (32, 32, 3),
            tuple(f"class {i}" for i in range(100)),
            files=(data_files.CIFAR100,),
        ),
        Source(
            "imdb",
            "film reviews, negative or positive",
            "text",
            (),
            ("negative", "positive"),
            files=(data_files.IMDB, data_files.IMDB_WORDS),
        ),
        Source(
            "reuters",
            "newswires, 46 topics",
            "text",
            (),
            datasets.reuters.get_label_names(),
            files=(data_files.REUTERS, data_files.REUTERS_WORDS),
        ),
        Source(
            "boston_housing",
            "house prices, 506 tracts",
            "table",
            (13,),
            unit="thousand dollars",
            files=(data_files.BOSTON_HOUSING,),
        ),
        Source(
            "california_housing",
            "house values, 20640 districts",
            "table",
            (8,),
            unit="dollars",
            files=(data_files.CALIFORNIA_HOUSING,),
        ),
    )
}


def find(name):
    """Return the Source of a name; ValueError with the nearest name where there is none."""
    if name not in SOURCES:
        raise ValueError(
            explain(
                "data",
                "unknown data set",
                received=name,
                expected="one of " + ", ".join(SOURCES),
                fix=nearest(name, SOURCES),
            )
        )
    return SOURCES[name]
