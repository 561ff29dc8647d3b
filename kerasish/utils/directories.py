"""Folders of files with one subfolder for each class, as data sets of paths and labels."""

import os
import random

import numpy

from kerasish.data.dataset import Dataset
from kerasish.data.stages.stage import AUTOTUNE
from kerasish.errors import DataError, explain

_LABEL_MODES = ("int", "categorical", "binary", None)
_SUBSETS = ("training", "validation", "both")
_MOST_SEEDS = 10**6


class Files:
    """The files of a folder, with their labels.

    Args:
        where: str, the function to name in errors.
        directory: str or path-like.
        suffixes: tuple of str, lower case.
        labels: "inferred" (from the subfolders, in the order of their names), None, or a list of
            int, one for each file in the order of the paths.
        label_mode: "int", "categorical", "binary" or None.
        class_names: list of str, the subfolders to read and their order; only with "inferred".
        follow_links: bool.

    Raises:
        ValueError: arguments that do not fit each other or the folder.
        DataError: no files.
    """

    def __init__(self, where, directory, suffixes, labels, label_mode, class_names, follow_links):
        self.where, directory = where, os.fspath(directory)
        self._check(labels, label_mode, class_names)
        self.class_names, self.labels = None, None
        if labels == "inferred":
            found = sorted(entry.name for entry in os.scandir(directory) if entry.is_dir())
            self.class_names = self._choose(found, class_names)
            groups = [
                files_below(os.path.join(directory, name), suffixes, follow_links)
                for name in self.class_names
            ]
            self.paths = [path for group in groups for path in group]
            self.labels = [i for i, group in enumerate(groups) for _ in group]
        else:
            self.paths = files_below(directory, suffixes, follow_links)
            if labels is not None:
                self._give(list(labels), directory)
        if not self.paths:
            raise DataError(
                explain(where, "no files", received=directory, expected=f"files {suffixes}")
            )
        self.label_mode = None if self.labels is None else label_mode
        if self.label_mode == "binary" and len(self.class_names) != 2:
            raise ValueError(
                explain(where, 'label_mode "binary" needs two classes', received=self.class_names)
            )

    def _check(self, labels, label_mode, class_names):
        if label_mode not in _LABEL_MODES:
            raise ValueError(
                explain(
                    self.where, "unknown label_mode", received=label_mode,
                    expected=str(_LABEL_MODES),
                )
            )  # fmt: skip
        if labels not in ("inferred", None) and not isinstance(labels, (list, tuple)):
            raise ValueError(
                explain(
                    self.where, "unusable labels", received=labels,
                    expected='"inferred", None or a list',
                )
            )  # fmt: skip
        if class_names and labels != "inferred":
            raise ValueError(explain(self.where, 'class_names go with labels="inferred" only'))

    def _choose(self, found, wanted):
        if wanted is None:
            return found
        if not set(wanted) <= set(found):
            raise ValueError(
                explain(
                    self.where, "there is not a subfolder for each of class_names",
                    received=list(wanted), expected=f"some of {found}",
                )
            )  # fmt: skip
        return list(wanted)

    def _give(self, labels, directory):
        if len(labels) != len(self.paths):
            raise ValueError(
                explain(
                    self.where, "not one label for each file", received=f" {len(labels)} labels",
                    expected=f"{len(self.paths)}, as many as there are files in {directory}",
                )
            )  # fmt: skip
        self.class_names = [str(label) for label in sorted(set(labels))]
        self.labels = labels

    def part(self, order):
        """(paths, labels) of some files, the labels as the mode wants them."""
        paths = numpy.array(self.paths, dtype=object)[order]
        if self.label_mode is None:
            return (paths,)
        labels = numpy.array(self.labels, "int32")[order]
        if self.label_mode == "binary":
            labels = labels.astype("float32")[:, None]
        elif self.label_mode == "categorical":
            labels = numpy.eye(len(self.class_names), dtype="float32")[labels]
        return paths, labels


def files_below(directory, suffixes, follow_links=False):
    """Paths of the files with one of some suffixes, folder by folder in the order of their names.

    Args:
        directory: str.
        suffixes: tuple of str, lower case.
        follow_links: bool. Whether links to folders are gone into.

    Raises:
        OSError: no such folder.
    """
    os.scandir(directory).close()  # os.walk would be silent about a folder that is not there
    found = sorted(os.walk(directory, followlinks=follow_links), key=lambda entry: entry[0])
    return [
        os.path.join(root, name)
        for root, _, names in found
        for name in sorted(names)
        if name.lower().endswith(suffixes)
    ]


def make_datasets(
    files, load, finish, batch_size, shuffle, seed, validation_split, subset, verbose
):
    """Data sets of what is loaded from the files: one, or two for the subset "both".

    Args:
        files: Files.
        load: function from a path to an array or text.
        finish: function of a Dataset and a batch size that makes batches.
        batch_size: int, or None for single elements.
        shuffle: bool. Whether each iteration has an order of its own.
        seed: int or None.
        validation_split: float between 0 and 1, or None. Share of the last files, after they were
            shuffled once.
        subset: "training", "validation", "both", or None.
        verbose: bool. Whether to print how many files there are.

    Returns:
        Dataset, or list of two of them; with the attributes `class_names` and `file_paths`.
    """
    _check_split(files.where, validation_split, subset, shuffle, seed)
    seed = random.randrange(_MOST_SEEDS) if seed is None else seed
    order = numpy.arange(len(files.paths))
    if shuffle:
        numpy.random.RandomState(seed).shuffle(order)
    if verbose:
        kinds = f" belonging to {len(files.class_names)} classes" if files.label_mode else ""
        print(f"Found {len(order)} files{kinds}.")
    count = len(order) if subset is None else len(order) - int(validation_split * len(order))
    parts = {"training": order[:count], "validation": order[count:], None: order}
    made = []
    for name in ("training", "validation") if subset == "both" else (subset,):
        chosen = parts[name]
        if verbose and name is not None:
            print(f"Using {len(chosen)} files for {name}.")
        if not len(chosen):
            raise DataError(explain(files.where, f"no files are left for {name}"))
        slices = Dataset.from_tensor_slices(files.part(chosen))
        data = slices.shuffle(None, seed=seed) if shuffle and name != "validation" else slices
        data = data.map(_loading(load), num_parallel_calls=AUTOTUNE)
        data = finish(data, batch_size).prefetch(AUTOTUNE)
        data.class_names = files.class_names
        data.file_paths = [files.paths[i] for i in chosen]
        made.append(data)
    return made if subset == "both" else made[0]


def _loading(load):
    def with_label(path, *labels):
        return (load(path), *labels) if labels else load(path)

    return with_label


def plain_batches(data, batch_size):
    """Batches of a size, or the data set as it is for None."""
    return data if batch_size is None else data.batch(batch_size)


def _check_split(where, validation_split, subset, shuffle, seed):
    if (validation_split is None) != (subset is None):
        raise ValueError(
            explain(
                where, "validation_split and subset go together",
                received=(validation_split, subset),
            )
        )  # fmt: skip
    if subset is not None and subset not in _SUBSETS:
        raise ValueError(explain(where, "unknown subset", received=subset, expected=str(_SUBSETS)))
    if validation_split is not None and not 0 < validation_split < 1:
        raise ValueError(
            explain(where, "validation_split must lie between 0 and 1", received=validation_split)
        )
    if validation_split is not None and shuffle and seed is None:
        raise ValueError(
            explain(
                where, "a split of shuffled files needs a seed",
                fix="pass the same seed for training and validation, lest they overlap",
            )
        )  # fmt: skip
