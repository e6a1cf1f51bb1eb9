#!/usr/bin/env bash
# One build of the library, used from C++ of other compilers, standard libraries and modes than its own; and the static
# library, which says when it does not fit.
# usage: tests/compilers.sh BUILD
set -euo pipefail
build=$(realpath "$1")
source=$(realpath "$(dirname "$0")/..")
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT

fail() { echo "FAILED: $*" >&2; exit 1; }
includes=(-I "$source/include" -I "$build/include")
strict=(-Wall -Wextra -Wpedantic -Wshadow -Wconversion -Wno-sign-conversion -Werror)
tried=0

# reads NAME COMPILER...: the program that it builds passes.
reads() {
  local name=$1
  shift
  command -v "$1" >/dev/null || { echo "-- $name: not installed"; return; }
  if ! echo '#include <version>' | "$@" -std=c++20 -x c++ -fsyntax-only - 2>/dev/null; then
    echo "-- $name: its standard library is not installed"
    return
  fi
  echo "== $name"
  "$@" -std=c++20 "${strict[@]}" "${includes[@]}" -DSCRAWL_SOURCE="\"$source\"" "$source/tests/cpp_interface_test.cpp" \
    -L "$build/src" -Wl,-rpath,"$build/src" -lscrawl_decoding -lscrawl -pthread -o "$scratch/test" || fail "$name does not compile"
  "$scratch/test" || fail "$name"
  tried=$((tried + 1))
}

reads "gcc" g++
reads "gcc, debug mode" g++ -D_GLIBCXX_DEBUG -O1
reads "gcc, the ABI before C++11" g++ -D_GLIBCXX_USE_CXX11_ABI=0
reads "clang" clang++
reads "clang, libc++" clang++ -stdlib=libc++
[ "$tried" -ge 3 ] || fail "of the compilers, $tried are installed"

# refuses WORDS COMPILER...: a header of the static library does not compile, and says why.
refuses() {
  local words=$1
  shift
  if "$@" -std=c++20 "${includes[@]}" -x c++ -fsyntax-only "$source/include/scrawl/training.hpp" 2>"$scratch/errors"; then
    fail "$* takes training.hpp"
  fi
  grep -q "$words" "$scratch/errors" || fail "$*: $(head -5 "$scratch/errors")"
}

echo "== the static library says when it does not fit"
refuses "_GLIBCXX_DEBUG, or without it" g++ -D_GLIBCXX_DEBUG
refuses "C++11 ABI" g++ -D_GLIBCXX_USE_CXX11_ABI=0

# views HEADER FLAG...: the header for another library's pictures compiles, where that library is installed.
views() {
  local header=$1
  shift
  [ $# -gt 0 ] || { echo "-- what $header needs is not installed"; return; }
  echo "== $header"
  echo "#include <scrawl/$header>" >"$scratch/view.cpp"
  g++ -std=c++20 "${strict[@]}" -fPIC "${includes[@]}" "${@/#-I/-isystem}" -fsyntax-only "$scratch/view.cpp" || fail "$header"
}
opencv=()
[ ! -d /usr/include/opencv4/opencv2 ] || opencv=(-I/usr/include/opencv4)
views opencv.hpp "${opencv[@]}"
read -ra qt < <(pkg-config --cflags Qt5Gui 2>/dev/null || echo)
views qt.hpp "${qt[@]}"
echo "all well"
