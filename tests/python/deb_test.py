"""Debian's package python3-scrawl: made by cpack, and used from a scratch folder."""

import os
import pathlib
import shutil
import subprocess
import sys
import tempfile
import unittest

import common
from common import seven

import scrawl

for tool in ("dpkg-deb", "dpkg-shlibdeps", "cpack"):
    if not shutil.which(tool):
        print(f"skipped: no {tool} here")
        sys.exit(77)

built = pathlib.Path(scrawl.__file__).resolve().parents[1]


def output(*command, **options):
    return subprocess.run([*map(str, command)], check=True, stdout=subprocess.PIPE, text=True, **options).stdout


class DebianPackage(unittest.TestCase):
    def test_is_made_and_works(self):
        with tempfile.TemporaryDirectory() as name:
            folder = pathlib.Path(name)
            output("cpack", "--config", built / "CPackConfig.cmake", "-B", folder, cwd=folder)
            (package,) = folder.glob("python3-scrawl_*.deb")
            depends = output("dpkg-deb", "--field", package, "Depends")
            for wanted in ("python3 (>= ", "python3-numpy", "libdnnl"):
                self.assertIn(wanted, depends)
            self.assertNotIn("libscrawl", depends)
            if shutil.which("lintian"):
                output("lintian", "--allow-root", "--fail-on", "error,warning", "--suppress-tags",
                       "initial-upload-closes-no-bugs,bogus-mail-host", package)
            output("dpkg-deb", "-x", package, folder / "root")
            program = "import scrawl, sys; print(scrawl.__file__); print(scrawl.Recognizer().read(sys.argv[1]))"
            environment = {**os.environ, "PYTHONPATH": str(folder / "root/usr/lib/python3/dist-packages")}
            place, reading = output(sys.executable, "-c", program, seven, env=environment).splitlines()
            self.assertTrue(place.startswith(name))
            self.assertTrue(reading.startswith("7"), reading)


if __name__ == "__main__":
    common.main()
