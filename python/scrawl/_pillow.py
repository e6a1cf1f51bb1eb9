"""Images of Pillow's, as arrays. Imported only where Pillow is imported already."""

from typing import Any

import numpy
from PIL import Image, ImageOps


def to_array(image: Image.Image) -> Any:
    """(height, width[, channels]) uint8, upright: gray, gray and alpha, RGB or RGBA."""
    image = ImageOps.exif_transpose(image) or image  # None by its type alone, of Pillow 10
    if image.mode in ("I", "F") or image.mode.startswith("I;"):
        raise ValueError(f"picture: PIL image of mode {image.mode}; scale it to 8 bits and convert it to 'L'")
    if image.mode == "1":
        image = image.convert("L")
    elif image.mode in ("P", "PA", "La", "RGBa") or "transparency" in image.info:
        image = image.convert("RGBA")
    elif image.mode not in ("L", "LA", "RGB", "RGBA"):
        image = image.convert("RGB")
    return numpy.asarray(image)
