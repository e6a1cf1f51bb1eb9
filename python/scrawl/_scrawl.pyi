"""Types of the compiled module."""

import pathlib
from typing import Any, Callable, Dict, Iterable, Iterator, List, Literal, Optional, Sequence, Tuple, Union

import numpy
from numpy.typing import NDArray

from ._types import Array, Path, Picture

__version__: str

class Error(RuntimeError):
    """A file, a picture, a model or a setting is not as it has to be. The message says what was found, where, and what to
    do next."""

# ---- What a picture says.

class Box:
    """A place in a picture, in pixels; x and y are the top left corner."""

    def __init__(self, x: int, y: int, width: int, height: int) -> None: ...
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
    def probabilities(self) -> NDArray[numpy.float32]:
        """(10,)"""
    @property
    def glyph(self) -> NDArray[numpy.uint8]:
        """(28, 28), 0 paper to 255 ink"""

class Reading:
    """What a picture says."""

    @property
    def text(self) -> str: ...
    @property
    def confidence(self) -> float: ...
    @property
    def digits(self) -> List[Digit]: ...
    @property
    def turn(self) -> int: ...

# ---- Models.

class Model:
    """An architecture, its weights and where it comes from: one .safetensors file."""

    @property
    def architecture(self) -> str: ...
    @property
    def parameters(self) -> int: ...
    @property
    def weights(self) -> Dict[str, NDArray[numpy.float32]]: ...
    @property
    def normalization(self) -> Tuple[float, float]: ...
    @property
    def temperature(self) -> float: ...
    @property
    def metadata(self) -> Dict[str, str]: ...
    def save(self, file: Path) -> None: ...
    def export_onnx(self, file: Path) -> None: ...
    def export_pytorch(self, file: Path) -> None: ...
    def to_bytes(self) -> bytes: ...
    @staticmethod
    def from_bytes(bytes: bytes) -> "Model": ...

def load_model(file: Path) -> Model: ...
def default_model() -> Model: ...
def current_model() -> Model: ...
def save_personal_model(model: Model) -> None: ...
def undo_personal_model() -> bool: ...
def import_pytorch(
    file: Path, *, architecture: Optional[str] = ..., key: str = ..., mean: Optional[float] = ..., std: Optional[float] = ...
) -> Model: ...

class ImportTrial:
    """One way to take a file that leaves something open, and how it reads."""

    @property
    def architecture(self) -> str: ...
    @property
    def sigmoids(self) -> bool: ...
    @property
    def normalization(self) -> Tuple[float, float]: ...
    @property
    def inverted(self) -> bool: ...
    @property
    def images(self) -> int: ...
    @property
    def accuracy(self) -> float: ...
    @property
    def loss(self) -> float: ...

class MeasuredImport:
    """A model of another program, and what images showed of it."""

    @property
    def model(self) -> Model: ...
    @property
    def trials(self) -> List[ImportTrial]: ...
    @property
    def clear(self) -> bool: ...

def measure_import(
    file: Path,
    images: Array,
    labels: Array,
    *,
    architecture: Optional[str] = ...,
    key: str = ...,
    mean: Optional[float] = ...,
    std: Optional[float] = ...,
    threads: int = ...,
) -> MeasuredImport: ...
def average(models: Iterable[Union[Path, Model]]) -> Model: ...

# ---- Reading.

class Recognizer:
    """Reads pictures with a model: the built-in one, or a Model, or a file that scrawl wrote."""

    def __init__(self, model: Optional[Union[Path, Model]] = ...) -> None: ...
    def read(
        self,
        picture: Picture,
        *,
        layout: Literal["page", "line", "one"] = ...,
        digits: int = ...,
        min_confidence: float = ...,
        signs: bool = ...,
        handwritten: bool = ...,
        turn: Literal["auto", 0, 90, 180, 270] = ...,
        bgr: bool = ...,
        page: int = ...,
    ) -> Reading: ...
    def classify(self, glyphs: Array) -> NDArray[numpy.float32]:
        """(n, 28, 28) or (n, 784) -> (n, 10); (28, 28) -> (10,)"""

def count_pages(file: Picture) -> int: ...
def load_picture(picture: Picture, *, page: int = ...) -> NDArray[numpy.uint8]:
    """(height, width) or (height, width, 3)"""

def explain(picture: Picture, reading: Reading, *, bgr: bool = ..., page: int = ...) -> NDArray[numpy.uint8]:
    """(height, width, 3)"""

# ---- Data sets, evaluation.

def load_data(
    part: Literal["train", "test"] = ..., folder: Optional[Path] = ...
) -> Tuple[NDArray[numpy.uint8], NDArray[numpy.uint8]]:
    """Images (n, 28, 28) and labels (n,)"""

def fetch_mnist(folder: Optional[Path] = ...) -> pathlib.Path: ...

class Evaluation:
    """How a model does on labeled images."""

    @property
    def images(self) -> int: ...
    @property
    def accuracy(self) -> float: ...
    @property
    def loss(self) -> float: ...
    @property
    def standard_error(self) -> float: ...
    @property
    def calibration_error(self) -> float: ...
    @property
    def confusion(self) -> NDArray[numpy.int64]:
        """(10, 10): [label][answer]"""
    @property
    def seconds(self) -> float: ...

def evaluate(
    model: Union[Path, Model, Sequence[Union[Path, Model]]],
    images: Array,
    labels: Array,
    *,
    precision: Literal["auto", "f32", "bf16", "int8"] = ...,
    threads: int = ...,
) -> Evaluation: ...

# ---- Training.

class BatchReport:
    """One batch of a training."""

    @property
    def epoch(self) -> int: ...
    @property
    def epochs(self) -> int: ...
    @property
    def batch(self) -> int: ...
    @property
    def batches(self) -> int: ...
    @property
    def learning_rate(self) -> float: ...
    @property
    def loss(self) -> float: ...
    @property
    def accuracy(self) -> float: ...

class EpochReport:
    """One epoch of a training."""

    @property
    def epoch(self) -> int: ...
    @property
    def epochs(self) -> int: ...
    @property
    def train_loss(self) -> float: ...
    @property
    def train_accuracy(self) -> float: ...
    @property
    def validation_loss(self) -> Optional[float]: ...
    @property
    def validation_accuracy(self) -> Optional[float]: ...
    @property
    def seconds(self) -> float: ...
    @property
    def images_per_second(self) -> float: ...
    @property
    def best(self) -> bool: ...

class TrainingResult:
    """What a training made."""

    @property
    def model(self) -> Model: ...
    @property
    def best_epoch(self) -> Optional[EpochReport]: ...
    @property
    def epochs_done(self) -> int: ...
    @property
    def finished(self) -> bool: ...

def presets() -> Dict[str, str]: ...
def _train(
    images: Array,
    labels: Array,
    model: Union[str, Model],
    options: Dict[str, Any],
    on_batch: Optional[Callable[[BatchReport], Optional[bool]]],
    on_epoch: Optional[Callable[[EpochReport], Optional[bool]]],
    checkpoint: Optional[Path],
    resume: bool,
    /,
) -> TrainingResult: ...

# ---- Teaching a hand.

class Correction:
    """A glyph of the collection."""

    @property
    def id(self) -> str: ...
    @property
    def digit(self) -> int: ...
    @property
    def file(self) -> pathlib.Path: ...

def teach(
    picture: Union[Picture, Digit], digit: int, *, folder: Optional[Path] = ..., bgr: bool = ...
) -> pathlib.Path: ...
def corrections(folder: Optional[Path] = ...) -> List[Correction]: ...
def forget(id: str, folder: Optional[Path] = ...) -> bool: ...

class PersonalizationProgress:
    """How far personalize() has come."""

    @property
    def step(self) -> int: ...
    @property
    def steps(self) -> int: ...
    @property
    def loss(self) -> float: ...
    @property
    def done(self) -> float: ...
    @property
    def seconds(self) -> float: ...

class PersonalizationScore:
    """How a model does, before or after."""

    @property
    def test(self) -> float: ...
    @property
    def validation(self) -> float: ...
    @property
    def collection(self) -> float: ...
    @property
    def collection_loss(self) -> float: ...

class PersonalizationResult:
    """What personalize() learned."""

    @property
    def model(self) -> Model: ...
    @property
    def kept(self) -> bool: ...
    @property
    def canceled(self) -> bool: ...
    @property
    def reason(self) -> str: ...
    @property
    def before(self) -> PersonalizationScore: ...
    @property
    def after(self) -> PersonalizationScore: ...
    @property
    def samples(self) -> int: ...
    @property
    def seconds(self) -> float: ...

def _personalize(
    images: Optional[Array],
    labels: Optional[Array],
    model: Optional[Union[Path, Model]],
    data: Optional[Path],
    steps: int,
    learning_rate: float,
    collection_fraction: float,
    precision: str,
    threads: int,
    seed: int,
    on_step: Optional[Callable[[PersonalizationProgress], Optional[bool]]],
    /,
) -> PersonalizationResult: ...
