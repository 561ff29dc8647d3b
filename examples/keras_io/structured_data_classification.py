"""Numbers and categories in columns: FeatureSpace in front of dense layers."""

import numpy as np

import kerasish as keras
from kerasish import layers


def patients(count, seed):
    """Made-up columns and a target that depends on three of them."""
    generator = np.random.default_rng(seed)
    columns = {
        "age": generator.uniform(20, 80, count).astype("float32"),
        "pressure": generator.normal(130, 15, count).astype("float32"),
        "sex": generator.integers(0, 2, count),
        "thal": generator.choice(["fixed", "normal", "reversible"], count),
    }
    risk = (columns["age"] - 50) / 15 + 2.0 * (columns["thal"] == "reversible") - columns["sex"]
    return columns, (risk + generator.normal(0, 0.3, count) > 0.2).astype("float32")


def main():
    """Learn the scales and vocabularies, then the classes."""
    keras.utils.set_random_seed(0)
    features, target = patients(800, seed=0)
    validation, validation_target = patients(200, seed=1)
    space = keras.utils.FeatureSpace(
        features={
            "age": keras.utils.FeatureSpace.float_discretized(num_bins=10),
            "pressure": "float_normalized",
            "sex": keras.utils.FeatureSpace.integer_categorical(num_oov_indices=0),
            "thal": keras.utils.FeatureSpace.string_categorical(num_oov_indices=0),
        },
        crosses=[keras.utils.FeatureSpace.cross(("sex", "thal"), crossing_dim=16)],
        output_mode="concat",
    )
    space.adapt(dataset(features))
    x, x_validation = np.asarray(space(features)), np.asarray(space(validation))
    print("columns:", sorted(features), "-> encoded:", x.shape)
    inputs = space.get_encoded_features()
    hidden = layers.Dropout(0.2)(layers.Dense(32, activation="relu")(inputs))
    outputs = layers.Dense(1, activation="sigmoid")(hidden)
    model = keras.Model(inputs=inputs, outputs=outputs)
    model.compile(keras.optimizers.Adam(0.01), "binary_crossentropy", metrics=["accuracy", "AUC"])
    model.fit(x, target, epochs=15, verbose=0)
    _, accuracy, auc = model.evaluate(x_validation, validation_target, verbose=0)
    print(f"validation accuracy {accuracy:.3f}, AUC {auc:.3f}")
    end_to_end = keras.Model(space.get_inputs(), model(space.get_encoded_features()))
    one = {name: column[:1] for name, column in validation.items()}
    probability = np.asarray(
        end_to_end({k: keras.ops.convert_to_tensor(v) for k, v in one.items()})
    )
    print(f"first patient: {probability[0, 0]:.2f}, in truth {validation_target[0]:.0f}")
    assert accuracy > 0.85 and auc > 0.92


def dataset(features):
    """The columns as batches of dicts."""
    from_slices = keras.data.Dataset.from_tensor_slices
    return from_slices(features).batch(64)


if __name__ == "__main__":
    main()
