"""Teaching a hand: the collection, and the model that learns from it."""

import os
import pathlib
import tempfile
import unittest

import common
from common import bars, page, seven

import scrawl


class Teaching(unittest.TestCase):
    def setUp(self):
        self.scratch = tempfile.TemporaryDirectory()
        self.addCleanup(self.scratch.cleanup)
        self.folder = pathlib.Path(self.scratch.name) / "corrections"

    def test_a_picture_is_kept_and_forgotten(self):
        file = scrawl.teach(seven, 7, folder=self.folder)
        self.assertEqual(file.parent, self.folder / "7")
        (correction,) = scrawl.corrections(self.folder)
        self.assertEqual((correction.digit, correction.file, correction.id), (7, file, file.stem))
        self.assertTrue(scrawl.forget(correction.id, self.folder))
        self.assertFalse(scrawl.forget(correction.id, self.folder))
        self.assertEqual(scrawl.corrections(self.folder), [])

    def test_a_digit_of_a_reading_is_corrected(self):
        digit = scrawl.Recognizer().read(page).digits[3]
        scrawl.teach(digit, 4, folder=self.folder)
        scrawl.teach(digit, 6, folder=self.folder)  # a second thought
        self.assertEqual([correction.digit for correction in scrawl.corrections(self.folder)], [6])
        images, labels = scrawl.load_data("train", self.folder)
        self.assertEqual(labels.tolist(), [6])
        self.assertTrue((images[0] == digit.glyph).all())

    def test_a_picture_of_several_digits_is_refused(self):
        with self.assertRaisesRegex(scrawl.Error, "picture: several digits, read as .*Crop"):
            scrawl.teach(page, 2, folder=self.folder)
        self.assertEqual(scrawl.corrections(self.folder), [])

    def test_what_cannot_be_taught(self):
        with self.assertRaises(ValueError):
            scrawl.teach(seven, 10, folder=self.folder)
        with self.assertRaises(FileNotFoundError):
            scrawl.teach("/nowhere/7.png", 7, folder=self.folder)
        with self.assertRaisesRegex(scrawl.Error, "no ink"):
            scrawl.teach(common.pictures / "blank-page.jpg", 7, folder=self.folder)


class Learning(unittest.TestCase):
    """On a little data that stands for MNIST."""

    @classmethod
    def setUpClass(cls):
        cls.scratch = tempfile.TemporaryDirectory()
        cls.addClassCleanup(cls.scratch.cleanup)
        cls.data = pathlib.Path(cls.scratch.name) / "mnist"
        common.write_idx(cls.data, bars(600), bars(100, seed=2))
        cls.model = scrawl.train(*bars(600), "dense 16, relu, dense 10", epochs=2, threads=1).model

    def personalize(self, **options):
        images, labels = bars(40, seed=3)
        return scrawl.personalize(255 - images, labels, model=self.model,
                                  **{"data": self.data, "steps": 20, "threads": 1, **options})

    def test_learns(self):
        steps = []
        result = self.personalize(on_step=steps.append, learning_rate=0.02)
        self.assertEqual([(s.step, s.steps) for s in steps], [(n, 20) for n in range(1, 21)])
        self.assertEqual(result.samples, 40)
        self.assertFalse(result.canceled)
        self.assertLess(result.after.collection_loss, result.before.collection_loss)
        self.assertEqual(result.model.architecture, self.model.architecture)
        self.assertTrue(result.reason)

    def test_a_callback_stops_it(self):
        result = self.personalize(on_step=lambda progress: progress.step < 3)
        self.assertTrue(result.canceled)
        self.assertFalse(result.kept)

    def test_wrong_arguments(self):
        for wrong, exception in (({"steps": 0}, ValueError), ({"collection_fraction": 1.5}, ValueError),
                                 ({"precision": "int8"}, ValueError), ({"data": "/nowhere"}, FileNotFoundError)):
            with self.subTest(wrong=wrong), self.assertRaises(exception):
                self.personalize(**wrong)
        with self.assertRaisesRegex(ValueError, "images and labels"):
            scrawl.personalize(bars(5)[0])

    def test_the_personal_model(self):
        before = os.environ.get("XDG_DATA_HOME")
        os.environ["XDG_DATA_HOME"] = self.scratch.name
        try:
            scrawl.save_personal_model(self.model)
            self.assertEqual(scrawl.current_model().to_bytes(), self.model.to_bytes())
            self.assertTrue(scrawl.undo_personal_model())
            self.assertFalse(scrawl.undo_personal_model())
            self.assertEqual(scrawl.current_model().to_bytes(), scrawl.default_model().to_bytes())
        finally:
            if before is None:
                del os.environ["XDG_DATA_HOME"]
            else:
                os.environ["XDG_DATA_HOME"] = before


if __name__ == "__main__":
    common.main()
