"""Reading and classifying."""

import concurrent.futures
import io
import pathlib
import threading
import time
import unittest

import common
import numpy
from common import page, page_text, pictures, seven, source

import scrawl

Image = common.imported("PIL.Image")


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
            ("/nowhere/7.png", FileNotFoundError, "/nowhere/7.png"),
            (pathlib.Path("/nowhere/7.png"), FileNotFoundError, "/nowhere/7.png"),
            (str(source), scrawl.Error, "directory"),
            (b"no picture", scrawl.Error, "memory"),
            (b"", scrawl.Error, "memory"),
            ("7\0.png", ValueError, "null"),
            (numpy.zeros(784, numpy.uint8), ValueError, r"\(784,\)"),
            (numpy.zeros((5, 2, 5), numpy.uint8), ValueError, "5 channels"),
            (numpy.zeros((0, 5), numpy.uint8), scrawl.Error, "5 x 0"),
            (numpy.zeros((5, 5, 0), numpy.uint8), ValueError, "0 channels"),
            (numpy.full((28, 28), 255.0), ValueError, "255, expected 0 to 1; divide"),
            (numpy.full((28, 28), numpy.nan), ValueError, "nan"),
            (numpy.full((28, 28), -1.0), ValueError, "from -1"),
            (numpy.zeros((28, 28), int), TypeError, "int64, expected uint8"),
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

    def test_glyphs_of_each_shape_and_type(self):
        glyphs = numpy.stack([digit.glyph for digit in self.recognizer.read(page).digits])
        expected = self.recognizer.classify(glyphs)
        for same in (glyphs.reshape(-1, 784), glyphs / 255, (glyphs / 255).astype(numpy.float32), numpy.asfortranarray(glyphs),
                     list(glyphs)):
            numpy.testing.assert_array_equal(self.recognizer.classify(same), expected)
        one = self.recognizer.classify(glyphs[3])
        self.assertEqual(one.shape, (10,))
        numpy.testing.assert_array_equal(one, expected[3])

    def test_says_what_is_wrong_with_glyphs(self):
        for wrong, exception, part in (
            (numpy.zeros((1, 28, 27), numpy.uint8), ValueError, r"expected \(28, 28\), \(n, 784\) or \(n, 28, 28\)"),
            (numpy.zeros((), numpy.uint8), ValueError, r"shape \(\)"),
            (numpy.zeros((784, 5), numpy.uint8), ValueError, "glyphs.T"),
            (numpy.zeros((28, 28, 5), numpy.uint8), ValueError, r"transpose\(2, 0, 1\)"),
            (numpy.zeros((5, 1, 28, 28), numpy.uint8), ValueError, r"glyphs\[:, 0\]"),
            (numpy.zeros((5, 28, 28, 1), numpy.uint8), ValueError, r"glyphs\[..., 0\]"),
            (numpy.full((1, 28, 28), 255.0), ValueError, "divide them by 255"),
            (numpy.zeros((1, 28, 28), numpy.int32), TypeError, "int32, expected uint8"),
        ):
            with self.subTest(part=part), self.assertRaisesRegex(exception, part):
                self.recognizer.classify(wrong)

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


if __name__ == "__main__":
    common.main()
