"""scrawl's networks as a classifier of scikit-learn's."""

from typing import Any, Dict, Optional

import numpy
from numpy.typing import NDArray
from sklearn.base import BaseEstimator, ClassifierMixin
from sklearn.exceptions import NotFittedError

import scrawl


class DigitClassifier(ClassifierMixin, BaseEstimator):  # type: ignore[misc]
    """A network that reads glyphs.

    X: (n, 784) or (n, 28, 28), uint8 0 to 255 or floats 0 to 1: white ink on black, as in MNIST.
    y: (n,) digits, 0 to 9, as numbers or as text.

    model: a preset (see scrawl.presets()) or an architecture. epochs: passes over the images; None: the preset's. threads: 0:
    one for each core; 1 where scikit-learn itself works on several. options: more arguments of scrawl.train(), by name.

    After fit(): model_ is the scrawl.Model, classes_ the labels that y had.
    """

    def __init__(
        self,
        model: str = "mlp",
        epochs: Optional[int] = None,
        seed: int = 1,
        threads: int = 0,
        options: Optional[Dict[str, Any]] = None,
    ) -> None:
        self.model = model
        self.epochs = epochs
        self.seed = seed
        self.threads = threads
        self.options = options

    def fit(self, X: Any, y: Any) -> "DigitClassifier":
        """Trains the network."""
        labels = numpy.asarray(y)
        digits = digits_of(labels)
        result = scrawl.train(
            X, digits, self.model, epochs=self.epochs, seed=self.seed, threads=self.threads, **(self.options or {})
        )
        self.model_ = result.model
        self.classes_, first = numpy.unique(labels, return_index=True)
        self.digits_ = digits[first]
        self.recognizer_ = scrawl.Recognizer(result.model)
        return self

    def predict_proba(self, X: Any) -> NDArray[numpy.float32]:
        """The probability of each of classes_: (n, len(classes_)) float32."""
        if not hasattr(self, "recognizer_"):
            raise NotFittedError("DigitClassifier: not trained yet; call fit() first")
        probabilities = numpy.atleast_2d(self.recognizer_.classify(X))[:, self.digits_]
        sums: NDArray[numpy.float32] = probabilities.sum(axis=1, keepdims=True)
        return probabilities / sums

    def predict(self, X: Any) -> NDArray[Any]:
        """The most probable of classes_: (n,)."""
        best = self.predict_proba(X).argmax(axis=1)
        answers: NDArray[Any] = self.classes_[best]
        return answers


def digits_of(labels: NDArray[Any]) -> NDArray[numpy.int64]:
    """Labels as whole numbers; texts such as "7" are what data sets from the web have."""
    try:
        digits = labels.astype(numpy.int64)
    except ValueError as error:
        raise ValueError(f"y: {error}; expected digits from 0 to 9") from None
    if labels.dtype.kind == "f" and (digits != labels).any():
        raise ValueError("y: numbers that are not whole, expected digits from 0 to 9")
    return digits
