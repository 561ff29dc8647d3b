"""AffineLayer: the base of layers that read each image through a matrix, and move its boxes."""

from kerasish import ops
from kerasish.layers.arguments import choice
from kerasish.layers.preprocessing.bounding_boxes.geometry import around_corners
from kerasish.layers.preprocessing.image_layer import ImageLayer
from kerasish.ops import image

FILL_MODES = ("reflect", "wrap", "constant", "nearest")


class AffineLayer(ImageLayer):
    """Base of the layers that draw a map for each image; subclasses define `draw` and `matrix`.

    The map (a0, a1, a2, b0, b1, b2, c0, c1) gives the place ((a0 x + a1 y + a2) / k,
    (b0 x + b1 y + b2) / k), k = c0 x + c1 y + 1, of the input that the place (x, y) of the
    output shows. Boxes go the other way.
    """

    fill_mode = "constant"

    def set_filling(self, interpolation, fill_value, seed, fill_mode=None, modes=FILL_MODES):
        """Keep how pixels between and outside those of the image are made up."""
        if fill_mode is not None:
            self.fill_mode = choice(fill_mode, "fill_mode", modes, self.name)
        self.interpolation = choice(
            interpolation, "interpolation", ("nearest", "bilinear"), self.name
        )
        self.fill_value = fill_value
        self.set_seed(seed)

    def matrix(self, transformation):
        """The maps (batch, 8) of a transformation."""
        raise NotImplementedError

    def transform(self, images, transformation, interpolation=None):
        """Read the images through the maps."""
        return image.affine_transform(
            images, self.matrix(transformation), interpolation=interpolation or self.interpolation,
            fill_mode=self.fill_mode, fill_value=self.fill_value, data_format=self.data_format,
        )  # fmt: skip

    def move_boxes(self, boxes, transformation):
        """The boxes around what their corners become under the inverse maps."""
        maps = self.matrix(transformation)
        a0, a1, a2, b0, b1, b2, c0, c1 = (maps[:, i : i + 1] for i in range(8))

        def move(x, y):  # the adjugate is the inverse up to a factor, which cancels
            k = (b0 * c1 - b1 * c0) * x + (a1 * c0 - a0 * c1) * y + (a0 * b1 - a1 * b0)
            return (
                ((b1 - b2 * c1) * x + (a2 * c1 - a1) * y + (a1 * b2 - a2 * b1)) / k,
                ((b2 * c0 - b0) * x + (a0 - a2 * c0) * y + (a2 * b0 - a0 * b2)) / k,
            )

        return around_corners(boxes, move)

    def float_sizes(self, shape):
        """Height and width of images of this shape as floats or scalar float tensors."""
        found = shape[self.height_axis], shape[self.width_axis]
        return [float(n) if isinstance(n, int) else ops.cast(n, "float32") for n in found]


def affine_rows(a0, a1, a2, b0, b1, b2):
    """Maps (batch, 8) from columns (batch, 1)."""
    zero = ops.zeros_like(a0)
    return ops.concatenate([a0, a1, a2, b0, b1, b2, zero, zero], axis=1)
