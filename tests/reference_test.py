#!/usr/bin/env python3
"""Fails on a dead link in the documentation, and on what the public headers declare and do not describe.

usage: reference_test.py [FOLDER]     FOLDER: installed documents, of which only links are looked at
exit code 77: there is no doxygen here, so that only links were looked at

Links are those of README*.md, CHANGELOG.md, CONTRIBUTING.md and docs/*.md to files and headings of the project. What is
described is what doxygen says, by docs/Doxyfile: its other warnings of our files are failures too.
"""
import os
import re
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent


def text_of(path):
    """A document without its blocks of code, in which nothing is a link or a heading."""
    return re.sub(r"^```.*?^```$", "", path.read_text(encoding="utf-8"), flags=re.M | re.S)


def anchors(path):
    """The anchors that a page on the web gives to its headings."""
    found = set()  # of several alike, the second ends in -1
    for heading in re.findall(r"^#+ +(.*?) *$", text_of(path), re.M):
        heading = re.sub(r"\[([^]]*)\]\([^)]*\)", r"\1", heading)
        anchor = re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-")
        found.add(next(name for name in (anchor, *(f"{anchor}-{i}" for i in range(1, 100))) if name not in found))
    return found


def dead_links(root, path):
    without_code = re.sub(r"`[^`\n]*`", "", text_of(path))
    for link in re.findall(r"\]\(([^)\s]+)\)", without_code):
        if re.match(r"[a-z]+:", link):
            continue
        file, _, anchor = link.partition("#")
        target = (path.parent / file).resolve() if file else path
        if not target.exists() or not target.is_relative_to(root):
            yield f"{link}: there is no such file"
        elif anchor and (target.suffix != ".md" or anchor not in anchors(target)):
            yield f"{link}: there is no such heading"


def main():
    installed = len(sys.argv) > 1
    root = Path(sys.argv[1]).resolve() if installed else ROOT
    documents = sorted([*root.glob("*.md"), *root.glob("docs/*.md"), *root.glob("python/*.md")])
    problems = [f"{path.relative_to(root)}: {problem}" for path in documents for problem in dead_links(root, path)]
    doxygen = shutil.which("doxygen")
    if doxygen and not installed:
        with tempfile.TemporaryDirectory() as folder:
            environment = {**os.environ, "SCRAWL_REFERENCE": folder}
            result = subprocess.run([doxygen, "docs/Doxyfile"], cwd=ROOT, env=environment,
                                    stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
            said = result.stdout.splitlines()
            problems += [line.replace(f"{ROOT}/", "") for line in said if line.startswith(f"{ROOT}/")]
            if result.returncode != 0 or not list(Path(folder).glob("html/*Recognizer.html")):
                problems.append("doxygen makes no page of Recognizer")
    for problem in problems:
        print(f"FAILED {problem}")
    print(f"{len(documents)} documents, {len(problems)} failures")
    if problems or not documents:
        return 1
    if not doxygen and not installed:
        print("skipped: no doxygen here")
        return 77
    return 0


if __name__ == "__main__":
    sys.exit(main())
