#!/usr/bin/env bash
# What `scrawl generate` prints, tried in the shells themselves and in man.
# usage: shells_test.sh PROGRAM bash|zsh|fish|man
set -euo pipefail
program=$(realpath "$1")
shell=$2
command -v "$shell" >/dev/null || { echo "skipped: no $shell"; exit 77; }
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
cd "$scratch"
mkdir bin scans
ln -s "$program" bin/scrawl
PATH=$scratch/bin:$PATH
touch page.png scans/7.png
scrawl generate "$shell" >generated

# offers LINE: what the shell offers for the last word of LINE, one on each line.
offers_bash() {
  bash --norc -c '
    source generated
    [[ $(complete -p scrawl) == "complete -F _scrawl scrawl" ]] || exit 1
    compopt() { [[ $* == "-o default" ]] && files=yes; }  # bash itself has it while it completes alone
    files=
    read -ra COMP_WORDS <<<"${1//=/ = }"
    [[ $1 != *" " ]] || COMP_WORDS+=("")
    COMP_CWORD=$((${#COMP_WORDS[@]} - 1))
    _scrawl
    printf "%s\n" "${COMPREPLY[@]}"
    [ -z "$files" ] || compgen -f -- "${COMP_WORDS[COMP_CWORD]}"' bash "$1"
}
offers_fish() {
  HOME=$scratch fish --no-config -c 'source generated; complete -C $argv[1]' "$1" | cut -f1
}
# Types LINE and Tab into a zsh on a terminal of its own, whose completion says what it would list.
offers_zsh() {
  HOME=$scratch zsh -f -c '
    zmodload zsh/zpty
    zpty shell zsh -f -i
    zpty -w shell "PS1=READY; stty -echo; fpath=($PWD \$fpath); autoload -Uz compinit; compinit -u -D; source generated"
    zpty -w shell "compadd() { builtin compadd -O found \"\$@\"; print -l OFFER:\$^found >>offers; builtin compadd \"\$@\"; }"
    zpty -w shell "setopt no_auto_menu no_list_beep; LISTMAX=1000; : >offers; print DONE-\$((1+1))"
    zpty -r -m shell seen "*DONE-2*"
    zpty -w -n shell "$1"$'"'\t'"'
    for i in {1..100}; do sleep 0.05; [ -s offers ] && break; done
    sleep 0.1
    zpty -d shell' zsh "$1" >/dev/null 2>&1
  sed -n 's/^OFFER://p' offers
}

failures=0
# expect LINE WORD...: each WORD is offered, or with a ! before it, is not.
expect() {
  local line=$1 offered word
  shift
  offered=$(offers_"$shell" "$line" || true)
  for word in "$@"; do
    if [[ $word == !* ]]; then
      ! grep -qxF -- "${word#!}" <<<"$offered" || { echo "'$line' offers $word"; failures=1; }
    else
      grep -qxF -- "$word" <<<"$offered" || { echo "'$line' does not offer $word, but: ${offered//$'\n'/ }"; failures=1; }
    fi
  done
}

check_shell() {
  expect "scrawl tr" train '!read'
  expect "scrawl " data train eval read generate '!fetch' '!page.png'
  expect "scrawl data " fetch verify info preview '!train'
  expect "scrawl train --pre" --precision
  expect "scrawl train --precision " auto f32 bf16 '!int8' '!page.png'
  expect "scrawl eval --precision i" int8 '!auto'
  expect "scrawl train --model " mlp lenet fast good best
  expect "scrawl read p" page.png
  expect "scrawl read --re" --recursive '!--resume'
  expect "scrawl data preview --r" --rows --rare-styles '!--recursive'
  expect "scrawl train --log p" page.png
  expect "scrawl train --epochs " '!page.png' '!mlp'
  expect "scrawl generate " bash zsh fish man options presets '!page.png'
}

check_man() {
  warnings=$(LC_ALL=C.UTF-8 MANROFFSEQ='' MANWIDTH=80 man --warnings -E UTF-8 -l -Tutf8 -Z generated 2>&1 >/dev/null)
  [ -z "$warnings" ] || { echo "$warnings"; failures=1; }
  LC_ALL=C.UTF-8 MANWIDTH=100 man -l generated | col -b >page
  for wanted in 'read handwritten digits' 'scrawl data fetch' 'scrawl train \[OPTION\]' '--precision auto|f32|bf16 \[auto\]' \
    '-q, --quiet' 'scrawl read --one --top 3 photo.jpg' 'Exit codes' SCRAWL_DATA '--epochs INT=20'; do
    grep -q -- "$wanted" page || { echo "the manual page has no: $wanted"; failures=1; }
  done
}

scrawl generate tcsh >nothing 2>error && code=0 || code=$?
[ $code = 2 ] && [ ! -s nothing ] && grep -q tcsh error || { echo "tcsh: exit code $code, $(cat error)"; failures=1; }
if [ "$shell" = man ]; then check_man; else check_shell; fi
exit $failures
