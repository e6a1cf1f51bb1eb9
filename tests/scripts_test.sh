#!/usr/bin/env bash
# README's two commands in one clone, scripts/demo and scripts/test, in either order: neither takes the other's tests away.
# Both run as they are up to what takes long: for cmake --build, ctest, formatting and packages there are stand-ins.
# usage: tests/scripts_test.sh
set -euo pipefail
source=$(cd "$(dirname "$0")/.." && pwd)
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT

fail() { echo "FAILED: $*" >&2; exit 1; }

stand_in() {  # stand_in FILE: a program, from standard input
  { echo '#!/usr/bin/env bash'; cat; } >"$1"
  chmod +x "$1"
}

mkdir "$scratch/bin"
real_cmake=$(command -v cmake)
real_ctest=$(command -v ctest)
# Configures build/release alone, and builds a program that does nothing.
stand_in "$scratch/bin/cmake" <<END
case "\$*" in
  "--build --preset release"*) printf '#!/bin/sh\n' >build/release/scrawl; chmod +x build/release/scrawl ;;
  "--preset release"*) exec "$real_cmake" "\$@" >configure.log ;;
esac
END
# Says how many tests there are, instead of running them; where there are none, ctest itself has to fail.
stand_in "$scratch/bin/ctest" <<END
case "\$*" in
  "--preset release"*) "$real_ctest" --preset release --show-only >tests.log && sed -n 's/^Total Tests: //p' tests.log ;;
esac
END

clone() {
  mkdir "$1"
  tar -C "$source" --exclude=./build --exclude=./.git -c . | tar -C "$1" -x
  for name in scripts/install-packages scripts/format scripts/lint scripts/install-node-packages tests/check_skips.py; do
    stand_in "$1/$name" </dev/null
  done
}

run() { (cd "$clone" && PATH=$scratch/bin:$PATH "scripts/$1" >"$1.log" 2>&1) || fail "$order, scripts/$1: $(tail -5 "$clone/$1.log")"; }

for order in "demo test" "test demo test"; do
  clone=$scratch/${order// /-}
  clone "$clone"
  for script in $order; do run "$script"; done
  tests=$(sed -n 's/^Total Tests: //p' "$clone/tests.log")
  [ "${tests:-0}" -gt 20 ] || fail "$order: $tests tests"
done

# README's own commands want no package of the tests; ctest does not pass where no tests were built, and who asks for tests
# is told what to install.
(
  cd "$clone"
  without=(-DCMAKE_DISABLE_FIND_PACKAGE_GTest=ON -DCMAKE_DISABLE_FIND_PACKAGE_benchmark=ON)
  "$real_cmake" --preset release -DSCRAWL_TESTS=AUTO "${without[@]}" >configure.log 2>&1 || fail "bare: $(tail configure.log)"
  ! "$real_ctest" --preset release >/dev/null 2>&1 || fail "no tests, and ctest is content"
  ! "$real_cmake" --preset release -DSCRAWL_TESTS=ON "${without[@]}" >configure.log 2>&1 || fail "it needs no GoogleTest"
  grep -q "scripts/install-packages test" configure.log || fail "$(cat configure.log)"
)

# A benchmark without the program that makes its load says what to install.
python=$(python3 -c 'import sys; print(sys.executable)')
! PATH=$scratch/nothing "$python" "$source/bench/serve" 2>"$scratch/serve.log" || fail "bench/serve needs no wrk"
if ! grep -q "install-packages bench" "$scratch/serve.log" || grep -q Traceback "$scratch/serve.log"; then fail "$(cat "$scratch/serve.log")"; fi

# A test that is skipped for want of MNIST is a failure on CI; one that this CPU cannot run is none.
results() { printf '<testsuite><testcase name="a" status="%s"><system-out>%s</system-out></testcase></testsuite>' "$1" "$2" >"$scratch/results.xml"; }
skips() { "$source/tests/check_skips.py" "$scratch/results.xml" >/dev/null; }
results notrun "no MNIST here"
! CI=1 skips || fail "a skipped test passes on CI"
CI='' skips || fail "a skipped test fails elsewhere"
results notrun "this CPU has no bf16"
CI=1 skips || fail "what the CPU lacks fails"
results run "skipped: the page with a picture: no file"
! CI=1 skips || fail "a part that is skipped passes on CI"
results run "all well"
CI=1 skips || fail "a test that ran fails"
echo "all well"
