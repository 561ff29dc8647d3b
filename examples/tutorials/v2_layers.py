"""Layers: ready-made, written by hand, composed into a residual block, and put in a row."""

import kerasish.compat.v2 as tf

dense = tf.keras.layers.Dense(10, input_shape=(None, 5))
print(dense(tf.zeros([10, 5])).shape, [tuple(v.shape) for v in dense.trainable_variables])


class MyDense(tf.keras.layers.Layer):
    """A dense layer without bias; the kernel is made when the first input tells its width."""

    def __init__(self, units):
        super().__init__()
        self.units = units

    def build(self, input_shape):
        self.kernel = self.add_weight(shape=[int(input_shape[-1]), self.units], name="kernel")

    def call(self, inputs):
        return tf.matmul(inputs, self.kernel)


layer = MyDense(10)
print(layer(tf.zeros([10, 5])).shape, [v.path for v in layer.trainable_variables])


class IdentityBlock(tf.keras.Model):
    """Three convolutions, each normalized, whose result is added to what came in."""

    def __init__(self, kernel_size, filters):
        super().__init__(name="identity_block")
        narrow, middle, wide = filters
        self.conv_a = tf.keras.layers.Conv2D(narrow, (1, 1))
        self.norm_a = tf.keras.layers.BatchNormalization()
        self.conv_b = tf.keras.layers.Conv2D(middle, kernel_size, padding="same")
        self.norm_b = tf.keras.layers.BatchNormalization()
        self.conv_c = tf.keras.layers.Conv2D(wide, (1, 1))
        self.norm_c = tf.keras.layers.BatchNormalization()

    def call(self, inputs, training=False):
        x = tf.nn.relu(self.norm_a(self.conv_a(inputs), training=training))
        x = tf.nn.relu(self.norm_b(self.conv_b(x), training=training))
        x = self.norm_c(self.conv_c(x), training=training)
        return tf.nn.relu(x + inputs)


block = IdentityBlock(1, [1, 2, 3])
print(block(tf.ones([1, 2, 3, 3])))
print(len(block.layers), "layers,", len(block.trainable_variables), "trainable variables")
assert len(block.layers) == 6 and len(block.trainable_variables) == 12

row = tf.keras.Sequential(
    [
        tf.keras.layers.Conv2D(1, (1, 1)),
        tf.keras.layers.BatchNormalization(),
        tf.keras.layers.Conv2D(2, 1, padding="same"),
        tf.keras.layers.BatchNormalization(),
        tf.keras.layers.Conv2D(3, (1, 1)),
        tf.keras.layers.BatchNormalization(),
    ]
)
result = row(tf.zeros([1, 2, 3, 3]))
print(result.shape)
assert isinstance(result, tf.Tensor) and result.shape == (1, 2, 3, 3)
