"""Arrays that people have, as the library takes them: pixels as uint8, axes in one order."""

from typing import Any

import numpy
from numpy.typing import NDArray


def as_array(given: Any, what: str) -> NDArray[Any]:
    """An array of numbers; tensors of PyTorch's come by their __array__."""
    array = numpy.asarray(given)
    if array.dtype == object:
        raise TypeError(f"{what}: found {type(given).__name__} of parts that differ, expected an array of numbers")
    return array


def to_bytes(array: NDArray[Any], what: str) -> NDArray[numpy.uint8]:
    """uint8 as it is; floats from 0 to 1 become 0 to 255."""
    if array.dtype == numpy.uint8:
        return array
    if not numpy.issubdtype(array.dtype, numpy.floating):
        raise TypeError(f"{what}: dtype {array.dtype}, expected uint8, or floats from 0 to 1")
    if array.size:
        low, high = array.min(), array.max()
        if not (0 <= low and high <= 1):  # so is NaN, which is no number
            hint = "; divide them by 255, or make them uint8" if 0 <= low and 1 < high <= 255 else ""
            raise ValueError(f"{what}: floats from {low:g} to {high:g}, expected 0 to 1{hint}")
    pixels: NDArray[numpy.uint8] = numpy.rint(array * array.dtype.type(255)).astype(numpy.uint8)
    return pixels


def glyphs(given: Any) -> NDArray[numpy.uint8]:
    """(n, 28, 28) of (28, 28), (n, 784) or (n, 28, 28)."""
    array = as_array(given, "glyphs")
    shape = array.shape
    if shape == (28, 28) or shape[1:] in ((784,), (28, 28)):
        return to_bytes(array, "glyphs").reshape(-1, 28, 28)
    hint = ""
    if len(shape) == 4 and 1 in (shape[1], shape[-1]):
        hint = "; leave out the axis of channels: " + ("glyphs[:, 0]" if shape[1] == 1 else "glyphs[..., 0]")
    elif len(shape) == 2 and shape[0] == 784:
        hint = "; it is transposed: glyphs.T"
    elif len(shape) == 3 and shape[:2] == (28, 28):
        hint = "; the glyphs come last: glyphs.transpose(2, 0, 1)"
    raise ValueError(f"glyphs: shape {shape}, expected (28, 28), (n, 784) or (n, 28, 28){hint}")


def labels(given: Any, count: int) -> NDArray[numpy.uint8]:
    """(count,) of whole numbers from 0 to 9."""
    array = as_array(given, "labels")
    if array.shape != (count,):
        raise ValueError(f"labels: shape {array.shape}, expected ({count},), one for each image")
    if not numpy.issubdtype(array.dtype, numpy.integer):
        raise TypeError(f"labels: dtype {array.dtype}, expected whole numbers")
    if count and not (0 <= array.min() and array.max() <= 9):
        raise ValueError(f"labels: found {array.min()} to {array.max()}, expected 0 to 9")
    return array.astype(numpy.uint8)


def picture(given: Any, bgr: bool) -> NDArray[numpy.uint8]:
    """(height, width) or (height, width, channels): gray, gray and alpha, RGB or RGBA; with bgr, BGR or BGRA."""
    array = as_array(given, "picture")
    shape = array.shape
    if array.ndim == 3 and not 1 <= shape[2] <= 4 and 1 <= shape[0] <= 4:
        raise ValueError(f"picture: shape {shape} with channels first, expected (height, width, channels): "
                         "picture.transpose(1, 2, 0), or permute(1, 2, 0) of a tensor")
    if array.ndim not in (2, 3):
        hint = "; one picture at a time" if array.ndim == 4 else ""
        raise ValueError(f"picture: shape {shape}, expected (height, width) or (height, width, channels){hint}")
    pixels = to_bytes(array, "picture")
    if bgr and (array.ndim == 2 or shape[2] not in (3, 4)):
        raise ValueError(f"bgr: shape {shape}, expected (height, width, 3) or (height, width, 4)")
    return pixels
