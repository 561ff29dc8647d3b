"""MaxNumBoundingBoxes: the same number of bounding boxes for all images."""

from kerasish import ops, registry
from kerasish.layers.arguments import positive_int
from kerasish.layers.preprocessing.image_layer import ImageLayer


@registry.register("layers")
class MaxNumBoundingBoxes(ImageLayer):
    """Boxes and their labels cut or filled up to one number for each image.

    Args:
        max_number: int > 0. Number of boxes of each image.
        fill_value: int. What boxes and labels are filled up with.
        **kwargs: `bounding_box_format`, `data_format`, `name`, `trainable`, `dtype`.

    Call arguments:
        data: dict with "images" and "bounding_boxes"; all but the boxes is handed through.

    Returns:
        dict.

    Raises:
        ValueError: a number that is not positive.

    Example:
        >>> boxes = {"boxes": ops.ones((1, 4)), "labels": ops.array([7])}
        >>> data = {"images": ops.ones((8, 8, 3)), "bounding_boxes": boxes}
        >>> layer = MaxNumBoundingBoxes(2, bounding_box_format="xyxy")
        >>> layer(data)["bounding_boxes"]["labels"].tolist()
        [7, -1]

    Source: Keras 3 names and defaults.
    """

    is_random = False
    keeps_dtype = True

    def __init__(self, max_number, fill_value=-1, **kwargs):
        super().__init__(**kwargs)
        self.max_number = positive_int(max_number, "max_number", self.name)
        self.fill_value = int(fill_value)

    def transform(self, images, transformation, interpolation=None):
        """Nothing."""
        return ops.convert_to_tensor(images)

    def transform_bounding_boxes(self, bounding_boxes, transformation=None, training=True):
        """Cut or fill up."""
        return {key: self._counted(value) for key, value in bounding_boxes.items()}

    def _counted(self, values):
        values = ops.convert_to_tensor(values)
        rest = ((0, 0),) * (len(values.shape) - 2)
        # As many are added as there may be in all: their number may be unknown while tracing.
        values = ops.pad(values, ((0, 0), (0, self.max_number), *rest),
                         constant_values=self.fill_value)  # fmt: skip
        return values[:, : self.max_number]
