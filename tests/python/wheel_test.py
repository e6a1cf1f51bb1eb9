"""The wheel of scripts/build-wheel: what it needs is inside, and it works where it is installed."""

import importlib.util
import os
import pathlib
import shutil
import subprocess
import sys
import tarfile
import tempfile
import unittest

import common
from common import seven, source

import scrawl

for module in ("venv", "ensurepip", "pip", "setuptools", "wheel"):
    if importlib.util.find_spec(module) is None:
        print(f"skipped: Debian's python3-{module} is not installed")
        sys.exit(77)
if not shutil.which("patchelf"):
    print("skipped: patchelf is not installed")
    sys.exit(77)


def output(*command, **options):
    return subprocess.run([*map(str, command)], check=True, stdout=subprocess.PIPE, text=True, **options).stdout


class Wheel(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        scratch = tempfile.TemporaryDirectory()
        cls.addClassCleanup(scratch.cleanup)
        cls.folder = pathlib.Path(scratch.name)
        # The module that is built here is taken, or it would take minutes.
        build = pathlib.Path(scrawl.__file__).resolve().parents[2]
        output(source / "scripts/build-wheel", cls.folder, env={**os.environ, "SCRAWL_BUILD": str(build)})

    def test_brings_its_libraries_and_works(self):
        (wheel,) = self.folder.glob("scrawl-*-manylinux_*.whl")
        environment = {"PATH": "/usr/bin:/bin", "HOME": str(self.folder)}
        output(sys.executable, "-m", "venv", "--system-site-packages", self.folder / "venv", env=environment)
        python = self.folder / "venv/bin/python"
        output(python, "-m", "pip", "install", "--quiet", "--no-index", "--disable-pip-version-check", wheel, env=environment)
        program = "import scrawl, sys; print(scrawl._scrawl.__file__); print(scrawl.Recognizer().read(sys.argv[1]))"
        module, reading = output(python, "-c", program, seven, env=environment, cwd="/").splitlines()
        self.assertTrue(reading.startswith("7"), reading)
        libraries = [line.split()[2] for line in output("ldd", module).splitlines() if "=> /" in line]
        self.assertTrue(any("scrawl.libs/libdnnl-" in library for library in libraries))
        for library in libraries:
            self.assertRegex(library, r"scrawl\.libs/|/(lib(c|m|gcc_s|stdc\+\+|z|pthread|dl|rt|resolv)\.so\.)")

    def test_the_sdist_has_the_librarys_sources(self):
        (sdist,) = self.folder.glob("scrawl-*.tar.gz")
        with tarfile.open(sdist) as archive:
            names = {name.partition("/")[2] for name in archive.getnames()}
        for wanted in ("setup.py", "module.cpp", "exports.map", "scrawl/__init__.py", "scrawl/_scrawl.pyi", "scrawl/py.typed",
                       "library/CMakeLists.txt", "library/src/CMakeLists.txt", "library/models/default.safetensors"):
            self.assertIn(wanted, names)


if __name__ == "__main__":
    common.main()
