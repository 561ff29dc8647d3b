"""LookupFiles: the part of the lookup layers that writes configs and files, and reads them."""

import numpy

from kerasish.config import settings
from kerasish.errors import explain
from kerasish.layers.preprocessing.vocabulary import FILE, read_tokens


class LookupFiles:
    """Mixin of layers with a vocabulary: config, weights and assets, as Keras lays them out."""

    def get_config(self):
        """Constructor arguments, and the size of the vocabulary."""
        vocabulary, idf_weights = self.vocabulary_of_config()
        known = {"vocabulary": vocabulary, "idf_weights": idf_weights}
        return {**super().get_config(), **known, "vocabulary_size": self._frozen_size}

    def vocabulary_of_config(self):
        """(list of tokens, list of weights or None) that the config holds; else None for both.

        A vocabulary that was learned is written to a file of its own, one token a line; one with
        tokens that are not exactly one line goes into the config like one that was given.
        """
        if self.input_vocabulary is not None or self._vocabulary.fits_lines:
            return self.input_vocabulary, self.input_idf_weights
        tokens = self.get_vocabulary()
        is_idf = self.output_mode == "tf_idf"
        return tokens, self.idf_weights[: len(tokens)].tolist() if is_idf else None

    @classmethod
    def from_config(cls, config):
        """Layer from `get_config()`.

        Raises:
            ValueError: the config names a file, which no config written by a layer does.
        """
        refuse_path(config)
        return super().from_config(config)

    def get_build_config(self):
        """Nothing: there are no weights."""
        return {}

    def build_from_config(self, config):
        """Nothing is to be built."""

    def save_own_variables(self, store):
        """Put the inverse document frequencies into a store, where there are some."""
        if self.idf_weights is not None:
            store["idf_weights"] = self.idf_weights

    def load_own_variables(self, store):
        """Take the inverse document frequencies from a store."""
        if self.output_mode == "tf_idf" and "idf_weights" in store:
            self.idf_weights = numpy.asarray(store["idf_weights"], settings.floatx)

    def save_assets(self, dir_path):
        """Write the vocabulary into a folder; not where the config holds it."""
        if self.vocabulary_of_config()[0] is None:
            self._vocabulary.write(dir_path)

    def load_assets(self, dir_path):
        """Read the vocabulary from a folder."""
        if self.input_vocabulary is None:
            tokens = read_tokens(f"{dir_path}/{FILE}", self.name, self._is_text)
            idf = self.idf_weights[: len(tokens)] if self.output_mode == "tf_idf" else None
            if len(tokens) > self._vocabulary.token_start:
                self.set_vocabulary(tokens, idf)


def refuse_path(config):
    """Raises: a config asks for a file of the machine it is read on."""
    if isinstance(config.get("vocabulary"), str):
        raise ValueError(
            explain(
                config.get("name", "a lookup layer"),
                "a config may not name a vocabulary file",
                received=config["vocabulary"],
                fix="set_vocabulary(path) after loading",
            )
        )
