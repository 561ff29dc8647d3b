"""Recommendations: embeddings of users and films, their product, and two biases."""

import numpy as np

import kerasish as keras
from kerasish import layers, ops


class RecommenderNet(keras.Model):
    """Match of a user and a film, as a number of (0, 1)."""

    def __init__(self, num_users, num_movies, embedding_size, **kwargs):
        super().__init__(**kwargs)
        options = {
            "embeddings_initializer": "he_normal",
            "embeddings_regularizer": keras.regularizers.l2(1e-6),
        }
        self.user_embedding = layers.Embedding(num_users, embedding_size, **options)
        self.user_bias = layers.Embedding(num_users, 1)
        self.movie_embedding = layers.Embedding(num_movies, embedding_size, **options)
        self.movie_bias = layers.Embedding(num_movies, 1)

    def call(self, inputs):
        user_vector, user_bias = self.user_embedding(inputs[:, 0]), self.user_bias(inputs[:, 0])
        movie_vector = self.movie_embedding(inputs[:, 1])
        movie_bias = self.movie_bias(inputs[:, 1])
        match = ops.sum(user_vector * movie_vector, axis=1, keepdims=True)
        return ops.nn.sigmoid(match + user_bias + movie_bias)


def main():
    """Guess ratings that were held back; recommend the best unseen film."""
    keras.utils.set_random_seed(0)
    generator = np.random.default_rng(0)
    users, movies = 60, 40
    tastes, kinds = generator.normal(size=(users, 3)), generator.normal(size=(movies, 3))
    truth = 1 / (1 + np.exp(-tastes @ kinds.T))
    pairs = np.array([(u, m) for u in range(users) for m in range(movies)])
    generator.shuffle(pairs)
    pairs = pairs[:2000]
    ratings = truth[pairs[:, 0], pairs[:, 1]].astype("float32")
    model = RecommenderNet(users, movies, 8)
    model.compile(
        loss=keras.losses.BinaryCrossentropy(),
        optimizer=keras.optimizers.Adam(learning_rate=0.02),
        metrics=["mae"],
    )
    history = model.fit(
        pairs[:1700], ratings[:1700], batch_size=64, epochs=10, verbose=0,
        validation_data=(pairs[1700:], ratings[1700:]),
    ).history  # fmt: skip
    naive = np.abs(ratings[1700:] - ratings[:1700].mean()).mean()
    user = 7
    seen = {m for u, m in pairs if u == user}
    unseen = np.array([[user, m] for m in range(movies) if m not in seen])
    best = unseen[model.predict(unseen, verbose=0).ravel().argmax(), 1]
    print(f"error of held back ratings {history['val_mae'][-1]:.3f} (always the mean: {naive:.3f})")
    print(f"recommended to user {user}: film {best}, true rating {truth[user, best]:.2f}")
    assert history["val_mae"][-1] < 0.6 * naive


if __name__ == "__main__":
    main()
