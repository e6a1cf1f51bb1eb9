"""Tables of pictures, and archives on Dask: what goes in, what comes out, what is said of what is wrong."""

import csv
import json
import math
import os
import pathlib
import subprocess
import sys
import tempfile
import unittest

import common
from common import page, page_text, pictures, seven

for module in ("pandas", "dask.dataframe", "dask.bag", "distributed"):
    if common.imported(module) is None:
        print(f"skipped: {module} is not installed")
        sys.exit(77)
import dask
import dask.bag
import dask.dataframe
import distributed
import pandas

import scrawl
import scrawl.dask
import scrawl.pandas

dask.config.set(scheduler="synchronous")
COLUMNS = ["file", "page", "region", "text", "confidence", "digits", "error"]


def scratch(test):
    folder = tempfile.TemporaryDirectory()
    test.addCleanup(folder.cleanup)
    return pathlib.Path(folder.name)


class Tables(unittest.TestCase):
    def test_a_row_says_what_the_recognizer_says(self):
        table = scrawl.pandas.read(pandas.DataFrame({"file": [str(seven), page], "other": [1, 2]}, index=[5, 6]))
        self.assertEqual(list(table.columns), COLUMNS)
        self.assertEqual(list(table.text), ["7", page_text])
        self.assertEqual(list(table.file), [str(seven), str(page)])
        reading = scrawl.Recognizer().read(page)
        self.assertEqual(table.confidence[1], reading.confidence)
        digits = json.loads(table.digits[1])
        self.assertEqual([tuple(digit["box"].values()) for digit in digits], [tuple(digit.box) for digit in reading.digits])
        self.assertTrue((table.error.isna() & (table.region == "full") & (table.page == 1)).all())

    def test_regions_are_read_alone_and_boxes_are_the_pictures(self):
        digit = scrawl.Recognizer().read(page).digits[6]
        x, y, width, height = digit.box
        box = (x - 8, y - 8, width + 16, height + 16)
        regions = [",".join(map(str, box)), box, scrawl.Box(*box), None, math.nan, "full"]
        table = scrawl.pandas.read(pandas.DataFrame({"file": [page] * 6, "region": regions}), layout="one")
        alone = scrawl.Recognizer().read(scrawl.load_picture(page)[box[1]:box[1] + box[3], box[0]:box[0] + box[2]], layout="one")
        for row in range(3):
            self.assertEqual((table.text[row], table.region[row]), (alone.text, regions[0]))
            found = json.loads(table.digits[row])[0]["box"]
            self.assertEqual((found["x"] - box[0], found["y"] - box[1]), tuple(alone.digits[0].box)[:2])
        self.assertEqual(list(table.region[3:]), ["full"] * 3)

    def test_every_page_is_a_row(self):
        folder = scratch(self)
        Image = common.imported("PIL.Image")
        if Image is None:
            print("\nskipped: test_every_page_is_a_row needs PIL, not here", flush=True)
            return
        first, second = (Image.open(pictures / name).convert("L") for name in ("7-mnist.png", "2-marker.png"))
        first.save(folder / "scan.tif", save_all=True, append_images=[second])
        table = scrawl.pandas.read(pandas.DataFrame({"file": [folder / "scan.tif"]}))
        self.assertEqual((list(table.page), list(table.text)), ([1, 2], ["7", "2"]))
        table = scrawl.pandas.read(pandas.DataFrame({"file": [folder / "scan.tif"], "page": [2]}))
        self.assertEqual((list(table.page), list(table.text)), ([2], ["2"]))

    def test_what_cannot_be_read_is_a_row_with_its_error(self):
        folder = scratch(self)
        (folder / "text.png").write_text("no picture")
        os.mkfifo(folder / "pipe.png")
        rows = [
            (folder / "none.png", None, "none.png: "), (folder / "text.png", None, "text.png: "), (folder / "pipe.png", None, "no regular file"),
            (folder, None, "a folder"), (seven, "1,2,3", "region: found '1,2,3'"), (seven, "0,0,9999,1", "28 x 28 pixels"),
            (seven, "-1,0,2,2", "expected x and y of 0"), (None, None, "found none"), (7, None, "int"), ("a\0b", None, "NUL"),
        ]
        table = scrawl.pandas.read(pandas.DataFrame({"file": [row[0] for row in rows], "region": [row[1] for row in rows]}))
        for error, (_, _, part) in zip(table.error, rows):
            self.assertIn(part, error)
        self.assertTrue(table.text.isna().all() and table.digits.isna().all() and table.confidence.isna().all())

    def test_wrong_use_is_said_before_anything_is_read(self):
        for table, options, part in (({"name": []}, {}, "columns name; expected file"), ({"file": []}, {"layout": "circle"}, "circle"),
                                     ({"file": []}, {"page": 2}, "page")):
            with self.assertRaisesRegex(ValueError, part):
                scrawl.pandas.read(pandas.DataFrame(table), **options)

    def test_a_model_is_compiled_once(self):
        scrawl.pandas._compiled.cache_clear()
        for model in (scrawl.default_model(), scrawl.default_model().to_bytes()):
            scrawl.pandas.read(pandas.DataFrame({"file": [seven]}), model)
        self.assertEqual(scrawl.pandas._compiled.cache_info().misses, 1)


class Frames(unittest.TestCase):
    def texts(self, *arguments, **options):
        return sorted(scrawl.dask.read(*arguments, **options).compute().text)

    def test_takes_names_patterns_bags_and_frames(self):
        two = [seven, pictures / "2-marker.png"]
        pattern = str(pictures / "[27]-*.png")
        table = pandas.DataFrame({"file": two, "region": [(0, 0, 28, 28), None]})
        for given in (two, [str(name) for name in two], pattern, [pattern], table, dask.dataframe.from_pandas(table[["file"]].astype(str), npartitions=2),
                      dask.bag.from_sequence(two, npartitions=2)):
            self.assertEqual(self.texts(given), ["2", "7"], given)
        self.assertEqual(self.texts(seven), ["7"])
        frame = scrawl.dask.read(two, per_part=1)
        self.assertEqual((frame.npartitions, list(frame.columns)), (2, COLUMNS))

    def test_takes_a_model_and_options(self):
        folder = scratch(self)
        scrawl.default_model().save(folder / "model.safetensors")
        for model in (folder / "model.safetensors", scrawl.default_model()):
            self.assertEqual(self.texts(seven, model, min_confidence=1), ["?"])

    def test_wrong_use_is_said_at_once(self):
        for exception, part, arguments, options in (
            (FileNotFoundError, "no file matches", ["/nowhere/*.png"], {}), (ValueError, "found none", [[]], {}),
            (ValueError, "expected file", [pandas.DataFrame({"path": ["7.png"]})], {}), (ValueError, "circle", [seven], {"layout": "circle"}),
            (ValueError, "per_part", [seven], {"per_part": 0}), (FileNotFoundError, "none.safetensors", [seven, "none.safetensors"], {}),
        ):
            with self.assertRaisesRegex(exception, part):
                scrawl.dask.read(*arguments, **options)


class Parts(unittest.TestCase):
    two = [str(seven), "none.png", str(page)]

    def test_json_lines_are_those_of_scrawl_read(self):
        folder = scratch(self)
        files = scrawl.dask.write(scrawl.dask.read(self.two, per_part=2), folder / "new/out")
        self.assertEqual([pathlib.Path(file).name for file in files], ["part-000000.jsonl", "part-000001.jsonl"])
        lines = [json.loads(line) for file in files for line in pathlib.Path(file).read_text().splitlines()]
        program = pathlib.Path(scrawl.__file__).parents[2] / "scrawl"
        out = subprocess.run([program, "read", "--json", "--model", "builtin", *self.two], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True).stdout
        for line, expected in zip(lines, map(json.loads, out.splitlines()), strict=True):
            self.assertEqual((line.pop("page"), line.pop("region")), (1, "full"))
            self.assertEqual(line, expected)

    def test_csv(self):
        folder = scratch(self)
        (file,) = scrawl.dask.write(scrawl.dask.read(self.two), folder / "out", format="csv")
        with open(file, newline="", encoding="utf-8") as opened:
            rows = list(csv.DictReader(opened))
        self.assertEqual([row["text"] for row in rows], ["7", "", page_text])
        self.assertIn("none.png", rows[1]["error"])

    def test_parquet(self):
        folder = scratch(self)
        readings = scrawl.dask.read(self.two)
        if common.imported("pyarrow") or common.imported("fastparquet"):
            (file,) = scrawl.dask.write(readings, folder / "out", format="parquet")
            self.assertEqual(list(pandas.read_parquet(file).text)[0], "7")
        else:
            with self.assertRaisesRegex(ImportError, "pyarrow.*'jsonl' and 'csv'"):
                scrawl.dask.write(readings, folder / "out", format="parquet")

    def test_goes_on_with_what_is_missing_alone(self):
        folder = scratch(self)

        def write():
            return [pathlib.Path(file) for file in scrawl.dask.write(scrawl.dask.read(self.two, per_part=1), folder)]

        files = write()
        content = [file.read_bytes() for file in files]
        (folder / ".part-000001.jsonl.left").write_text("half a l")
        files[1].unlink()
        files[0].write_text("as it was\n")
        write()
        self.assertEqual([file.read_bytes() for file in files], [b"as it was\n", *content[1:]])
        self.assertFalse(list(folder.glob(".part*")))

    def test_does_not_mix_jobs(self):
        folder = scratch(self)
        scrawl.dask.write(scrawl.dask.read(self.two), folder)
        for other in (scrawl.dask.read(self.two[:2]), scrawl.dask.read(self.two, per_part=1), scrawl.dask.read(self.two, layout="line"),
                      scrawl.dask.read(self.two, scrawl.default_model())):
            with self.assertRaisesRegex(scrawl.Error, "parts of another job"):
                scrawl.dask.write(other, folder)
        with self.assertRaisesRegex(scrawl.Error, "parts of another job"):
            scrawl.dask.write(scrawl.dask.read(self.two), folder, format="csv")
        (folder / "job.json").unlink()
        with self.assertRaisesRegex(scrawl.Error, "no job.json"):
            scrawl.dask.write(scrawl.dask.read(self.two), folder)
        with self.assertRaisesRegex(ValueError, "expected jsonl, csv, parquet"):
            scrawl.dask.write(scrawl.dask.read(self.two), folder, format="xml")

    def test_the_same_call_is_the_same_job_in_another_process(self):
        folder = scratch(self)
        program = "import sys, scrawl.dask as s; s.write(s.read(sys.argv[2:], min_confidence=0.5), sys.argv[1])"
        for _ in range(2):
            subprocess.run([sys.executable, "-c", program, folder, *self.two], check=True)
        scrawl.dask.write(scrawl.dask.read(self.two, min_confidence=0.5), folder)


class Clusters(unittest.TestCase):
    def test_a_worker_compiles_once_and_what_it_lacks_is_said(self):
        folder = scratch(self)
        with distributed.LocalCluster(n_workers=1, threads_per_worker=2, dashboard_address=None) as cluster, distributed.Client(cluster) as client:
            with dask.config.set(scheduler=client):
                readings = scrawl.dask.read([seven] * 20, scrawl.default_model(), per_part=2)
                self.assertEqual(list(readings.compute().text), ["7"] * 20)
                misses = client.run(lambda: scrawl.pandas._compiled.cache_info().misses)
                self.assertEqual(list(misses.values()), [1])
                client.run(setattr, scrawl, "__version__", "0.0.9")
                with self.assertRaisesRegex(scrawl.Error, "found scrawl 0.0.9, expected "):
                    scrawl.dask.write(readings, folder / "other version")

    def test_a_worker_without_scrawl(self):
        folder = scratch(self)
        # Where only Dask is: as on a host on which scrawl was not installed.
        environment = {**os.environ, "PYTHONPATH": os.pathsep.join(part for part in sys.path if part and not (pathlib.Path(part) / "scrawl").exists())}
        with distributed.LocalCluster(n_workers=0, dashboard_address=None) as cluster, distributed.Client(cluster) as client:
            worker = subprocess.Popen([sys.executable, "-m", "distributed.cli.dask_worker", cluster.scheduler_address, "--nthreads", "1", "--no-nanny",
                                       "--no-dashboard", "--local-directory", folder],
                                      env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, cwd=folder)
            try:
                client.wait_for_workers(1, timeout=60)
                with dask.config.set(scheduler=client), self.assertRaisesRegex(scrawl.Error, "a worker has no module scrawl"):
                    scrawl.dask.write(scrawl.dask.read(seven), folder / "out")
            finally:
                worker.kill()
                worker.wait()

    def test_without_dask(self):
        folder = scratch(self)
        (folder / "dask.py").write_text("raise ImportError(\"No module named 'dask'\")\n")
        environment = {**os.environ, "PYTHONPATH": os.pathsep.join([str(folder), *filter(None, sys.path[1:])])}
        result = subprocess.run([sys.executable, "-c", "import scrawl.dask"], env=environment, capture_output=True, text=True)
        self.assertIn("it needs Dask with its data frames", result.stderr)
        self.assertIn("python3-dask", result.stderr)


if __name__ == "__main__":
    common.main()
