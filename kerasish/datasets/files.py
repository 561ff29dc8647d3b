"""The table of data files: where each is published, how large it is and which digests are right."""

from dataclasses import dataclass, field

KERAS_ORIGIN = "https://storage.googleapis.com/tensorflow/tf-keras-datasets/"
CIFAR_ORIGIN = "https://www.cs.toronto.edu/~kriz/"


@dataclass(frozen=True)
class StandIn:
    """A file that may take a published file's place in a local folder.

    Args:
        digest: its sha256.
        note: what differs from the published file; empty where the content is the same.
        name: its file name, where that differs from the published one.
    """

    digest: str
    note: str = ""
    name: str = ""


@dataclass(frozen=True)
class DataFile:
    """One published file.

    Args:
        name: file name in the cache and in a local folder.
        origin: the folder it is published in, as a URL that ends in "/".
        digest: sha256 of the published file, or its MD5 where only that is published.
        size: bytes.
        stand_ins: other files that are accepted for it.
        folder: subfolder of the cache, so that files of equal names do not meet.
    """

    name: str
    origin: str
    digest: str
    size: int
    stand_ins: tuple[StandIn, ...] = field(default=())
    folder: str = ""

    @property
    def url(self) -> str:
        return self.origin + self.name


MNIST = DataFile(
    "mnist.npz",
    KERAS_ORIGIN,
    "731c5ac602752760c8e48fbffcf8c3b850d9dc2a2aedcf2cc48468fc17b673d1",
    11_490_434,
    (StandIn("06af5dfe73b70e3bc1c36439982b18a8d76803db9b544f6fdf838a37fbb01b64"),),
)
FASHION_MNIST = {
    "x_train": DataFile(
        "train-images-idx3-ubyte.gz",
        KERAS_ORIGIN,
        "3aede38d61863908ad78613f6a32ed271626dd12800ba2636569512369268a84",
        26_421_880,
        (StandIn("8b199a78fcffd08213f3f995f95e549cdfdd6dd492aeac1829e360e19ee88eaa"),),
        folder="fashion-mnist",
    ),
    "y_train": DataFile(
        "train-labels-idx1-ubyte.gz",
        KERAS_ORIGIN,
        "a04f17134ac03560a47e3764e11b92fc97de4d1bfaf8ba1a3aa29af54cc90845",
        29_515,
        folder="fashion-mnist",
    ),
    "x_test": DataFile(
        "t10k-images-idx3-ubyte.gz",
        KERAS_ORIGIN,
        "346e55b948d973a97e58d2351dde16a484bd415d4595297633bb08f03db6a073",
        4_422_102,
        (StandIn("7c6621dcb44684473211cf5e6caff791b78488f89e2ed543e22110ee419ea822"),),
        folder="fashion-mnist",
    ),
    "y_test": DataFile(
        "t10k-labels-idx1-ubyte.gz",
        KERAS_ORIGIN,
        "67da17c76eaffca5446c3361aaab5c3cd6d1c2608764d35dfb1850b086bf8dd5",
        5_148,
        folder="fashion-mnist",
    ),
}
CIFAR10 = DataFile(
    "cifar-10-python.tar.gz",
    CIFAR_ORIGIN,
    "6d958be074577803d12ecdefd02955f39262c83c16fe9348329d7fe0b5c001ce",
    170_498_071,
    (
        StandIn(
            "1b22f06bb87fad2a61a9f375da1559531473f64822328093f7d74e6d6ced43be",
            "a part of CIFAR-10 (10000 training and 2000 test images), its pixels degraded by JPEG",
            "cifar10_10k_2k.npz",
        ),
    ),
)
CIFAR100 = DataFile(
    "cifar-100-python.tar.gz",
    CIFAR_ORIGIN,
    "85cd44d02ba6437773c5bbd22e183051d648de2e7d6b014e1ef29b855ba677a7",
    169_001_437,
)
IMDB = DataFile(
    "imdb.npz",
    KERAS_ORIGIN,
    "69664113be75683a8fe16e3ed0ab59fda8886cb3cd7ada244f7d9544e4676b9f",
    17_464_789,
    (
        StandIn(
            "9b27d1b495efdf7fb23486292fbf29d3791df9f16a369e254cf35f96b56394bc",
            "a part of IMDB (10000 training and 5000 test reviews) with its own word numbers",
        ),
    ),
)
IMDB_WORDS = DataFile(
    "imdb_word_index.json",
    KERAS_ORIGIN,
    "bfafd718b763782e994055a2d397834f",
    1_641_221,
    (StandIn("fe17447fb240f08bc537103f893cb186830e68389e1e7941c5d61901f6e12eb7"),),
)
REUTERS = DataFile(
    "reuters.npz",
    KERAS_ORIGIN,
    "d6586e694ee56d7a4e65172e12b3e987c03096cb01eab99753921ef915959916",
    2_110_848,
    (
        StandIn(
            "54ad7ba03374904f9550783287b5436d5495db2e002b19eee87fb2f940308bbf",
            "a part of Reuters (8579 of 11228 newswires) with its own word numbers",
        ),
    ),
)
REUTERS_WORDS = DataFile(
    "reuters_word_index.json",
    KERAS_ORIGIN,
    "4d44cc38712099c9e383dc6e5f11a921",
    550_378,
    (StandIn("d07cf314cef60e466b6661341a1792037d1ac856d3078686edb374a415c1ded7"),),
)
BOSTON_HOUSING = DataFile(
    "boston_housing.npz",
    KERAS_ORIGIN,
    "f553886a1f8d56431e820c5b82552d9d95cfcb96d1e678153f8839538947dff5",
    57_026,
    (StandIn("9a38dd3bf92f3c2809445778cc12336e985c0faf67eb64379f6809dca11ef4bc"),),
)
CALIFORNIA_HOUSING = DataFile(
    "california_housing.npz",
    KERAS_ORIGIN,
    "1a2e3a52e0398de6463aebe6f4a8da34fb21fbb6b934cf88c3425e766f2a1a6f",
    743_530,
    (
        StandIn(
            "a03f612824db0a2ad7da0b0e664f96bf57b0800781d23bbb30b241437c7d788f",
            "the same 20640 districts, perhaps in another order than Keras's file, so that"
            " the train and test parts may differ from Keras's",
        ),
    ),
)
