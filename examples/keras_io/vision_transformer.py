"""A vision transformer: patches as words, attention, a class."""

import kerasish as keras
from kerasish import layers, ops


class Patches(layers.Layer):
    """Cuts images into squares, one row of numbers each."""

    def __init__(self, patch_size):
        super().__init__()
        self.patch_size = patch_size

    def call(self, images):
        input_shape = ops.shape(images)
        batch_size, height, width, channels = input_shape
        count = (height // self.patch_size) * (width // self.patch_size)
        patches = ops.image.extract_patches(images, size=self.patch_size)
        return ops.reshape(patches, (batch_size, count, self.patch_size**2 * channels))

    def get_config(self):
        return {**super().get_config(), "patch_size": self.patch_size}


class PatchEncoder(layers.Layer):
    """Projects patches and adds a learned place to each."""

    def __init__(self, num_patches, projection_dim):
        super().__init__()
        self.num_patches = num_patches
        self.projection = layers.Dense(units=projection_dim)
        self.position_embedding = layers.Embedding(num_patches, projection_dim)

    def call(self, patch):
        positions = ops.expand_dims(ops.arange(start=0, stop=self.num_patches, step=1), axis=0)
        return self.projection(patch) + self.position_embedding(positions)


def mlp(x, hidden_units, dropout_rate):
    """Dense layers with gelu and dropout."""
    for units in hidden_units:
        x = layers.Dense(units, activation=keras.activations.gelu)(x)
        x = layers.Dropout(dropout_rate)(x)
    return x


def create_vit_classifier(projection_dim=24, blocks=2):
    """Patches of 2 x 2, two blocks."""
    inputs = keras.Input(shape=(8, 8, 1))
    encoded = PatchEncoder(16, projection_dim)(Patches(2)(inputs))
    for _ in range(blocks):
        x1 = layers.LayerNormalization(epsilon=1e-6)(encoded)
        attended = layers.MultiHeadAttention(num_heads=2, key_dim=projection_dim, dropout=0.1)(
            x1, x1
        )
        x2 = layers.Add()([attended, encoded])
        x3 = layers.LayerNormalization(epsilon=1e-6)(x2)
        x3 = mlp(x3, hidden_units=[projection_dim * 2, projection_dim], dropout_rate=0.1)
        encoded = layers.Add()([x3, x2])
    representation = layers.LayerNormalization(epsilon=1e-6)(encoded)
    representation = layers.Dropout(0.1)(layers.Flatten()(representation))
    features = mlp(representation, hidden_units=[64], dropout_rate=0.1)
    return keras.Model(inputs=inputs, outputs=layers.Dense(10)(features))


def main():
    """Digits by attention alone."""
    keras.utils.set_random_seed(0)
    (x, y), (x_test, y_test) = keras.datasets.digits.load_data()
    x, x_test = x[..., None].astype("float32") / 16, x_test[..., None].astype("float32") / 16
    model = create_vit_classifier()
    model.compile(
        optimizer=keras.optimizers.AdamW(learning_rate=0.002, weight_decay=0.0001),
        loss=keras.losses.SparseCategoricalCrossentropy(from_logits=True),
        metrics=[
            keras.metrics.SparseCategoricalAccuracy(name="accuracy"),
            keras.metrics.SparseTopKCategoricalAccuracy(3, name="top-3-accuracy"),
        ],
    )
    model.fit(x, y, batch_size=64, epochs=10, verbose=0)
    _, accuracy, top_3 = model.evaluate(x_test, y_test, verbose=0)
    print(f"{model.count_params()} weights, accuracy {accuracy:.3f}, among the top 3 {top_3:.3f}")
    assert accuracy > 0.85 and top_3 > accuracy


if __name__ == "__main__":
    main()
