"""The classifier of scikit-learn's kind."""

import sys
import unittest

import common
import numpy
from common import bars

try:
    from sklearn.base import clone
except ImportError:
    print("skipped: scikit-learn is not installed")
    sys.exit(77)
from sklearn.exceptions import NotFittedError
from sklearn.model_selection import GridSearchCV, cross_val_score
from sklearn.pipeline import make_pipeline

from scrawl.sklearn import DigitClassifier

network = "dense 16, relu, dense 10"


class Classifier(unittest.TestCase):
    images, labels = bars(600)
    X = images.reshape(-1, 784) / 255

    def classifier(self, **options):
        return DigitClassifier(network, **{"epochs": 4, "threads": 1, **options})

    def test_fits_and_predicts(self):
        classifier = self.classifier().fit(self.X, self.labels)
        images, labels = bars(200, seed=2)
        X = images.reshape(-1, 784) / 255
        self.assertGreater(classifier.score(X, labels), 0.95)
        probabilities = classifier.predict_proba(X)
        self.assertEqual(probabilities.shape, (200, 10))
        numpy.testing.assert_allclose(probabilities.sum(axis=1), 1, atol=1e-5)
        numpy.testing.assert_array_equal(classifier.predict(X), probabilities.argmax(axis=1))
        numpy.testing.assert_array_equal(classifier.predict(images), classifier.predict(X))

    def test_has_the_labels_that_it_was_given(self):
        texts = self.classifier().fit(self.X, self.labels.astype(str))
        self.assertEqual(texts.predict(self.X[:3]).tolist(), self.labels[:3].astype(str).tolist())
        some = numpy.isin(self.labels, (3, 8))
        two = self.classifier().fit(self.X[some], self.labels[some])
        self.assertEqual(two.classes_.tolist(), [3, 8])
        self.assertEqual(two.predict_proba(self.X[:5]).shape, (5, 2))
        self.assertEqual(set(two.predict(self.X)), {3, 8})
        for wrong in (numpy.full(600, "a"), numpy.full(600, 1.5), numpy.full(600, 11)):
            with self.assertRaises(ValueError):
                self.classifier().fit(self.X, wrong)

    def test_parameters(self):
        classifier = self.classifier(options={"momentum": 0.9})
        self.assertEqual(classifier.get_params(),
                         {"model": network, "epochs": 4, "seed": 1, "threads": 1, "options": {"momentum": 0.9}})
        self.assertEqual(classifier.set_params(epochs=2).epochs, 2)
        with self.assertRaises(ValueError):
            classifier.set_params(speed=11)
        copy = clone(classifier.fit(self.X, self.labels))
        self.assertEqual(copy.get_params(), classifier.get_params())
        with self.assertRaises(NotFittedError):
            copy.predict(self.X)

    def test_cross_validation_and_search(self):
        self.assertGreater(cross_val_score(self.classifier(), self.X, self.labels, cv=3).min(), 0.9)
        search = GridSearchCV(make_pipeline(self.classifier()), {"digitclassifier__epochs": [1, 4]}, cv=2, n_jobs=2)
        self.assertGreater(search.fit(self.X, self.labels).best_score_, 0.9)


if __name__ == "__main__":
    common.main()
