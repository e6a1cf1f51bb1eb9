"""Models: files, pickles, and those of other programs."""

import concurrent.futures
import multiprocessing
import pathlib
import pickle
import tempfile
import unittest

import common
import numpy
from common import bars, page, page_text, seven, source

import scrawl

torch = common.imported("torch")
onnx = common.imported("onnx")
default_file = source / "models/default.safetensors"


def small_model():
    return scrawl.train(*bars(600), "dense 16, relu, dense 10", epochs=2, threads=1).model


def read(recognizer):
    """In another process."""
    return recognizer.read(seven)


class Files(unittest.TestCase):
    def setUp(self):
        self.scratch = tempfile.TemporaryDirectory()
        self.addCleanup(self.scratch.cleanup)
        self.folder = pathlib.Path(self.scratch.name)

    def assert_same(self, a, b):
        self.assertEqual(a.architecture, b.architecture)
        self.assertEqual(list(a.weights), list(b.weights))
        for name, values in a.weights.items():
            numpy.testing.assert_array_equal(values, b.weights[name])

    def test_a_model_of_ones_own(self):
        for model in (default_file, str(default_file), scrawl.load_model(default_file)):
            self.assertEqual(scrawl.Recognizer(model).read(seven).text, "7")
        for wrong, exception, part in (
            (seven, scrawl.Error, "7-mnist.png"),
            ("/nowhere/model.safetensors", FileNotFoundError, "/nowhere/model.safetensors"),
            ("model\0.safetensors", ValueError, "null"),
            (7, TypeError, "found int, expected a file's name or a Model"),
        ):
            with self.assertRaisesRegex(exception, part):
                scrawl.Recognizer(wrong)
        for load in (scrawl.load_model, scrawl.import_pytorch):
            with self.assertRaises(FileNotFoundError):
                load("/nowhere/model.safetensors")

    def test_says_what_it_is(self):
        model = small_model()
        self.assertEqual(model.parameters, 784 * 16 + 16 + 160 + 10)
        self.assertEqual({name: values.shape for name, values in model.weights.items()},
                         {"fc1.weight": (16, 784), "fc1.bias": (16,), "fc2.weight": (10, 16), "fc2.bias": (10,)})
        self.assertEqual([round(number, 4) for number in model.normalization], [0.1307, 0.3081])
        self.assertEqual(model.metadata["seed"], "1")
        self.assertIn("dense 16", repr(model))

    def test_is_saved_and_loaded(self):
        model = small_model()
        file = self.folder / "model.safetensors"
        model.save(file)
        self.assertEqual(file.read_bytes(), model.to_bytes())
        self.assert_same(scrawl.load_model(file), model)
        self.assert_same(scrawl.Model.from_bytes(model.to_bytes()), model)
        with self.assertRaisesRegex(scrawl.Error, "memory"):
            scrawl.Model.from_bytes(b"no model")
        with self.assertRaises(scrawl.Error):
            model.save(file / "below-a-file.safetensors")
        with self.assertRaisesRegex(FileNotFoundError, "the folder .*missing is missing"):
            model.save(self.folder / "missing/model.safetensors")

    def test_goes_to_pytorch_and_comes_back(self):
        model = small_model()
        file = self.folder / "model.pth"
        model.export_pytorch(file)
        images, _ = bars(50)
        back = scrawl.import_pytorch(file)
        self.assertEqual(back.architecture, model.architecture)
        numpy.testing.assert_allclose(scrawl.Recognizer(back).classify(images), scrawl.Recognizer(model).classify(images),
                                      atol=1e-2)
        named = scrawl.import_pytorch(file, architecture="dense 16, tanh, dense 10", mean=0, std=1)
        self.assertEqual((named.architecture, named.normalization), ("dense 16, tanh, dense 10", (0, 1)))
        with self.assertRaises(scrawl.Error):
            scrawl.import_pytorch(file, architecture="dense 17, relu, dense 10")
        with self.assertRaisesRegex(scrawl.Error, "7-mnist.png"):
            scrawl.import_pytorch(seven)
        with self.assertRaisesRegex(ValueError, "dense 11"):
            scrawl.import_pytorch(file, architecture="dense 11")

    def test_measures_what_a_file_leaves_open(self):
        images, labels = bars(600)
        model = scrawl.train(images, labels, "dense 16, relu, dense 10", epochs=4, threads=1).model
        file = self.folder / "model.pth"
        model.export_pytorch(file)
        measured = scrawl.measure_import(file, images, labels, threads=1)
        self.assertEqual(measured.model.architecture, "dense 16, relu, dense 10")
        self.assertIs(type(measured.clear), bool)
        self.assertGreater(len(measured.trials), 4)  # four normalizations, of several networks
        first, *others = measured.trials
        self.assertEqual(first.architecture, measured.model.architecture)
        self.assertEqual(first.normalization, measured.model.normalization)
        self.assertEqual((first.images, first.inverted, first.sigmoids), (600, False, False))
        self.assertGreater(first.accuracy, 0.9)
        self.assertLess(min(other.accuracy for other in others), first.accuracy)
        self.assertIn("dense 16", repr(first))
        told = scrawl.measure_import(file, images, labels, architecture="dense 16, tanh, dense 10", mean=0, std=1)
        self.assertEqual([(trial.architecture, trial.normalization) for trial in told.trials],
                         [("dense 16, tanh, dense 10", (0, 1))])
        with self.assertRaises(FileNotFoundError):
            scrawl.measure_import(self.folder / "none.pth", images, labels)

    def test_averages(self):
        images, labels = bars(600)
        file = self.folder / "checkpoint.safetensors"
        first = scrawl.train(images, labels, "dense 16, relu, dense 10", epochs=1, threads=1, validation=0, checkpoint=file).model
        second = scrawl.train(images, labels, first, epochs=1, threads=1).model
        average = scrawl.average([file, second])  # nothing set aside: the checkpoint's weights are the model's
        for name, values in average.weights.items():
            numpy.testing.assert_allclose(values, (first.weights[name] + second.weights[name]) / 2, atol=1e-6)
        other = scrawl.train(images, labels, "dense 17, relu, dense 10", epochs=1, threads=1).model
        for wrong, exception in (([], scrawl.Error), ([first, other], scrawl.Error), ([first, 7], TypeError),
                                 (["/nowhere/model.safetensors"], FileNotFoundError)):
            with self.assertRaises(exception):
                scrawl.average(wrong)

    @common.needs("torch")
    def test_torch_has_the_same_answers(self):
        model = small_model()
        model.export_pytorch(self.folder / "model.pth")
        weights = torch.load(self.folder / "model.pth")
        images, _ = bars(50)
        values = (torch.tensor(images).reshape(-1, 784) / 255 - 0.1307) / 0.3081
        hidden = torch.relu(values @ weights["fc1.weight"].T + weights["fc1.bias"])
        probabilities = torch.softmax(hidden @ weights["fc2.weight"].T + weights["fc2.bias"], 1)
        numpy.testing.assert_allclose(scrawl.Recognizer(model).classify(images), probabilities, atol=1e-2)
        torch.save({"net": weights}, self.folder / "checkpoint.pth")
        scrawl.import_pytorch(self.folder / "checkpoint.pth", key="net")

    @common.needs("onnx")
    def test_onnx_takes_its_file(self):
        small_model().export_onnx(self.folder / "model.onnx")
        graph = onnx.load(str(self.folder / "model.onnx"))
        onnx.checker.check_model(graph)
        self.assertEqual([node.name for node in graph.graph.input], ["glyphs"])


class Pickles(unittest.TestCase):
    def test_results(self):
        reading = scrawl.Recognizer().read(page)
        copy = pickle.loads(pickle.dumps(reading))
        self.assertEqual(copy, reading)
        self.assertEqual(copy.text, page_text)
        numpy.testing.assert_array_equal(copy.digits[4].glyph, reading.digits[4].glyph)
        numpy.testing.assert_array_equal(copy.digits[4].probabilities, reading.digits[4].probabilities)
        self.assertEqual(pickle.loads(pickle.dumps(reading.digits[0])), reading.digits[0])
        self.assertNotEqual(reading.digits[0], reading.digits[1])
        box = scrawl.Box(1, 2, width=3, height=4)
        self.assertEqual(pickle.loads(pickle.dumps(box)), box)
        self.assertEqual({box: 1}[scrawl.Box(1, 2, 3, 4)], 1)
        self.assertEqual(tuple(box), (1, 2, 3, 4))

    def test_the_built_in_recognizer_is_small(self):
        self.assertLess(len(pickle.dumps(scrawl.Recognizer())), 200)

    def test_a_recognizer_by_its_model(self):
        model = small_model()
        images, _ = bars(20)
        recognizer = scrawl.Recognizer(model)
        copy = pickle.loads(pickle.dumps(recognizer))
        numpy.testing.assert_array_equal(copy.classify(images), recognizer.classify(images))
        self.assertEqual(pickle.loads(pickle.dumps(model)).to_bytes(), model.to_bytes())

    def test_other_processes(self):
        spawned = multiprocessing.get_context("spawn")
        recognizers = [scrawl.Recognizer(), scrawl.Recognizer(default_file)]
        with concurrent.futures.ProcessPoolExecutor(1, spawned) as pool:
            self.assertEqual(list(pool.map(read, recognizers)), [recognizer.read(seven) for recognizer in recognizers])


if __name__ == "__main__":
    common.main()
