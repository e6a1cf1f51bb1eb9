"""The programs of examples/ and the notebook, run as a reader would."""

import csv
import io
import json
import os
import pathlib
import subprocess
import sys
import tempfile
import unittest
from contextlib import redirect_stdout
from unittest import mock

import common
import numpy
from common import bars, page, page_text, pictures, seven, source

import scrawl


class Examples(unittest.TestCase):
    def setUp(self):
        scratch = tempfile.TemporaryDirectory()
        self.addCleanup(scratch.cleanup)
        self.folder = pathlib.Path(scratch.name)
        self.mnist = self.folder / "cache/scrawl/mnist"
        common.write_idx(self.mnist, bars(3000), bars(500, seed=2))
        self.environment = {**os.environ, "XDG_DATA_HOME": str(self.folder / "data"), "SCRAWL_DATA": str(self.mnist)}
        self.environment.pop("SCRAWL_CORRECTIONS", None)

    def run_example(self, name, *words):
        file = source / f"examples/{name}.py"
        self.assertLessEqual(len(file.read_text().splitlines()), 20, "an example is 20 lines at most")
        return subprocess.run([sys.executable, file, *map(str, words)], cwd=self.folder, env=self.environment, check=True,
                              stdout=subprocess.PIPE, text=True).stdout

    def test_all_are_run_here(self):
        run = {name[5:] for name in vars(Examples) if name.startswith("test_")} - {"all_are_run_here"}
        self.assertEqual({file.stem for file in (source / "examples").glob("*.py")}, run)

    def test_read_picture(self):
        self.assertIn(": 7 (", self.run_example("read_picture", seven))
        with self.assertRaises(subprocess.CalledProcessError):
            self.run_example("read_picture", "none.png")

    def test_read_folder(self):
        self.run_example("read_folder", pictures, "numbers.csv")
        rows = {row["file"]: row["text"] for row in csv.DictReader(io.StringIO((self.folder / "numbers.csv").read_text()))}
        self.assertEqual((rows[page.name], rows[seven.name], rows["blank-page.jpg"]), (page_text, "7", ""))

    def test_classify_array(self):
        digits = scrawl.Recognizer().read(page).digits
        numpy.save(self.folder / "glyphs.npy", numpy.stack([digit.glyph for digit in digits]))
        lines = self.run_example("classify_array", "glyphs.npy").splitlines()
        self.assertEqual([int(line.split()[0]) for line in lines], [digit.digit for digit in digits])

    def test_train_and_evaluate(self):
        printed = self.run_example("train_and_evaluate", "model.safetensors", self.mnist)
        accuracy = float(printed.partition("%")[0])
        self.assertGreater(accuracy, 90)
        self.assertIn("of 500 images", printed)
        scrawl.load_model(self.folder / "model.safetensors")

    def test_teach_hand(self):
        printed = self.run_example("teach_hand", seven, 7, pictures / "2-marker.png", 2)
        self.assertIn("7-mnist.png: 7", printed)
        taught = sorted(path.parent.name for path in (self.folder / "data/scrawl/corrections").glob("*/*.png"))
        self.assertEqual(taught, ["2", "7"])


class Notebook(unittest.TestCase):
    file = source / "docs/python.ipynb"

    def test_runs_from_the_first_cell_to_the_last(self):
        before = os.getcwd()
        with tempfile.TemporaryDirectory() as folder:
            common.write_idx(pathlib.Path(folder) / "mnist", bars(3000), bars(500, seed=2))
            kept = {name: os.environ.get(name) for name in ("SCRAWL_DATA", "XDG_DATA_HOME")}
            os.environ.update(SCRAWL_DATA=str(pathlib.Path(folder) / "mnist"), XDG_DATA_HOME=folder)
            os.chdir(self.file.parent)
            try:
                names = {"__name__": "__main__"}
                printed = io.StringIO()
                for number, cell in enumerate(self.cells("code"), 1):
                    with self.subTest(cell=number), redirect_stdout(printed), mock.patch("scrawl.fetch_mnist"):
                        exec(compile("".join(cell["source"]), f"python.ipynb, cell {number}", "exec"), names)
            finally:
                os.chdir(before)
                for name, value in kept.items():
                    os.environ.pop(name) if value is None else os.environ.update({name: value})
        self.assertIn("2026 11", printed.getvalue())

    def cells(self, kind):
        return [cell for cell in json.loads(self.file.read_text())["cells"] if cell["cell_type"] == kind]

    def test_keeps_no_output(self):
        for cell in self.cells("code"):
            self.assertEqual((cell["outputs"], cell["execution_count"]), ([], None))
        self.assertTrue(self.cells("markdown"))


if __name__ == "__main__":
    common.main()
