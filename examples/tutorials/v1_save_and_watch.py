"""Saved and restored with a Saver, watched with summaries, in order with name scopes."""

import os
import tempfile

import v1_housing_data

import kerasish.compat.v1 as tf


def build(features):
    """The graph: (inputs, targets, loss, training step, global step)."""
    inputs = tf.placeholder(tf.float32, [None, features], name="x")
    targets = tf.placeholder(tf.float32, [None, 1], name="y")
    theta = tf.Variable(tf.zeros([features, 1]), name="theta")
    with tf.name_scope("loss"):
        error = tf.subtract(tf.matmul(inputs, theta), targets, name="error")
        loss = tf.reduce_mean(tf.square(error), name="mse")
    count = tf.train.get_or_create_global_step()
    step = tf.train.AdamOptimizer(0.02).minimize(loss, global_step=count)
    print("names:", error.op.name, loss.op.name)
    return inputs, targets, loss, step, count


def train(session, parts, x, y, steps, saver, prefix, writer=None, summaries=None):
    """Run steps, saving every 50th; returns the last loss."""
    inputs, targets, loss, step, count = parts
    fed = {inputs: x, targets: y}
    for _ in range(steps):
        session.run(step, fed)
        number = tf.train.global_step(session, count)
        if number % 50 == 0:
            saver.save(session, prefix, global_step=count)
        if writer is not None and number % 10 == 0:
            writer.add_summary(session.run(summaries, fed), number)
    return float(session.run(loss, fed))


def _writer(folder):
    try:
        return tf.summary.FileWriter(folder, tf.get_default_graph())
    except ImportError as error:
        print("no event files:", error)
        return None


def main():
    """(loss of 200 steps in one go, loss of 100 steps, a restart, and 100 more)."""
    x, y = v1_housing_data.load(2000)
    losses = []
    with tempfile.TemporaryDirectory() as folder:
        for parts_of_training in ([200], [100, 100]):
            prefix = os.path.join(folder, f"{len(parts_of_training)}", "model.ckpt")
            os.makedirs(os.path.dirname(prefix))
            for steps in parts_of_training:
                with tf.Graph().as_default(), tf.Session() as session:
                    parts = build(x.shape[1])
                    tf.summary.scalar("MSE", parts[2])
                    summaries = tf.summary.merge_all()
                    saver = tf.train.Saver(max_to_keep=2)
                    latest = tf.train.latest_checkpoint(os.path.dirname(prefix))
                    if latest is None:
                        session.run(tf.global_variables_initializer())
                    else:
                        print("going on from", os.path.basename(latest))
                        saver.restore(session, latest)
                    writer = _writer(os.path.join(folder, "logs"))
                    last = train(session, parts, x, y, steps, saver, prefix, writer, summaries)
                    if writer is not None:
                        writer.close()
            losses.append(last)
            print("kept:", [os.path.basename(p) for p in saver.last_checkpoints])
    print(losses)
    return losses


if __name__ == "__main__":
    main()
