"""Knowledge distillation: a small student learns from labels and from a teacher's soft answers."""

import kerasish as keras
from kerasish import layers, ops


class Distiller(keras.Model):
    """A model whose loss mixes the student's with the distance to the teacher."""

    def __init__(self, student, teacher):
        super().__init__()
        self.teacher, self.student = teacher, student

    def compile(
        self, optimizer, metrics, student_loss_fn, distillation_loss_fn, alpha, temperature
    ):
        super().compile(optimizer=optimizer, metrics=metrics)
        self.student_loss_fn, self.distillation_loss_fn = student_loss_fn, distillation_loss_fn
        self.alpha, self.temperature = alpha, temperature

    def compute_loss(
        self, x=None, y=None, y_pred=None, sample_weight=None, allow_empty=False, training=True
    ):
        teacher_pred = self.teacher(x, training=False)
        student_loss = self.student_loss_fn(y, y_pred)
        distillation_loss = self.distillation_loss_fn(
            ops.softmax(teacher_pred / self.temperature, axis=1),
            ops.softmax(y_pred / self.temperature, axis=1),
        ) * (self.temperature**2)
        return self.alpha * student_loss + (1 - self.alpha) * distillation_loss

    def call(self, x):
        return self.student(x)


def network(units, name):
    """One hidden layer."""
    return keras.Sequential(
        [keras.Input((64,)), layers.Dense(units), layers.LeakyReLU(), layers.Dense(10)], name=name
    )


def main():
    """Train a teacher, then a student."""
    keras.utils.set_random_seed(0)
    (x, y), (x_test, y_test) = keras.datasets.digits.load_data()
    x, x_test = x.reshape(-1, 64) / 16.0, x_test.reshape(-1, 64) / 16.0
    teacher, student = network(128, "teacher"), network(16, "student")
    loss = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
    metric = keras.metrics.SparseCategoricalAccuracy
    teacher.compile(keras.optimizers.Adam(0.005), loss, metrics=[metric(name="accuracy")])
    teacher.fit(x, y, epochs=8, verbose=0)
    of_teacher = teacher.evaluate(x_test, y_test, verbose=0)[1]
    before = teacher.get_weights()[0].copy()
    teacher.trainable = False
    distiller = Distiller(student=student, teacher=teacher)
    distiller.compile(
        optimizer=keras.optimizers.Adam(0.005),
        metrics=[metric(name="accuracy")],
        student_loss_fn=loss,
        distillation_loss_fn=keras.losses.KLDivergence(),
        alpha=0.1,
        temperature=4,
    )
    distiller.fit(x, y, epochs=10, verbose=0)
    accuracy = distiller.evaluate(x_test, y_test, verbose=0, return_dict=True)["accuracy"]
    print(f"teacher {of_teacher:.3f} ({teacher.count_params()} weights), "
          f"student {accuracy:.3f} ({student.count_params()} weights)")  # fmt: skip
    assert accuracy > 0.88 and (teacher.get_weights()[0] == before).all()


if __name__ == "__main__":
    main()
