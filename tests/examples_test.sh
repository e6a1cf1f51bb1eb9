#!/usr/bin/env bash
# The examples are short, and do what they say.
# usage: tests/examples_test.sh BUILD
set -euo pipefail
build=$(realpath "$1")
cd "$(dirname "$0")/../examples"
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT

fail() { echo "FAILED: $*" >&2; exit 1; }
for file in *.c *.cpp *.cs *.go; do
  [ "$(wc -l <"$file")" -le 20 ] || fail "$file has more than 20 lines"
done

# says TEXT NAME ARGUMENT...: what both programs of that name print has it.
says() {
  local text=$1 name=$2 program
  shift 2
  for program in "example_$name" "example_${name}_c"; do
    "$build/$program" "$@" >"$scratch/out" 2>&1 || true
    grep -qF -- "$text" "$scratch/out" || fail "$program $*: no '$text' in: $(cat "$scratch/out")"
  done
}
cp pictures/7-mnist.png "$scratch"
says "7-mnist.png: 7 (" read_picture pictures/7-mnist.png
says "nowhere.png: cannot open" read_picture nowhere.png
says "1 at 38, 10" read_pixels
says '7-mnist.png' read_folder "$scratch"
says ',"7"' read_folder "$scratch"
says "1: 0.9" classify_glyph
says "7" own_model ../models/default.safetensors pictures/7-mnist.png
says "/nowhere/m.safetensors: cannot open" own_model /nowhere/m.safetensors pictures/7-mnist.png
says "usage: own_model" own_model
echo "all well"
