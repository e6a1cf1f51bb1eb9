"""The package: its version, its texts, its types."""

import inspect
import os
import pathlib
import subprocess
import sys
import tempfile
import unittest

import common
from common import source

import scrawl

installed = pathlib.Path(scrawl.__file__).parent


class Package(unittest.TestCase):
    def test_has_the_projects_version(self):
        self.assertIn(f"project(scrawl VERSION {scrawl.__version__} ", (source / "CMakeLists.txt").read_text())

    def test_is_documented_to_its_last_member(self):
        for name in set(scrawl.__all__) - {"__version__"}:
            thing = getattr(scrawl, name)
            self.assertTrue(thing.__doc__, name)
            if inspect.isclass(thing):
                self.assertEqual(thing.__module__, "scrawl")
                for member, value in vars(thing).items():
                    if not member.startswith("_"):
                        self.assertTrue(inspect.getdoc(value), f"{name}.{member}")

    def test_help_says_shapes_and_units(self):
        for thing, parts in (
            (scrawl.Recognizer.read, ("(height, width", "uint8", "0 to 1")),
            (scrawl.Recognizer.classify, ("(n, 28, 28)", "(n, 784)", "(n, 10)", "float32")),
            (scrawl.explain, ("(height, width, 3)", "RGB")),
            (scrawl.train, ("(n, 28, 28)", "KeyboardInterrupt")),
            (scrawl.Evaluation.confusion, ("(10, 10)",)),
        ):
            text = " ".join(inspect.getdoc(thing).split())
            for part in parts:
                self.assertIn(part, text)

    def test_the_stub_has_what_the_module_has(self):
        stub = (installed / "_scrawl.pyi").read_text()
        module = scrawl._scrawl
        for name, thing in vars(module).items():
            if name.startswith("__"):
                continue
            kind = "class" if inspect.isclass(thing) else "def"
            self.assertRegex(stub, rf"(?m)^{kind} {name}\b")
            if kind == "class":
                body = stub.partition(f"class {name}")[2].partition("\nclass ")[0]
                for member in vars(thing):
                    if not member.startswith("_"):
                        self.assertIn(f"def {member}(", body, name)

    def test_shows_nothing_but_its_entry_and_links_no_libscrawl(self):
        file = scrawl._scrawl.__file__
        shown = subprocess.run(["nm", "-D", "--defined-only", file], capture_output=True, text=True, check=True).stdout
        self.assertEqual([line.split()[-1] for line in shown.splitlines()], ["PyInit__scrawl"])
        linked = subprocess.run(["readelf", "-d", file], capture_output=True, text=True, check=True).stdout
        self.assertNotIn("libscrawl", linked)

    @common.needs("mypy")
    def test_types(self):
        with tempfile.TemporaryDirectory() as cache:
            files = [source / "tests/python/typed.py", *sorted(installed.glob("*.py")), installed / "_scrawl.pyi"]
            result = subprocess.run(
                [sys.executable, "-m", "mypy", "--strict", "--ignore-missing-imports", "--cache-dir", cache, *files],
                capture_output=True, text=True, env={**os.environ, "MYPYPATH": str(installed.parent)})
        self.assertEqual(result.returncode, 0, result.stdout + result.stderr)

    @common.needs("mypy")
    def test_wrong_types_are_seen(self):
        with tempfile.TemporaryDirectory() as folder:
            wrong = pathlib.Path(folder) / "wrong.py"
            wrong.write_text('import scrawl\n\nscrawl.Recognizer().read("7.png", layout="circle")\n'
                             "scrawl.evaluate(7, [], []).images + scrawl.__version__\n")
            result = subprocess.run([sys.executable, "-m", "mypy", "--strict", "--cache-dir", folder, wrong],
                                    capture_output=True, text=True, env={**os.environ, "MYPYPATH": str(installed.parent)})
        for line in (3, 4):
            self.assertIn(f"wrong.py:{line}: error", result.stdout)


if __name__ == "__main__":
    common.main()
