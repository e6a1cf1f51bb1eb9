"""Training, evaluation, and what stops them."""

import _thread
import pathlib
import tempfile
import threading
import time
import unittest

import common
import numpy
from common import bars

import scrawl


class Training(unittest.TestCase):
    images, labels = bars(1200)

    def train(self, **options):
        return scrawl.train(self.images, self.labels, "dense 16, relu, dense 10", **{"epochs": 3, "threads": 1, **options})

    def test_learns_what_evaluation_finds_and_a_recognizer_reads(self):
        result = self.train()
        self.assertTrue(result.finished)
        self.assertEqual((result.epochs_done, result.model.architecture), (3, "dense 16, relu, dense 10"))
        images, labels = bars(500, seed=2)
        evaluation = scrawl.evaluate(result.model, images.reshape(-1, 784) / 255, labels.tolist(), threads=1)
        self.assertEqual(evaluation.images, 500)
        self.assertGreater(evaluation.accuracy, 0.99)
        self.assertEqual((evaluation.confusion.shape, evaluation.confusion.sum()), ((10, 10), 500))
        numpy.testing.assert_array_equal(evaluation.confusion.sum(axis=1), numpy.bincount(labels, minlength=10))
        answers = scrawl.Recognizer(result.model).classify(images).argmax(axis=1)
        self.assertAlmostEqual((answers == labels).mean(), evaluation.accuracy)
        both = scrawl.evaluate([result.model, result.model], images, labels, threads=1)
        self.assertEqual(both.accuracy, evaluation.accuracy)

    def test_reports_each_batch_and_epoch(self):
        batches, epochs = [], []
        result = self.train(batch=100, validation=200, on_batch=batches.append, on_epoch=epochs.append)
        self.assertEqual([(b.epoch, b.batch) for b in batches], [(e, b) for e in (1, 2, 3) for b in range(1, 11)])
        self.assertEqual({(b.epochs, b.batches) for b in batches}, {(3, 10)})
        self.assertEqual([e.epoch for e in epochs], [1, 2, 3])
        self.assertGreater(epochs[-1].train_accuracy, epochs[0].train_accuracy)
        self.assertEqual(result.best_epoch.validation_accuracy, max(e.validation_accuracy for e in epochs))
        self.assertIsNone(self.train(validation=0).best_epoch.validation_accuracy)

    def test_a_callback_stops_it(self):
        seen = []

        def stop(report):
            seen.append(report)
            return not (report.epoch == 2 and report.batch == 3)

        result = self.train(batch=100, on_batch=stop)
        self.assertFalse(result.finished)
        self.assertEqual((result.epochs_done, len(seen), result.best_epoch.epoch), (1, 13, 1))
        nothing = self.train(on_batch=lambda report: False)
        self.assertIsNone(nothing.best_epoch)
        with self.assertRaisesRegex(scrawl.Error, "first epoch"):
            nothing.model

    def test_on_epoch_stops_it_too(self):
        result = self.train(on_epoch=lambda report: report.epoch < 2)
        self.assertEqual((result.finished, result.epochs_done), (False, 2))

    def test_patience_ends_it(self):
        result = self.train(epochs=8, validation=200, learning_rate=1e-30, patience=2)  # no epoch is better than the first
        self.assertEqual((result.finished, result.epochs_done, result.best_epoch.epoch), (True, 3, 1))
        with self.assertRaisesRegex(ValueError, "patience is 1, but validation is 0"):
            self.train(patience=1, validation=0)

    def test_a_checkpoint_in_no_folder_is_refused_at_once(self):
        with self.assertRaisesRegex(FileNotFoundError, "the folder /nowhere is missing"):
            self.train(checkpoint="/nowhere/checkpoint.safetensors", on_batch=lambda report: self.fail("it was trained"))

    def test_what_a_callback_raises_comes_out(self):
        def fail(report):
            raise LookupError("mine")

        for name in ("on_batch", "on_epoch"):
            with self.assertRaisesRegex(LookupError, "mine"):
                self.train(**{name: fail})

    def test_ctrl_c_ends_it(self):
        threading.Timer(0.3, _thread.interrupt_main).start()
        begin = time.monotonic()
        with self.assertRaises(KeyboardInterrupt):
            self.train(epochs=10**6)
        self.assertLess(time.monotonic() - begin, 30)

    def test_python_goes_on_meanwhile(self):
        done, ticks = threading.Event(), []

        def tick():
            while not done.wait(0.001):
                ticks.append(None)

        ticker = threading.Thread(target=tick)
        ticker.start()
        self.train(epochs=60)
        done.set()
        ticker.join()
        self.assertGreater(len(ticks), 5)

    def test_the_same_seed_makes_the_same_weights(self):
        weights = [self.train(seed=seed).model.weights["fc1.weight"] for seed in (4, 4, 5)]
        self.assertEqual(weights[0].shape, (16, 784))
        numpy.testing.assert_array_equal(weights[0], weights[1])
        self.assertTrue((weights[0] != weights[2]).any())

    def test_stopped_and_resumed_is_as_never_stopped(self):
        with tempfile.TemporaryDirectory() as folder:
            file = pathlib.Path(folder) / "checkpoint.safetensors"
            self.train(checkpoint=file, on_batch=lambda report: report.epoch < 2)
            resumed = self.train(checkpoint=file, resume=True).model
            numpy.testing.assert_array_equal(resumed.weights["fc1.weight"], self.train().model.weights["fc1.weight"])
            with self.assertRaises(FileNotFoundError):
                self.train(checkpoint=file.with_name("none"), resume=True)
        with self.assertRaisesRegex(ValueError, "checkpoint"):
            self.train(resume=True)

    def test_goes_on_from_a_model_and_learns_from_teachers(self):
        first = self.train(epochs=1).model
        second = scrawl.train(self.images, self.labels, first, epochs=2, threads=1).model
        self.assertEqual(second.architecture, first.architecture)
        before, after = (scrawl.evaluate(model, self.images, self.labels, threads=1).loss for model in (first, second))
        self.assertLess(after, before)
        self.assertIsNotNone(self.train(teachers=[second]).model)

    def test_all_options(self):
        result = scrawl.train(
            self.images, self.labels, "conv 4 3, norm, relu, max-pool 4, dense 10", epochs=1, batch=64, learning_rate=0.1,
            momentum=0.9, nesterov=True, weight_decay=1e-4, schedule="cosine", warmup=0.5, smoothing=0.05, weight_ema=0.9,
            augmentation="rotation 5, shift 1", outliers=0.1, rare_styles=0.1, temperature=0.7, validation=100, seed=3,
            precision="f32", threads=1)
        self.assertAlmostEqual(result.model.temperature, 0.7, 6)
        self.assertEqual(result.model.metadata["seed"], "3")

    def test_wrong_options_are_errors(self):
        for wrong, exception, part in (
            ({"epochs": 0}, ValueError, "epochs"),
            ({"epochs": 1.5}, ValueError, "epochs: found 1.5, expected a whole number"),
            ({"epochs": "many"}, TypeError, "epochs: found 'many'"),
            ({"batch": -1}, ValueError, "batch: found -1"),
            ({"learning_rate": -1}, ValueError, "learning rate"),
            ({"schedule": "steps"}, ValueError, "constant, one-cycle or cosine"),
            ({"precision": "int8"}, ValueError, "auto, f32 or bf16"),
            ({"augmentation": 3}, TypeError, "augmentation: found 3"),
            ({"schedule": 3}, TypeError, "schedule: found 3"),
            ({"teachers": 3}, TypeError, "iterable"),
            ({"teachers": [3]}, TypeError, "expected a file's name or a Model"),
            ({"teachers": ["/nowhere/model.safetensors"]}, FileNotFoundError, "/nowhere"),
            ({"augmentation": "rotation 999"}, ValueError, "rotation"),
            ({"threads": -1}, ValueError, "threads"),
            ({"speed": 11}, TypeError, "speed"),
        ):
            with self.subTest(wrong=wrong), self.assertRaisesRegex(exception, part):
                self.train(**wrong)
        for model, exception, part in (("dense 11", ValueError, "dense 11"), ("slow", ValueError, "slow"),
                                       (7, TypeError, "model: found 7")):
            with self.subTest(model=model), self.assertRaisesRegex(exception, part):
                scrawl.train(self.images, self.labels, model)

    def test_wrong_data_are_errors(self):
        for labels, exception, part in (
            (self.labels[:-1], ValueError, "one for each image"),
            (self.labels + 10, ValueError, "expected 0 to 9"),
            (self.labels / 2, TypeError, "whole numbers"),
            (self.labels[:, None], ValueError, r"shape \(1200, 1\)"),
        ):
            with self.subTest(part=part), self.assertRaisesRegex(exception, part):
                scrawl.train(self.images, labels)
        with self.assertRaises(scrawl.Error):
            scrawl.train(self.images[:0], self.labels[:0])
        with self.assertRaises(scrawl.Error):
            scrawl.evaluate(scrawl.default_model(), self.images[:0], self.labels[:0])

    @common.needs("tqdm")
    def test_a_bar(self):
        import contextlib
        import io

        screen = io.StringIO()
        seen = []
        with contextlib.redirect_stderr(screen):
            self.train(batch=100, progress=True, on_batch=seen.append)
        self.assertIn("30/30", screen.getvalue())
        self.assertIn("epoch 3/3", screen.getvalue())
        self.assertEqual(len(seen), 30)

    def test_presets(self):
        self.assertIn("fast", scrawl.presets())


class DataSets(unittest.TestCase):
    def test_missing_ones_are_missing_files(self):
        with self.assertRaises(FileNotFoundError):
            scrawl.load_data("train", "/nowhere")
        with tempfile.TemporaryDirectory() as folder, self.assertRaises(FileNotFoundError):
            scrawl.load_data("test", folder)
        with self.assertRaisesRegex(ValueError, "'train' or 'test'"):
            scrawl.load_data("validation")

    def test_pictures_by_digit(self):
        with tempfile.TemporaryDirectory() as folder:
            for digit in ("1", "7"):
                (pathlib.Path(folder) / digit).mkdir()
                (pathlib.Path(folder) / digit / "a.png").write_bytes(common.seven.read_bytes())
            images, labels = scrawl.load_data("train", folder)
        self.assertEqual((images.shape, images.dtype, labels.tolist()), ((2, 28, 28), numpy.uint8, [1, 7]))


if __name__ == "__main__":
    common.main()
