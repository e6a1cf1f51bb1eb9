"""Types of the compiled module."""

from os import PathLike
from typing import Any, Iterator, List, Literal, Optional, Union

import numpy
from numpy.typing import NDArray

__version__: str

class Error(Exception):
    """A file, a picture or a model is not as it has to be."""

class Box:
    """A place in a picture, in pixels; x and y are the top left corner."""

    @property
    def x(self) -> int: ...
    @property
    def y(self) -> int: ...
    @property
    def width(self) -> int: ...
    @property
    def height(self) -> int: ...
    def __iter__(self) -> Iterator[int]: ...

class Digit:
    """One recognized digit."""

    @property
    def digit(self) -> int: ...
    @property
    def confidence(self) -> float: ...
    @property
    def box(self) -> Box: ...
    @property
    def handwritten(self) -> float: ...
    @property
    def probabilities(self) -> NDArray[numpy.float32]: ...
    @property
    def glyph(self) -> NDArray[numpy.uint8]: ...

class Reading:
    """What a picture says."""

    @property
    def text(self) -> str: ...
    @property
    def confidence(self) -> float: ...
    @property
    def digits(self) -> List[Digit]: ...

# A PIL image is Any: Pillow need not be installed.
Picture = Union[str, PathLike[str], bytes, bytearray, memoryview, NDArray[numpy.uint8], Any]

class Recognizer:
    """A model, compiled for this machine: the built-in one, or a file that scrawl wrote."""

    def __init__(self, model: Optional[Union[str, PathLike[str]]] = ...) -> None: ...
    def read(
        self,
        picture: Picture,
        *,
        layout: Literal["page", "line", "one"] = ...,
        digits: int = ...,
        min_confidence: float = ...,
        signs: bool = ...,
        handwritten: bool = ...,
    ) -> Reading:
        """What the picture says.

        digits: exactly so many, as far as there is ink for them, at most 1000, and 1 for the layout
        "one"; 0: any number. signs: . , - / : are in the text too. handwritten: printed digits are
        left out. Raises ValueError when an option cannot be.
        """
    def classify(self, glyphs: NDArray[numpy.uint8]) -> NDArray[numpy.float32]: ...
