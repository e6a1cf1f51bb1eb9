"""What arguments may be."""

from os import PathLike
from typing import Any, Protocol, Sequence, Union

from numpy.typing import NDArray


class HasArray(Protocol):
    """A tensor of PyTorch's, for instance."""

    def __array__(self) -> Any: ...


Path = Union[str, "PathLike[str]"]
Array = Union[NDArray[Any], HasArray, Sequence[Any]]
# Open files and PIL images are Any: Pillow need not be installed.
Picture = Union[Path, bytes, bytearray, memoryview, NDArray[Any], HasArray, Any]
