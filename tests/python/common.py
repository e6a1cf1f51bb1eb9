"""What the tests of the Python module share. Each is run as NAME_test.py SOURCE_FOLDER, with the module's folder in
PYTHONPATH; exit code 77: skipped."""

import importlib
import pathlib
import struct
import sys
import unittest

try:
    import numpy
except ImportError:
    print("skipped: NumPy is not installed")
    sys.exit(77)

source = pathlib.Path(sys.argv.pop()).resolve() if len(sys.argv) > 1 else pathlib.Path(__file__).parents[2]
pictures = source / "examples/pictures"
seven = pictures / "7-mnist.png"
page = pictures / "2026-squared-paper.jpg"
page_text = "2026 11\n31415926\n718 28"


def imported(name):
    """The module, or None where it is not installed."""
    try:
        return importlib.import_module(name)
    except ImportError:
        return None


def needs(name):
    """A test that says what is missing, as tests/check_skips.py reads it, where the module is not installed."""

    def decorate(test):
        if imported(name) is not None:
            return test
        return lambda self: print(f"\nskipped: {test.__name__} needs {name}, not here", flush=True)

    return decorate


def bars(count, seed=1):
    """Glyphs that any network learns at once: the digit is the row where a bar stands."""
    random = numpy.random.default_rng(seed)
    labels = random.integers(0, 10, count).astype(numpy.uint8)
    images = random.integers(0, 60, (count, 28, 28)).astype(numpy.uint8)
    for image, label in zip(images, labels):
        image[4 + 2 * label, 4:24] = 255
    return images, labels


def write_idx(folder, train, test):
    """A data set as MNIST's files."""
    folder.mkdir(parents=True)
    for name, (images, labels) in (("train", train), ("t10k", test)):
        header = struct.pack(">IIII", 0x803, len(images), 28, 28)
        (folder / f"{name}-images-idx3-ubyte").write_bytes(header + images.tobytes())
        (folder / f"{name}-labels-idx1-ubyte").write_bytes(struct.pack(">II", 0x801, len(labels)) + labels.tobytes())


def main():
    unittest.main(verbosity=2)
