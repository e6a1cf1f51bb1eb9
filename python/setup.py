"""Lets CMake build the module, and puts the library's sources into the sdist."""

import os
import pathlib
import re
import shutil
import subprocess
import sys
import sysconfig

from setuptools import Extension, setup
from setuptools.command.build_ext import build_ext
from setuptools.command.sdist import sdist

here = pathlib.Path(__file__).parent.resolve()
library = here / "library"  # in an sdist; in a checkout, what is around this folder
if not library.exists():
    library = here.parent

# What of a checkout the library is built of.
SOURCES = ["CMakeLists.txt", "LICENSE", "cmake", "include", "models", "src", "web"]


class CMakeBuild(build_ext):
    """SCRAWL_BUILD names a build of scrawl whose module is taken, which spares some minutes."""

    def build_extension(self, extension):
        target = pathlib.Path(self.get_ext_fullpath(extension.name)).resolve()
        module = "_scrawl" + sysconfig.get_config_var("EXT_SUFFIX")
        if os.environ.get("SCRAWL_BUILD"):
            built = pathlib.Path(os.environ["SCRAWL_BUILD"]) / "python/scrawl" / module
            if not built.exists():
                sys.exit(f"SCRAWL_BUILD: no {built}; build it with: cmake --build --preset release --target scrawl_python")
        else:
            built = self.build_by_cmake() / "scrawl" / module
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(built, target)

    def build_by_cmake(self):
        build = pathlib.Path(self.build_temp).resolve()
        build.mkdir(parents=True, exist_ok=True)
        options = ["-DCMAKE_BUILD_TYPE=Release", f"-DPython_EXECUTABLE={sys.executable}"]
        try:
            import pybind11  # pip's own says where its CMake files are; Debian's are where CMake looks

            options.append(f"-Dpybind11_DIR={pybind11.get_cmake_dir()}")
        except ImportError:
            pass
        parallel = [] if "CMAKE_BUILD_PARALLEL_LEVEL" in os.environ else ["--parallel", str(os.cpu_count() or 1)]
        subprocess.check_call(["cmake", "-S", here, "-B", build, *options])
        subprocess.check_call(["cmake", "--build", build, "--target", "scrawl_python", *parallel])
        return build


class WithLibrary(sdist):
    def make_release_tree(self, base_dir, files):
        super().make_release_tree(base_dir, files)
        for name in SOURCES:
            source, target = library / name, pathlib.Path(base_dir) / "library" / name
            target.parent.mkdir(exist_ok=True)
            if source.is_dir():
                shutil.copytree(source, target, ignore=shutil.ignore_patterns("__pycache__"))
            else:
                shutil.copy(source, target)


setup(
    version=re.findall(r"project\(scrawl VERSION ([\d.]+)", (library / "CMakeLists.txt").read_text())[0],
    ext_modules=[Extension("scrawl._scrawl", sources=[])],
    cmdclass={"build_ext": CMakeBuild, "sdist": WithLibrary},
)
