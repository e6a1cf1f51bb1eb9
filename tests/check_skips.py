#!/usr/bin/env python3
"""Names the tests that were skipped, or ran in part, for want of something that should have been there.

usage: tests/check_skips.py RESULTS, as written by ctest --output-junit. Fails only where the environment has CI, as that of
continuous integration does: a green run has to mean that the tests ran.
"""
import os
import re
import sys
import xml.etree.ElementTree

# Reasons that count: what no installed package changes, what scripts/install-packages test leaves out for its size, and what
# Debian 12 has no package of; and the static program, which is a build of its own.
EXPECTED = re.compile(
    "this CPU has no"
    "|root may read everything"
    "|sanitizers take memory of their own"
    "|has no torch"
    "|make it with scripts/build-static"
    "|needs (onnxruntime|safetensors|torch|torchvision|, )+, not here")
# How a test that passes says that a part of it was skipped: the page's, docs_test, Python's unittest.
IN_PART = re.compile(r"^(skipped: .*|not run: .*, not here|OK \(skipped=.*)$", re.MULTILINE)


def unexpected(case):
    """Why this test did not run whole; an empty list where it did, or where the reason counts."""
    output = case.findtext("system-out") or ""
    if case.find("skipped") is not None or case.get("status") == "notrun":
        reasons = [line for line in output.splitlines() if line.strip()][-12:]
        return [] if EXPECTED.search(output) else reasons or ["no output"]
    return [line for line in IN_PART.findall(output) if not EXPECTED.search(line)]


def main():
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    cases = xml.etree.ElementTree.parse(sys.argv[1]).getroot().findall(".//testcase")
    if not cases:
        sys.exit(f"{sys.argv[1]}: no tests in it")
    found = {case.get("name"): reasons for case in cases if (reasons := unexpected(case))}
    for name, reasons in found.items():
        print(f"skipped: {name}\n    " + "\n    ".join(reasons))
    if found:
        print(f"{len(found)} of {len(cases)} tests were skipped, whole or in part, for want of something that scripts/test "
              "installs or fetches.")
    return 1 if found and os.environ.get("CI") else 0


if __name__ == "__main__":
    sys.exit(main())
