"""Pictures in all the forms in which people have them."""

import io
import unittest

import common
import numpy
from common import page, page_text, pictures, seven

import scrawl

torch = common.imported("torch")


def a_red_one():
    """(60, 50, 3) RGB: a 1 in a red that is as dark as the blue paper when the two are mistaken for each other."""
    picture = numpy.full((60, 50, 3), (120, 160, 255), numpy.uint8)
    picture[8:52, 22:27] = (120, 0, 0)
    return picture


class Forms(unittest.TestCase):
    recognizer = scrawl.Recognizer()

    def text(self, picture, **options):
        return self.recognizer.read(picture, **options).text

    def test_open_files(self):
        with page.open("rb") as file:
            self.assertEqual(self.text(file), page_text)
        self.assertEqual(self.text(io.BytesIO(seven.read_bytes())), "7")
        with self.assertRaisesRegex(TypeError, "'rb'"):
            self.text(io.StringIO("no picture"))

    def test_floats(self):
        one = a_red_one()
        gray = one.mean(axis=2)
        for pixels in (one / 255, (one / 255).astype(numpy.float32), gray / 255):
            self.assertEqual(self.text(pixels), "1")

    def test_floats_are_what_bytes_are(self):
        gray = numpy.arange(60 * 50, dtype=numpy.uint16).reshape(60, 50).astype(numpy.uint8)
        whole = self.recognizer.read(gray)
        self.assertEqual(self.recognizer.read(gray / 255), whole)

    def test_colors_in_opencvs_order(self):
        rgb = a_red_one()
        reading = self.recognizer.read(rgb)
        self.assertEqual(self.recognizer.read(rgb[:, :, ::-1], bgr=True), reading)
        rgba = numpy.dstack([rgb, numpy.full(rgb.shape[:2], 255, numpy.uint8)])
        self.assertEqual(self.recognizer.read(rgba[:, :, [2, 1, 0, 3]], bgr=True), self.recognizer.read(rgba))
        for wrong in (rgb[:, :, 0], seven, seven.read_bytes()):
            with self.assertRaisesRegex(ValueError, "bgr"):
                self.recognizer.read(wrong, bgr=True)

    def test_arrays_that_are_not_contiguous(self):
        rgb = a_red_one()
        turned = rgb.transpose(1, 0, 2).copy().transpose(1, 0, 2)
        self.assertEqual(self.recognizer.read(turned), self.recognizer.read(rgb))
        wide = numpy.repeat(rgb, 2, axis=1)
        self.assertEqual(self.recognizer.read(wide[:, ::2]), self.recognizer.read(rgb))

    def test_what_is_not_a_picture_says_how_to_make_it_one(self):
        for shape, part in (
            ((3, 60, 50), r"transpose\(1, 2, 0\)"),
            ((1, 60, 50), r"transpose\(1, 2, 0\)"),
            ((1, 3, 60, 50), "one picture at a time"),
            ((60,), r"expected \(height, width\)"),
        ):
            with self.subTest(shape=shape), self.assertRaisesRegex(ValueError, part):
                self.text(numpy.zeros(shape, numpy.uint8))

    @common.needs("torch")
    def test_tensors(self):
        rgb = torch.tensor(a_red_one())
        self.assertEqual(self.text(rgb), "1")
        channels_first = rgb.permute(2, 0, 1)
        with self.assertRaisesRegex(ValueError, "permute"):
            self.text(channels_first)
        self.assertEqual(self.text(channels_first.permute(1, 2, 0).float() / 255), "1")
        glyphs = torch.rand(4, 28, 28)
        numpy.testing.assert_array_equal(self.recognizer.classify(glyphs), self.recognizer.classify(glyphs.numpy()))
        self.assertEqual(self.recognizer.classify(glyphs[0]).shape, (10,))
        with self.assertRaisesRegex(ValueError, r"glyphs\[:, 0\]"):
            self.recognizer.classify(glyphs[:, None])


class Explaining(unittest.TestCase):
    def test_shows_the_picture_in_color(self):
        reading = scrawl.Recognizer().read(page)
        shown = scrawl.explain(page, reading)
        self.assertEqual((shown.dtype, shown.shape[2]), (numpy.uint8, 3))
        self.assertGreater(numpy.ptp(shown.astype(int), axis=2).max(), 50)  # boxes are colored

    def test_answers_in_opencvs_order_where_asked_in_it(self):
        picture = a_red_one()
        reading = scrawl.Recognizer().read(picture)
        shown = scrawl.explain(picture, reading)
        numpy.testing.assert_array_equal(scrawl.explain(picture[:, :, ::-1], reading, bgr=True), shown[:, :, ::-1])

    def test_a_picture_without_digits(self):
        blank = pictures / "blank-page.jpg"
        self.assertEqual(scrawl.explain(blank, scrawl.Recognizer().read(blank)).ndim, 3)


if __name__ == "__main__":
    common.main()
