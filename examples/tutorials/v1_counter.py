"""Graphs and sessions: a counter, control dependencies, feeds and fetches."""

import kerasish.compat.v1 as tf


def count():
    """Values of a variable that every run adds one to."""
    with tf.Graph().as_default():
        counter = tf.Variable(0, name="counter")
        step = tf.assign(counter, counter + 1)
        with tf.Session() as session:
            try:
                session.run(counter)
            except tf.errors.FailedPreconditionError as error:
                print("before the initializer has run:", error)
            session.run(tf.global_variables_initializer())
            return [int(session.run(step)) for _ in range(3)]


def feed():
    """One run, many fetches; any tensor can be fed, not placeholders only."""
    with tf.Graph().as_default():
        x = tf.placeholder(tf.float32, [None], name="x")
        doubled = x * 2
        total = tf.reduce_sum(doubled)
        with tf.Session() as session:
            found = session.run({"sum": total, "both": (x, doubled)}, {x: [1.0, 2.0]})
            overridden = session.run(total, {doubled: [100.0]})
            try:
                session.run(total)
            except tf.errors.InvalidArgumentError as error:
                print("without a feed:", error)
            try:
                session.run(total, {x: [[1.0]]})
            except ValueError as error:
                print("with a wrong shape:", error)
    return float(found["sum"]), float(overridden)


def ordered():
    """A value read after an assignment, because a control dependency says so."""
    with tf.Graph().as_default(), tf.Session() as session:
        v = tf.Variable(1.0)
        grow = v.assign_add(1.0)
        before = v * 10.0
        with tf.control_dependencies([grow]):
            after = v * 10.0
        session.run(v.initializer)
        return [float(x) for x in session.run([before, after])]


def main():
    """Run all three."""
    results = count(), feed(), ordered()
    print(*results, sep="\n")
    return results


if __name__ == "__main__":
    main()
