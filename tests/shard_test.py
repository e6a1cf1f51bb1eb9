#!/usr/bin/env python3
"""scrawl read --shard and -o, and the examples that use them.

usage: tests/shard_test.py SCRAWL
"""
import json
import os
import pathlib
import shutil
import signal
import subprocess
import sys
import tempfile
import time
import unittest
import zlib

PROGRAM = pathlib.Path(sys.argv.pop()).resolve()
ROOT = pathlib.Path(__file__).resolve().parent.parent
SEVEN = ROOT / "examples/pictures/7-mnist.png"


def read(*arguments, **options):
    return subprocess.run([PROGRAM, "read", *map(str, arguments)], capture_output=True, text=True, **options)


def files_of(output):
    return [json.loads(line)["file"] for line in output.splitlines()]


class InFolder(unittest.TestCase):
    def setUp(self):
        temporary = tempfile.TemporaryDirectory()
        self.addCleanup(temporary.cleanup)
        self.folder = pathlib.Path(temporary.name)

    def pictures(self, count):
        """Names as they are told in self.folder, of a folder of links."""
        (self.folder / "scans").mkdir()
        names = [f"scans/{i}.png" for i in range(count)]
        for name in names:
            os.symlink(SEVEN, self.folder / name)
        return names


class Shards(InFolder):
    def test_each_picture_is_in_one_shard_wherever_it_is_named(self):
        names = self.pictures(40)
        (self.folder / "list").write_text("\n".join(names))
        for inputs in (["--list", "list"], ["scans"], ["scans/*.png"], names):
            found = []
            for shard in range(1, 4):
                result = read("--json", "--one", "--shard", f"{shard}/3", *inputs, cwd=self.folder)
                self.assertEqual(result.returncode, 0, result.stderr)
                files = files_of(result.stdout)
                self.assertTrue(all(zlib.crc32(name.encode()) % 3 == shard - 1 for name in files), files)
                found += files
            self.assertEqual(sorted(found), sorted(names))

    def test_what_cannot_be_read_is_in_one_shard_too(self):
        (self.folder / "list").write_text("none-1.png\nnone-2.png\n")
        outputs = [read("--json", "--shard", f"{shard}/4", "nothing*", "--list", "list", cwd=self.folder).stdout for shard in range(1, 5)]
        self.assertEqual(sorted(files_of("".join(outputs))), ["none-1.png", "none-2.png", "nothing*"])

    def test_a_shard_without_pictures_is_no_failure(self):
        shard = zlib.crc32(b"scans/0.png") % 2
        self.pictures(1)
        self.assertEqual(read("--shard", f"{2 - shard}/2", "scans", cwd=self.folder).returncode, 0)
        self.assertEqual(read("--shard", f"{shard + 1}/2", "scans", cwd=self.folder).stdout, "scans/0.png: 7\n")

    def test_wrong_shards_are_refused(self):
        for wrong in ("3", "0/4", "5/4", "1/0", "1/1000001", "-1/2", "1/2/3", "a/b", ""):
            result = read("--shard", wrong, SEVEN)
            self.assertEqual(result.returncode, 2, wrong)
            self.assertIn("as in 3/16", result.stderr)
        self.assertEqual(read("--shard", "1/2", "-", stdin=subprocess.DEVNULL).returncode, 2)


class Output(InFolder):
    def test_is_there_with_all_in_it_whatever_could_not_be_read(self):
        result = read("--json", SEVEN, "none.png", "-o", "new/out.jsonl", cwd=self.folder)
        self.assertEqual((result.returncode, result.stdout), (1, ""))
        self.assertEqual(files_of((self.folder / "new/out.jsonl").read_text()), [str(SEVEN), "none.png"])
        self.assertEqual(os.listdir(self.folder / "new"), ["out.jsonl"])

    def test_is_not_there_before(self):
        os.mkfifo(self.folder / "list")
        for how in (signal.SIGTERM, signal.SIGKILL):
            process = subprocess.Popen([PROGRAM, "read", "--list", "list", "-o", "out"], cwd=self.folder, stderr=subprocess.DEVNULL)
            with open(self.folder / "list", "w") as names:
                names.write(f"{SEVEN}\n")
                names.flush()
                time.sleep(0.3)
                self.assertFalse((self.folder / "out").exists())
                process.send_signal(how)
                process.wait()
            self.assertFalse((self.folder / "out").exists())

    def test_what_was_there_stays_where_nothing_comes(self):
        (self.folder / "out").write_text("before")
        self.assertEqual(read("--list", "none", "-o", "out", cwd=self.folder).returncode, 1)
        self.assertEqual(read(SEVEN, "--model", "none.safetensors", "-o", "out", cwd=self.folder).returncode, 1)
        self.assertEqual((self.folder / "out").read_text(), "before")
        self.assertEqual(os.listdir(self.folder), ["out"])

    def test_has_to_be_writable(self):
        self.assertEqual(read(SEVEN, "-o", "/proc/out").returncode, 1)
        self.assertEqual(read(SEVEN, "-o", "-").returncode, 2)


class Examples(InFolder):
    def run_example(self, *command, **environment):
        path = f"{PROGRAM.parent}:{os.environ['PATH']}"
        return subprocess.run([*map(str, command)], cwd=self.folder, env={**os.environ, **environment, "PATH": path}, capture_output=True, text=True)

    def prepare(self):
        names = self.pictures(20)
        (self.folder / "scans/bad.png").write_text("no picture")
        names.append("scans/bad.png")
        (self.folder / "list").write_text("\n".join(names))
        return sorted(names)

    def found(self):
        return sorted(name for file in (self.folder / "out").glob("shard-*.jsonl") for name in files_of(file.read_text()))

    def test_slurm(self):
        names = self.prepare()
        for _ in range(2):
            for task in range(1, 4):
                result = self.run_example(ROOT / "examples/read_by_slurm.sh", "list", "out", SLURM_ARRAY_TASK_ID=str(task), SLURM_ARRAY_TASK_COUNT="3")
                self.assertEqual(result.returncode, 0, result.stderr)
            self.assertEqual(self.found(), names)
            changed = self.folder / "out/shard-2-of-3.jsonl"
            changed.unlink()
        (self.folder / "list").unlink()
        result = self.run_example(ROOT / "examples/read_by_slurm.sh", "list", "out", SLURM_ARRAY_TASK_ID="2", SLURM_ARRAY_TASK_COUNT="3")
        self.assertNotEqual(result.returncode, 0)  # and Slurm says so
        self.assertFalse(changed.exists())

    def test_parallel(self):
        if not shutil.which("parallel"):
            print("\nskipped: test_parallel needs GNU parallel, which is not installed", flush=True)
            return
        names = self.prepare()
        for _ in range(2):
            result = self.run_example(ROOT / "examples/read_by_parallel.sh", "list", "out", "4", "-j", "2")
            self.assertEqual(result.returncode, 0, result.stderr)
            self.assertEqual(self.found(), names)
            (self.folder / "out/shard-3-of-4.jsonl").unlink()
        (self.folder / "list").unlink()
        self.assertNotEqual(self.run_example(ROOT / "examples/read_by_parallel.sh", "list", "out", "4").returncode, 0)


if __name__ == "__main__":
    unittest.main(verbosity=2)
