"""All of scrawl's module, for mypy --strict to look at; it is not run."""

import io
import pathlib
from typing import Dict, List, Optional, Tuple

import numpy
from numpy.typing import NDArray

import scrawl
from scrawl.sklearn import DigitClassifier

# ---- Reading.
recognizer: scrawl.Recognizer = scrawl.Recognizer()
scrawl.Recognizer("model.safetensors")
scrawl.Recognizer(pathlib.Path("model.safetensors"))
scrawl.Recognizer(scrawl.default_model())
reading: scrawl.Reading = recognizer.read(
    "7.png", layout="line", digits=3, min_confidence=0.5, signs=True, handwritten=True, bgr=False
)
recognizer.read(pathlib.Path("7.png"))
recognizer.read(b"...")
recognizer.read(io.BytesIO(b"..."))
recognizer.read(numpy.zeros((40, 40, 3), numpy.uint8), bgr=True)
recognizer.read(numpy.zeros((40, 40)))
text: str = reading.text
confidence: float = reading.confidence
digits: List[scrawl.Digit] = reading.digits
digit: scrawl.Digit = digits[0]
number: int = digit.digit + digit.box.x + digit.box.y + digit.box.width + digit.box.height
sure: float = digit.confidence + digit.handwritten
x, y, width, height = digit.box
box: scrawl.Box = scrawl.Box(x, y, width=width, height=height)
probabilities: NDArray[numpy.float32] = digit.probabilities
glyph: NDArray[numpy.uint8] = digit.glyph
probabilities = recognizer.classify(numpy.stack([glyph]))
probabilities = recognizer.classify([glyph, glyph])
picture: NDArray[numpy.uint8] = scrawl.explain("7.png", reading, bgr=True)

# ---- Data sets, training, evaluation.
folder: pathlib.Path = scrawl.fetch_mnist()
images, labels = scrawl.load_data("test", folder)
images = images[labels == 3]


def on_batch(report: scrawl.BatchReport) -> bool:
    print(report.epoch, report.epochs, report.batch, report.batches, report.learning_rate, report.loss)
    return report.accuracy < 0.99


def on_epoch(report: scrawl.EpochReport) -> None:
    seconds: float = report.seconds + report.images_per_second + report.train_loss + report.train_accuracy
    validation: Optional[float] = report.validation_loss or report.validation_accuracy
    print(report.epoch, report.epochs, report.best, seconds, validation)


result: scrawl.TrainingResult = scrawl.train(
    images,
    labels,
    "fast",
    progress=True,
    on_batch=on_batch,
    on_epoch=on_epoch,
    checkpoint="checkpoint.safetensors",
    resume=False,
    epochs=3,
    batch=128,
    learning_rate=0.1,
    momentum=0.9,
    nesterov=True,
    weight_decay=1e-4,
    schedule="one-cycle",
    warmup=1,
    smoothing=0.1,
    weight_ema=0.99,
    augmentation="light",
    outliers=0.1,
    rare_styles=0.1,
    teachers=["teacher.safetensors", scrawl.default_model()],
    temperature=1,
    validation=1000,
    seed=1,
    precision="f32",
    threads=2,
)
best: Optional[scrawl.EpochReport] = result.best_epoch
done: Tuple[int, bool] = (result.epochs_done, result.finished)
names: Dict[str, str] = scrawl.presets()
evaluation: scrawl.Evaluation = scrawl.evaluate(result.model, images, labels, precision="auto", threads=1)
scrawl.evaluate(["a.safetensors", result.model], images, labels)
scores: float = evaluation.accuracy + evaluation.loss + evaluation.standard_error + evaluation.calibration_error
confusion: NDArray[numpy.int64] = evaluation.confusion
print(evaluation.images, evaluation.seconds)

# ---- Models.
model: scrawl.Model = scrawl.load_model("model.safetensors")
model = scrawl.import_pytorch("model.pth", architecture="dense 16, relu, dense 10", key="net", mean=0.5, std=0.5)
measured: scrawl.MeasuredImport = scrawl.measure_import("model.pth", images, labels, key="net", threads=1)
model = measured.model if measured.clear else scrawl.average([model, "checkpoint.safetensors"])
for trial in measured.trials:
    print(trial.architecture, trial.sigmoids, trial.normalization, trial.inverted, trial.images, trial.accuracy, trial.loss)
model = scrawl.Model.from_bytes(model.to_bytes())
model.save("model.safetensors")
model.export_onnx(pathlib.Path("model.onnx"))
model.export_pytorch("model.pth")
weights: Dict[str, NDArray[numpy.float32]] = model.weights
about: Tuple[str, int, Dict[str, str], float] = (model.architecture, model.parameters, model.metadata, model.temperature)
mean, std = model.normalization

# ---- Teaching a hand.
file: pathlib.Path = scrawl.teach("7.png", 7, folder="corrections", bgr=False)
scrawl.teach(digit, 7)
for correction in scrawl.corrections("corrections"):
    print(correction.id, correction.digit, correction.file)
    forgotten: bool = scrawl.forget(correction.id, folder="corrections")


def on_step(progress: scrawl.PersonalizationProgress) -> bool:
    print(progress.step, progress.steps, progress.loss, progress.seconds)
    return progress.done < 0.5


learned: scrawl.PersonalizationResult = scrawl.personalize(
    images,
    labels,
    model=model,
    data=folder,
    progress=True,
    on_step=on_step,
    steps=10,
    learning_rate=0.01,
    collection_fraction=0.5,
    precision="bf16",
    threads=1,
    seed=2,
)
if learned.kept and not learned.canceled:
    scrawl.save_personal_model(learned.model)
before: scrawl.PersonalizationScore = learned.before
print(before.test, before.validation, before.collection, learned.after.collection_loss, learned.reason, learned.samples, learned.seconds)
undone: bool = scrawl.undo_personal_model()
model = scrawl.current_model()

# ---- scikit-learn's.
classifier: DigitClassifier = DigitClassifier("mlp", epochs=2, seed=1, threads=1, options={"momentum": 0.9}).fit(images, labels)
answers: NDArray[numpy.float32] = classifier.predict_proba(images)
classifier.predict(images)

try:
    recognizer.read("none.png")
except (scrawl.Error, FileNotFoundError, ValueError, TypeError) as error:
    print(error)
version: str = scrawl.__version__
