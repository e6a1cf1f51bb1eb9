"""Lets CMake build the module."""

import os
import pathlib
import re
import subprocess
import sys

from setuptools import Extension, setup
from setuptools.command.build_ext import build_ext

here = pathlib.Path(__file__).parent.resolve()


class CMakeBuild(build_ext):
    def build_extension(self, extension):
        target = pathlib.Path(self.get_ext_fullpath(extension.name)).resolve().parent
        build = pathlib.Path(self.build_temp).resolve()
        build.mkdir(parents=True, exist_ok=True)
        subprocess.check_call(
            ["cmake", "-S", here, "-B", build, "-DCMAKE_BUILD_TYPE=Release", f"-DPython_EXECUTABLE={sys.executable}"]
        )
        subprocess.check_call(
            ["cmake", "--build", build, "--target", "scrawl_python", "--parallel", str(os.cpu_count() or 1)]
        )
        self.copy_file(str(build / "scrawl" / target_name(extension)), str(target))


def target_name(extension):
    import sysconfig

    return extension.name.split(".")[-1] + sysconfig.get_config_var("EXT_SUFFIX")


setup(
    version=re.findall(r"project\(scrawl VERSION ([\d.]+)", (here.parent / "CMakeLists.txt").read_text())[0],
    ext_modules=[Extension("scrawl._scrawl", sources=[])],
    cmdclass={"build_ext": CMakeBuild},
)
