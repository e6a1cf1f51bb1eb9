"""A recipe for Conan 2, which packages the checkout that it is part of: conan create packaging/conan --build missing"""
import re
from pathlib import Path

from conan import ConanFile
from conan.tools.build import check_min_cppstd
from conan.tools.cmake import CMake, CMakeDeps, CMakeToolchain, cmake_layout
from conan.tools.files import copy, load
from conan.tools.gnu import PkgConfigDeps

required_conan_version = ">=2.0"


class ScrawlConan(ConanFile):
    name = "scrawl"
    description = "Reads handwritten digits in pictures, and trains networks that do"
    license = "MIT"
    topics = ("ocr", "mnist", "handwriting", "digits")
    package_type = "shared-library"
    settings = "os", "arch", "compiler", "build_type"
    options = {"fetch": [True, False], "heif": [True, False], "onednn": [True, False], "program": [True, False]}
    default_options = {"fetch": False, "heif": True, "onednn": True, "program": False}

    @property
    def _checkout(self):
        return Path(self.recipe_folder).parent.parent

    def set_version(self):
        self.version = re.search(r"project\(scrawl VERSION ([\d.]+)", load(self, self._checkout / "CMakeLists.txt"))[1]

    def export_sources(self):
        files = "CMakeLists.txt LICENSE *.md cmake/* docs/* examples/* include/* models/* src/* web/*"
        for pattern in files.split():
            copy(self, pattern, src=self._checkout, dst=self.export_sources_folder)

    def configure(self):
        if self.options.program:
            self.options.fetch = True

    def requirements(self):
        self.requires("fmt/[>=9 <13]")
        self.requires("leptonica/[>=1.82 <2]")
        self.requires("libexif/[>=0.6.23 <1]")
        self.requires("libjpeg-turbo/[>=2.1 <4]")
        self.requires("libpng/[>=1.6 <2]")
        self.requires("nlohmann_json/[>=3.11 <4]")
        self.requires("openssl/[>=3 <4]")
        self.requires("zlib/[>=1.2.13 <2]")
        if self.options.fetch:
            self.requires("libcurl/[>=7.78 <9]")
        if self.options.heif:
            self.requires("libheif/[>=1.13 <2]")
        if self.options.onednn:
            self.requires("onednn/[>=2.6 <4]")
        if self.options.program:
            self.requires("boost/[>=1.74]", headers=True, libs=False)
            self.requires("cli11/[>=2.1 <3]")

    def build_requirements(self):
        self.tool_requires("pkgconf/[>=2 <3]")

    def validate(self):
        check_min_cppstd(self, 20)

    def layout(self):
        cmake_layout(self)

    def generate(self):
        toolchain = CMakeToolchain(self)
        for name in ("fetch", "heif", "onednn", "program"):
            toolchain.cache_variables[f"SCRAWL_{name.upper()}"] = bool(self.options.get_safe(name))
        for name in ("TESTS", "BENCH", "PYTHON", "HDF5"):
            toolchain.cache_variables[f"SCRAWL_{name}"] = "OFF"
        toolchain.generate()
        CMakeDeps(self).generate()
        PkgConfigDeps(self).generate()

    def build(self):
        cmake = CMake(self)
        cmake.configure()
        cmake.build()

    def package(self):
        CMake(self).install()
        copy(self, "LICENSE", src=self.source_folder, dst=Path(self.package_folder) / "licenses")

    def package_info(self):
        # Consumers take our own scrawl-config.cmake, which has all targets; this is for other build systems.
        self.cpp_info.set_property("cmake_find_mode", "none")
        self.cpp_info.builddirs = ["lib/cmake/scrawl"]
        self.cpp_info.libs = ["scrawl_decoding", "scrawl"]
