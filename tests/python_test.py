"""The Python module: python_test.py SOURCE_FOLDER, with the module's folder in PYTHONPATH."""

import concurrent.futures
import io
import pathlib
import sys
import threading
import time
import unittest

try:
    import numpy
except ImportError:
    print("skipped: NumPy is not installed")
    sys.exit(77)
try:
    from PIL import Image
except ImportError:
    Image = None

import scrawl

source = pathlib.Path(sys.argv.pop())
pictures = source / "examples/pictures"
seven = pictures / "7-mnist.png"
page = pictures / "2026-squared-paper.jpg"
page_text = "2026 11\n31415926\n718 28"


def a_one(channels=1):
    """An upright bar; with an alpha channel, all is black and only alpha tells ink from paper."""
    alpha = channels % 2 == 0
    picture = numpy.full((60, 50, channels), 0 if alpha else 250, numpy.uint8)
    picture[8:52, 22:27, :] = 20
    if alpha:
        picture[8:52, 22:27, -1] = 255
    return picture


class Reading(unittest.TestCase):
    recognizer = scrawl.Recognizer()

    def text(self, picture, **options):
        return self.recognizer.read(picture, **options).text

    def test_takes_names_paths_and_bytes(self):
        self.assertEqual(self.text(str(seven)), "7")
        self.assertEqual(self.text(seven), "7")
        content = page.read_bytes()
        for picture in (content, bytearray(content), memoryview(content)):
            self.assertEqual(self.text(picture), page_text)

    def test_takes_arrays_of_any_channels(self):
        self.assertEqual(self.text(a_one()[:, :, 0]), "1")
        for channels in (1, 2, 3, 4):
            self.assertEqual(self.text(a_one(channels)), "1", channels)

    def test_takes_arrays_with_gaps(self):
        gray = a_one()[:, :, 0]
        wide = numpy.full((60, 100), 250, numpy.uint8)
        wide[:, :50] = gray
        wide[:, 50:] = 0
        self.assertEqual(self.text(wide[:, :50]), "1")  # rows with something between
        self.assertEqual(self.text(numpy.asfortranarray(gray)), "1")
        self.assertEqual(self.text(gray[::-1]), "1")
        self.assertEqual(self.text(numpy.repeat(gray, 2, axis=1)[:, ::2]), "1")

    def test_a_digit_has_its_place_glyph_and_probabilities(self):
        (digit,) = self.recognizer.read(a_one(3)).digits
        self.assertEqual(digit.digit, 1)
        x, y, width, height = digit.box
        self.assertLess(abs(x - 22) + abs(y - 8) + abs(width - 5) + abs(height - 44), 8)
        self.assertEqual((digit.probabilities.dtype, digit.probabilities.shape), (numpy.float32, (10,)))
        self.assertAlmostEqual(float(digit.probabilities.sum()), 1, 5)
        self.assertEqual(digit.probabilities.argmax(), 1)
        self.assertEqual((digit.glyph.dtype, digit.glyph.shape), (numpy.uint8, (28, 28)))
        self.assertGreater(digit.glyph[14, 14], 200)

    def test_results_outlive_what_they_came_from(self):
        glyph = scrawl.Recognizer().read(seven).digits[0].glyph
        self.assertGreater(glyph.max(), 200)

    def test_options(self):
        self.assertEqual(self.text(seven, min_confidence=1), "?")
        self.assertEqual(len(self.text(page, layout="one")), 1)
        for wrong in ({"layout": "circle"}, {"min_confidence": 2}, {"min_confidence": float("nan")},
                      {"digits": 10**9}, {"digits": -1}, {"layout": "one", "digits": 2}):
            with self.assertRaises(ValueError):
                self.text(seven, **wrong)
        with self.assertRaises(TypeError):
            self.text(seven, digits=1.5)

    def test_a_blank_picture_has_no_digits(self):
        reading = self.recognizer.read(numpy.full((40, 40), 255, numpy.uint8))
        self.assertEqual((reading.text, reading.confidence, reading.digits), ("", 0, []))

    def test_says_what_is_wrong_with_a_picture(self):
        for wrong, exception, part in (
            ("/nowhere/7.png", scrawl.Error, "/nowhere/7.png"),
            (b"no picture", scrawl.Error, "memory"),
            (b"", scrawl.Error, "memory"),
            ("7\0.png", ValueError, "null"),
            (numpy.zeros(784, numpy.uint8), ValueError, r"\(784,\)"),
            (numpy.zeros((2, 2, 5), numpy.uint8), ValueError, "5 channels"),
            (numpy.zeros((0, 5), numpy.uint8), scrawl.Error, "5 x 0"),
            (numpy.zeros((5, 5, 0), numpy.uint8), ValueError, "0 channels"),
            (numpy.zeros((28, 28)), TypeError, "float64, expected uint8"),
            (7, TypeError, "found int"),
            (None, TypeError, "found NoneType"),
        ):
            with self.subTest(wrong=wrong), self.assertRaisesRegex(exception, part):
                self.recognizer.read(wrong)


@unittest.skipIf(Image is None, "Pillow is not installed")
class Pillow(unittest.TestCase):
    recognizer = scrawl.Recognizer()

    def test_any_mode(self):
        one = Image.fromarray(a_one(3))
        for mode in ("1", "L", "LA", "P", "RGB", "RGBA", "CMYK", "YCbCr", "HSV"):
            converted = one.convert("RGBA").convert(mode) if mode == "LA" else one.convert(mode)
            self.assertEqual(self.recognizer.read(converted).text, "1", mode)

    def test_sixteen_bits_are_refused(self):
        with self.assertRaisesRegex(ValueError, "mode I"):
            self.recognizer.read(Image.new("I", (28, 28)))

    def test_a_transparent_picture_lies_on_white(self):
        with Image.open(pictures / "0-transparent.png") as image:
            self.assertEqual(self.recognizer.read(image).text, "0")

    def test_stands_upright_as_the_file_does(self):
        exif = Image.Exif()
        exif[0x0112] = 6  # turned by a quarter
        content = io.BytesIO()
        with Image.open(seven) as image:
            image.convert("L").rotate(90, expand=True).save(content, "PNG", exif=exif)
        with Image.open(io.BytesIO(content.getvalue())) as image:
            self.assertEqual(self.recognizer.read(image).text, "7")
        self.assertEqual(self.recognizer.read(content.getvalue()).text, "7")


class Classifying(unittest.TestCase):
    recognizer = scrawl.Recognizer()

    def test_many_glyphs_as_reading_did(self):
        digits = self.recognizer.read(page).digits
        probabilities = self.recognizer.classify(numpy.stack([digit.glyph for digit in digits]))
        self.assertEqual((probabilities.dtype, probabilities.shape), (numpy.float32, (19, 10)))
        self.assertEqual(probabilities.argmax(axis=1).tolist(), [digit.digit for digit in digits])

    def test_no_glyphs_and_glyphs_with_gaps(self):
        self.assertEqual(self.recognizer.classify(numpy.zeros((0, 28, 28), numpy.uint8)).shape, (0, 10))
        glyphs = numpy.random.default_rng(1).integers(0, 255, (6, 28, 28), numpy.uint8)
        numpy.testing.assert_array_equal(
            self.recognizer.classify(glyphs[::-2]), self.recognizer.classify(glyphs)[::-2]
        )

    def test_says_what_is_wrong_with_glyphs(self):
        for shape in ((28, 28), (3, 784), (1, 28, 27), ()):
            with self.assertRaisesRegex(ValueError, r"expected \(n, 28, 28\)"):
                self.recognizer.classify(numpy.zeros(shape, numpy.uint8))
        with self.assertRaisesRegex(TypeError, "float32, expected uint8"):
            self.recognizer.classify(numpy.zeros((1, 28, 28), numpy.float32))

    def test_python_goes_on_meanwhile(self):
        ticks = []
        done = threading.Event()

        def tick():
            while not done.wait(0.001):
                ticks.append(time.monotonic())

        ticker = threading.Thread(target=tick)
        ticker.start()
        while not ticks:
            time.sleep(0.001)
        begin = time.monotonic()
        self.recognizer.classify(numpy.zeros((4000, 28, 28), numpy.uint8))
        end = time.monotonic()
        done.set()
        ticker.join()
        self.assertGreater(len([t for t in ticks if begin < t < end]), 5)

    def test_threads_share_a_recognizer(self):
        with concurrent.futures.ThreadPoolExecutor(4) as pool:
            texts = list(pool.map(lambda name: self.recognizer.read(name).text, [seven, page] * 8))
        self.assertEqual(texts, ["7", page_text] * 8)


class Models(unittest.TestCase):
    def test_a_model_of_ones_own(self):
        recognizer = scrawl.Recognizer(source / "models/default.safetensors")
        self.assertEqual(recognizer.read(seven).text, "7")
        with self.assertRaisesRegex(scrawl.Error, "7-mnist.png"):
            scrawl.Recognizer(seven)
        with self.assertRaises(scrawl.Error):
            scrawl.Recognizer("/nowhere/model.safetensors")
        with self.assertRaisesRegex(ValueError, "null"):
            scrawl.Recognizer("model\0.safetensors")
        with self.assertRaisesRegex(TypeError, "not int"):
            scrawl.Recognizer(7)


class Package(unittest.TestCase):
    def test_has_the_projects_version_and_docstrings(self):
        self.assertIn(f"project(scrawl VERSION {scrawl.__version__} ", (source / "CMakeLists.txt").read_text())
        for name in scrawl.__all__[:-1]:
            thing = getattr(scrawl, name)
            self.assertEqual(thing.__module__, "scrawl")
            self.assertTrue(thing.__doc__ or issubclass(thing, Exception), name)
        self.assertTrue((pathlib.Path(scrawl.__file__).parent / "py.typed").exists())

    def test_the_stub_has_what_the_module_has(self):
        stub = (source / "python/scrawl/_scrawl.pyi").read_text()
        for thing in (scrawl.Box, scrawl.Digit, scrawl.Reading, scrawl.Recognizer):
            for name in vars(thing):
                if not name.startswith("_"):
                    self.assertIn(f"def {name}(", stub, thing)


if __name__ == "__main__":
    unittest.main(verbosity=2)
