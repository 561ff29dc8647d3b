"""MLP-Mixer: dense layers over patches, then over channels, turn by turn."""

import kerasish as keras
from kerasish import layers, ops


class MLPMixerLayer(layers.Layer):
    """Mixes across patches, then across channels."""

    def __init__(self, num_patches, hidden_units, dropout_rate, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.mlp1 = keras.Sequential(
            [
                layers.Dense(units=num_patches, activation="gelu"),
                layers.Dense(units=num_patches),
                layers.Dropout(rate=dropout_rate),
            ]
        )
        self.mlp2 = keras.Sequential(
            [
                layers.Dense(units=hidden_units * 2, activation="gelu"),
                layers.Dense(units=hidden_units),
                layers.Dropout(rate=dropout_rate),
            ]
        )
        self.normalize = layers.LayerNormalization(epsilon=1e-6)

    def call(self, inputs):
        x = self.normalize(inputs)
        x_channels = ops.transpose(x, axes=(0, 2, 1))
        mlp1_outputs = ops.transpose(self.mlp1(x_channels), axes=(0, 2, 1))
        x = mlp1_outputs + inputs
        return x + self.mlp2(self.normalize(x))


def main():
    """Digits in patches of 2 x 2."""
    keras.utils.set_random_seed(0)
    (x, y), (x_test, y_test) = keras.datasets.digits.load_data()
    x, x_test = x[..., None].astype("float32"), x_test[..., None].astype("float32")
    inputs = layers.Input(shape=(8, 8, 1))
    scale = layers.Normalization()
    scale.adapt(x)
    augmented = layers.RandomTranslation(0.05, 0.05, fill_mode="nearest", seed=3)(scale(inputs))
    patches = layers.Conv2D(24, 2, strides=2)(augmented)
    tokens = layers.Reshape((16, 24))(patches)
    for _ in range(2):
        tokens = MLPMixerLayer(16, 24, 0.1)(tokens)
    representation = layers.GlobalAveragePooling1D()(tokens)
    model = keras.Model(inputs, layers.Dense(10)(layers.Dropout(0.1)(representation)))
    model.compile(
        optimizer=keras.optimizers.AdamW(learning_rate=0.005, weight_decay=0.0001),
        loss=keras.losses.SparseCategoricalCrossentropy(from_logits=True),
        metrics=["accuracy"],
    )
    slower = keras.callbacks.ReduceLROnPlateau(monitor="val_loss", factor=0.5, patience=3)
    model.fit(x, y, batch_size=64, epochs=10, validation_split=0.1, callbacks=[slower], verbose=0)
    _, accuracy = model.evaluate(x_test, y_test, verbose=0)
    print(f"{model.count_params()} weights, accuracy {accuracy:.3f}")
    assert accuracy > 0.85


if __name__ == "__main__":
    main()
