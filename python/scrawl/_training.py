"""Training and learning a hand, with their options as arguments."""

from typing import Callable, Literal, Optional, Sequence, Union

from . import _scrawl
from ._progress import shown
from ._scrawl import (
    BatchReport,
    EpochReport,
    Model,
    PersonalizationProgress,
    PersonalizationResult,
    TrainingResult,
)
from ._types import Array, Path


def train(
    images: Array,
    labels: Array,
    model: Union[str, Model] = "mlp",
    *,
    progress: bool = False,
    on_batch: Optional[Callable[[BatchReport], Optional[bool]]] = None,
    on_epoch: Optional[Callable[[EpochReport], Optional[bool]]] = None,
    checkpoint: Optional[Path] = None,
    resume: bool = False,
    epochs: Optional[int] = None,
    batch: Optional[int] = None,
    learning_rate: Optional[float] = None,
    momentum: Optional[float] = None,
    nesterov: Optional[bool] = None,
    weight_decay: Optional[float] = None,
    schedule: Optional[Literal["constant", "one-cycle", "cosine"]] = None,
    warmup: Optional[float] = None,
    smoothing: Optional[float] = None,
    weight_ema: Optional[float] = None,
    augmentation: Optional[str] = None,
    outliers: Optional[float] = None,
    rare_styles: Optional[float] = None,
    teachers: Optional[Sequence[Union[Path, Model]]] = None,
    temperature: Optional[float] = None,
    validation: Optional[int] = None,
    patience: Optional[int] = None,
    seed: Optional[int] = None,
    precision: Optional[Literal["auto", "f32", "bf16"]] = None,
    threads: Optional[int] = None,
) -> TrainingResult:
    """Trains a network to read glyphs.

    images: (n, 28, 28) or (n, 784), uint8 0 to 255 or floats 0 to 1: white ink on black.
    labels: (n,) whole numbers, 0 to 9.
    model: a preset (see presets()), an architecture such as "conv 16 3, relu, max-pool 2, dense 10", or a Model to go on
    from.

    on_batch is called after each batch, on_epoch after each epoch; either ends the training by returning False. What they
    raise goes to the caller, as KeyboardInterrupt does. progress: shows a bar, where tqdm is installed. checkpoint: a file that
    keeps all that it takes to go on, written every five seconds and at the end; resume: goes on from there.

    The others are None for what the preset has, or else the classic tutorial's value; docs/TRAINING.md says more.
    epochs: passes over the images. batch: images. learning_rate: the highest of the schedule. momentum, nesterov,
    weight_decay: as PyTorch's SGD has them. schedule, warmup: of the learning rate; epochs of warmup, for "cosine".
    smoothing: of labels, below 1. weight_ema: a decay such as 0.99, of an average of the weights that is taken as the model.
    augmentation: "light", "strong" or "rotation 10, shift 1.5". outliers, rare_styles: drawn ones per image, 0 to 1.
    teachers: models whose probabilities are learned in place of the labels. temperature: 0: fitted. validation: images set
    aside to choose the best model by; at most a sixth unless given. patience: epochs without a better model after which the
    training ends; 0: it does not. seed: of all that is random; the same arguments and number of threads give the same
    weights. threads: 0: one for each core.
    """
    options = {
        "epochs": epochs,
        "batch": batch,
        "learning_rate": learning_rate,
        "momentum": momentum,
        "nesterov": nesterov,
        "weight_decay": weight_decay,
        "schedule": schedule,
        "warmup": warmup,
        "smoothing": smoothing,
        "weight_ema": weight_ema,
        "augmentation": augmentation,
        "outliers": outliers,
        "rare_styles": rare_styles,
        "teachers": teachers,
        "temperature": temperature,
        "validation": validation,
        "patience": patience,
        "seed": seed,
        "precision": precision,
        "threads": threads,
    }
    given = {name: value for name, value in options.items() if value is not None}

    def place(report: BatchReport) -> "tuple[int, int]":
        return (report.epoch - 1) * report.batches + report.batch, report.epochs * report.batches

    def words(report: BatchReport) -> str:
        return f"epoch {report.epoch}/{report.epochs}, {100 * report.accuracy:.2f} %"

    with shown(progress, on_batch, place, words) as callback:
        return _scrawl._train(images, labels, model, given, callback, on_epoch, checkpoint, resume)


def personalize(
    images: Optional[Array] = None,
    labels: Optional[Array] = None,
    *,
    model: Optional[Union[Path, Model]] = None,
    data: Optional[Path] = None,
    progress: bool = False,
    on_step: Optional[Callable[[PersonalizationProgress], Optional[bool]]] = None,
    steps: int = 100,
    learning_rate: float = 0.005,
    collection_fraction: float = 0.125,
    precision: Literal["auto", "f32", "bf16"] = "auto",
    threads: int = 0,
    seed: int = 1,
) -> PersonalizationResult:
    """Makes a model that knows a hand: a model goes on learning from what was taught, mixed with MNIST.

    images, labels: glyphs as train() takes them; None: what teach() has collected. model: to start from; None: the built-in
    one. data: MNIST's folder; None: where fetch_mnist() puts it.

    on_step is called after each step, and ends the work by returning False. progress: shows a bar, where tqdm is installed.
    Take the model where the result says that it is kept: save_personal_model(result.model).

    steps: batches of 128 glyphs. learning_rate: the highest. collection_fraction: of each batch that is from what was taught,
    between 0 and 1. threads: 0: one for each core.
    """

    def place(report: PersonalizationProgress) -> "tuple[int, int]":
        return report.step, report.steps

    def words(report: PersonalizationProgress) -> str:
        return f"loss {report.loss:.3f}"

    with shown(progress, on_step, place, words) as callback:
        return _scrawl._personalize(
            images, labels, model, data, steps, learning_rate, collection_fraction, precision, threads, seed, callback
        )


for function in (train, personalize):
    function.__module__ = "scrawl"
del function
