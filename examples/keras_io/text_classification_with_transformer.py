"""A Transformer block as a layer: attention over words, their places added."""

import numpy as np

import kerasish as keras
from kerasish import layers, ops


class TransformerBlock(layers.Layer):
    """Attention and a small network, each with dropout, residual and normalization."""

    def __init__(self, embed_dim, num_heads, ff_dim, rate=0.1):
        super().__init__()
        self.att = layers.MultiHeadAttention(num_heads=num_heads, key_dim=embed_dim)
        self.ffn = keras.Sequential(
            [layers.Dense(ff_dim, activation="relu"), layers.Dense(embed_dim)]
        )
        self.layernorm1 = layers.LayerNormalization(epsilon=1e-6)
        self.layernorm2 = layers.LayerNormalization(epsilon=1e-6)
        self.dropout1 = layers.Dropout(rate)
        self.dropout2 = layers.Dropout(rate)

    def call(self, inputs):
        attended = self.dropout1(self.att(inputs, inputs))
        out1 = self.layernorm1(inputs + attended)
        return self.layernorm2(out1 + self.dropout2(self.ffn(out1)))


class TokenAndPositionEmbedding(layers.Layer):
    """Embedding of words plus embedding of places."""

    def __init__(self, maxlen, vocab_size, embed_dim):
        super().__init__()
        self.token_emb = layers.Embedding(input_dim=vocab_size, output_dim=embed_dim)
        self.pos_emb = layers.Embedding(input_dim=maxlen, output_dim=embed_dim)

    def call(self, x):
        positions = ops.arange(start=0, stop=ops.shape(x)[-1], step=1)
        return self.token_emb(x) + self.pos_emb(positions)


def main():
    """Is word 1 directly followed by word 2 anywhere?"""
    keras.utils.set_random_seed(0)
    generator = np.random.default_rng(0)
    maxlen, vocab = 12, 20
    x = generator.integers(1, vocab, size=(2400, maxlen))
    y = generator.integers(0, 2, size=len(x))
    for row, label in zip(x, y, strict=True):
        i, j = generator.choice(maxlen - 1), generator.choice(maxlen)
        row[row == 1] = 5
        row[i if label else j] = 1
        if label:
            row[i + 1] = 2
        elif j + 1 < maxlen:
            row[j + 1] = 6
    inputs = layers.Input(shape=(maxlen,))
    hidden = TokenAndPositionEmbedding(maxlen, vocab, 24)(inputs)
    hidden = TransformerBlock(24, num_heads=2, ff_dim=32)(hidden)
    hidden = layers.GlobalAveragePooling1D()(hidden)
    hidden = layers.Dropout(0.1)(hidden)
    outputs = layers.Dense(2, activation="softmax")(layers.Dense(20, activation="relu")(hidden))
    model = keras.Model(inputs=inputs, outputs=outputs)
    model.compile(
        keras.optimizers.Adam(0.005), "sparse_categorical_crossentropy", metrics=["accuracy"]
    )
    model.fit(x[:2000], y[:2000], batch_size=32, epochs=12, verbose=0)
    _, accuracy = model.evaluate(x[2000:], y[2000:], verbose=0)
    print(f"{model.count_params()} weights, accuracy {accuracy:.3f}")
    assert accuracy > 0.8


if __name__ == "__main__":
    main()
