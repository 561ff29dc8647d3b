"""Wide and deep: crossed categories straight to the output, embeddings through dense layers."""

import numpy as np

import kerasish as keras
from kerasish import layers


def main():
    """Two branches over lookup layers; neither alone is enough."""
    keras.utils.set_random_seed(0)
    generator = np.random.default_rng(0)
    jobs = np.array(["cook", "driver", "nurse", "pilot", "tailor"])
    job, hours = generator.choice(jobs, 1500), generator.normal(40, 10, 1500).astype("float32")
    region = generator.integers(100, 106, 1500)
    paid = {"cook": 0, "driver": 1, "nurse": 2, "pilot": 4, "tailor": 1}
    score = (
        np.array([paid[j] for j in job])
        + (hours - 40) / 10
        + 2 * ((region == 103) & (job == "cook"))
    )
    y = (score > 1.5).astype("float32")

    lookup_job = layers.StringLookup(vocabulary=list(jobs), num_oov_indices=1)
    lookup_region = layers.IntegerLookup(vocabulary=list(range(100, 106)), num_oov_indices=1)
    normalize = layers.Normalization()
    normalize.adapt(hours[:, None])
    job_index, region_index = lookup_job(job), lookup_region(region)
    data = {
        "job": np.asarray(job_index).astype("int32"),
        "region": np.asarray(region_index).astype("int32"),
        "hours": np.asarray(normalize(hours[:, None])),
    }
    job_input = keras.Input((), name="job", dtype="int32")
    region_input = keras.Input((), name="region", dtype="int32")
    hours_input = keras.Input((1,), name="hours")
    crossed = layers.Lambda(lambda pair: pair[0] * 7 + pair[1])([job_input, region_input])
    wide = layers.CategoryEncoding(num_tokens=42, output_mode="one_hot")(crossed)
    wide = layers.BatchNormalization()(wide)
    embedded = [
        layers.Embedding(6, 4)(job_input),
        layers.Embedding(7, 4)(region_input),
        hours_input,
    ]
    deep = layers.concatenate(embedded)
    for units in (16, 16):
        deep = layers.Dense(units)(deep)
        deep = layers.BatchNormalization()(deep)
        deep = layers.Dropout(0.1)(layers.ReLU()(deep))
    outputs = layers.Dense(1, activation="sigmoid")(layers.concatenate([wide, deep]))
    model = keras.Model([job_input, region_input, hours_input], outputs)
    model.compile(keras.optimizers.Adam(0.01), "binary_crossentropy", metrics=["accuracy"])
    train = {name: values[:1200] for name, values in data.items()}
    test = {name: values[1200:] for name, values in data.items()}
    model.fit(train, y[:1200], epochs=12, batch_size=64, verbose=0)
    _, accuracy = model.evaluate(test, y[1200:], verbose=0)
    print(f"test accuracy {accuracy:.3f} (always no: {1 - y[1200:].mean():.3f})")
    print("an unknown job is number", int(np.asarray(lookup_job(np.array(["wizard"])))[0]))
    assert accuracy > 0.88


if __name__ == "__main__":
    main()
