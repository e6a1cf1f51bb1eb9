#!/usr/bin/env python3
"""The packages for vcpkg and Conan name what CMake asks for, and nothing else. The tools themselves are not needed.

usage: packaging_test.py
"""
import json
import py_compile
import re
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent

# What find_package() or pkg_check_modules() asks for, and the packages that have it: vcpkg's, Conan's.
PACKAGES = {
    "benchmark": ("benchmark", None),
    "Boost": ("boost-asio boost-beast", "boost"),
    "CLI11": ("cli11", "cli11"),
    "cpp-httplib": ("cpp-httplib", None),
    "CURL": ("curl", "libcurl"),
    "fmt": ("fmt", "fmt"),
    "freetype2": ("freetype", None),
    "GTest": ("gtest", None),
    "hdf5": ("hdf5", None),
    "lept": ("leptonica", "leptonica"),
    "libexif": ("libexif", "libexif"),
    "libheif": ("libheif", "libheif"),
    "libjpeg": ("libjpeg-turbo", "libjpeg-turbo"),
    "libpng": ("libpng", "libpng"),
    "nlohmann_json": ("nlohmann-json", "nlohmann_json"),
    "OneDNN": ("onednn", "onednn"),
    "OpenSSL": ("openssl", "openssl"),
    "PkgConfig": ("pkgconf", "pkgconf"),
    "pybind11": ("pybind11", None),
    "ZLIB": ("zlib", "zlib"),
}
OF_THE_SYSTEM = {"Threads", "Python", "MPI"}
NOT_IN_THE_PORT = set("benchmark cpp-httplib freetype gtest hdf5 pybind11".split())
OF_VCPKG = {"vcpkg-cmake", "vcpkg-cmake-config"}

failures = []


def check(condition, what):
    if not condition:
        failures.append(what)
        print(f"FAILED {what}")


def same(found, wanted, what):
    missing, more = sorted(set(wanted) - set(found)), sorted(set(found) - set(wanted))
    check(not missing and not more, f"{what}: without {missing}, too many: {more}")


def asked_for():
    """What CMake looks for."""
    files = ("CMakeLists.txt", "cmake/extras.cmake", "python/CMakeLists.txt")
    text = "\n".join((ROOT / name).read_text() for name in files)
    modules = re.findall(r"pkg_check_modules\(\w+ ((?:[A-Z_]+ )*)([\w-]+)", text)
    return set(re.findall(r"find_package\((\w+)", text)) | {name for _, name in modules}


def dependencies(manifest):
    """The names in a manifest of vcpkg's and in its features, which have to be in order, for people."""
    lists = [manifest["dependencies"], *(feature.get("dependencies", []) for feature in manifest["features"].values())]
    found = []
    for one in lists:
        names = [entry if isinstance(entry, str) else entry["name"] for entry in one]
        check(names == sorted(names), f"vcpkg: not in order: {names}")
        found += names
    check(set(manifest["default-features"]) <= set(manifest["features"]), "vcpkg: a default feature that is none")
    return found


def check_portfile(path):
    """CMake understands it: it runs, with vcpkg's functions doing nothing."""
    functions = set(re.findall(r"^ *(vcpkg_\w+)\(", path.read_text(), re.M))
    with tempfile.TemporaryDirectory() as folder:
        script = Path(folder) / "try.cmake"
        stubs = "".join(f"function({name})\nendfunction()\n" for name in sorted(functions))
        script.write_text(f'''cmake_minimum_required(VERSION 3.22)
{stubs}set(FEATURES program)
set(CURRENT_PACKAGES_DIR "{folder}")
include("{path}")
if(NOT EXISTS "${{SOURCE_PATH}}/CMakeLists.txt")
  message(FATAL_ERROR "SOURCE_PATH: ${{SOURCE_PATH}}")
endif()
''')
        result = subprocess.run(["cmake", "-P", script], capture_output=True, text=True)
        check(result.returncode == 0, f"{path.name}: {result.stderr}")


def main():
    packages = {name: pair for name, pair in PACKAGES.items() if name in asked_for()}
    same(asked_for() - OF_THE_SYSTEM, PACKAGES, "CMake asks for")
    of_vcpkg = {name for names, _ in packages.values() for name in names.split()}
    options = set(re.findall(r"(?:option|set)\((SCRAWL_\w+)", (ROOT / "CMakeLists.txt").read_text()))
    version = re.search(r"project\(scrawl VERSION ([\d.]+)", (ROOT / "CMakeLists.txt").read_text())[1]

    same(dependencies(json.loads((ROOT / "vcpkg.json").read_text())), of_vcpkg, "vcpkg.json")
    port = ROOT / "packaging/vcpkg/scrawl"
    manifest = json.loads((port / "vcpkg.json").read_text())
    same(set(dependencies(manifest)) - OF_VCPKG - {"scrawl"}, of_vcpkg - NOT_IN_THE_PORT, "the port's vcpkg.json")
    check(manifest["version"] == version, f"the port's version: {manifest['version']}, expected {version}")
    portfile = (port / "portfile.cmake").read_text()
    same(set(re.findall(r"SCRAWL_\w+", portfile)) - options, [], "the port's options that CMake does not have")
    same(re.findall(r"^    (\w+) SCRAWL_", portfile, re.M), manifest["features"], "the port's features")
    check_portfile(port / "portfile.cmake")

    recipe = ROOT / "packaging/conan/conanfile.py"
    with tempfile.TemporaryDirectory() as folder:
        py_compile.compile(str(recipe), cfile=f"{folder}/conanfile.pyc", doraise=True)
    text = recipe.read_text()
    same(re.findall(r'requires\("([\w-]+)/', text), {name for _, name in packages.values() if name}, "conanfile.py")
    recipe_options = re.findall(r'"(\w+)": \[True, False\]', text)
    unknown = {f"SCRAWL_{name.upper()}" for name in recipe_options} - options
    same(unknown, [], "the recipe's options that CMake does not have")
    for pattern in re.search(r'files = "(.*)"', text)[1].split():
        check(list(ROOT.glob(pattern)), f"conanfile.py: nothing matches {pattern}")

    print(f"{len(packages)} dependencies, {len(failures)} failures")
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main())
