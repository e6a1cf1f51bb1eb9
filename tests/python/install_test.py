"""Installing by pip as docs/PYTHON.md says: its very lines, in a scratch folder, without network."""

import importlib.util
import os
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile
import unittest

import common
from common import seven, source

import scrawl

for module in ("venv", "ensurepip", "pip", "setuptools", "wheel"):
    if importlib.util.find_spec(module) is None:
        print(f"skipped: Debian's python3-{module} is not installed")
        sys.exit(77)


def documented_lines():
    """The block of shell that makes an environment."""
    text = (source / "docs/PYTHON.md").read_text()
    (block,) = [block for block in re.findall(r"```sh\n(.*?)```", text, re.DOTALL) if "-m venv" in block]
    return block


class Install(unittest.TestCase):
    def test_as_documented(self):
        build = pathlib.Path(scrawl.__file__).resolve().parents[2]  # its module is taken, or it would take minutes
        with tempfile.TemporaryDirectory() as name:
            folder = pathlib.Path(name)
            shutil.copytree(source / "python", folder / "python")
            (folder / "CMakeLists.txt").write_text((source / "CMakeLists.txt").read_text())
            environment = {"PATH": "/usr/bin:/bin", "HOME": name, "SCRAWL_BUILD": str(build), "LANG": "C.UTF-8",
                           "PIP_DISABLE_PIP_VERSION_CHECK": "1"}
            for key in ("http_proxy", "https_proxy"):  # whoever asks the network all the same, gets no answer
                environment[key] = "http://127.0.0.1:9"
            program = 'import scrawl, sys; print(scrawl.__file__); print(scrawl.Recognizer().read(sys.argv[1]))'
            script = f"set -e\n{documented_lines()}\ncd /\npython3 -c '{program}' {seven}"
            result = subprocess.run(["bash", "-c", script], cwd=folder, env=environment, stdout=subprocess.PIPE,
                                    stderr=subprocess.STDOUT, text=True)
            self.assertEqual(result.returncode, 0, result.stdout)
            place, reading = result.stdout.splitlines()[-2:]
            self.assertTrue(place.startswith(os.path.realpath(name)), place)
            self.assertTrue(reading.startswith("7"), reading)


if __name__ == "__main__":
    common.main()
