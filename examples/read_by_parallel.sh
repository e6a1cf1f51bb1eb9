#!/usr/bin/env bash
# Reads a list of pictures by GNU parallel, on this machine or on several that share the files: each job a shard, into a file that
# is there when all of the shard is in it.
# usage: read_by_parallel.sh LIST FOLDER SHARDS [OPTION OF PARALLEL...]     as in: -j 2, or --sshlogin host1,host2 --workdir .
# The same command again reads the shards that are missing.
set -euo pipefail
list=${1:?which list?} folder=${2:?which folder?} count=${3:?how many shards?}
shift 3
# Its exit code is 1 also where a single picture has no digits or cannot be read, as its line says: what counts is the file.
read_shard='out={2}/shard-{1}-of-{3}.jsonl; [ -e "$out" ] ||
  scrawl read --json --quiet --threads 1 --shard {1}/{3} --list {4} -o "$out" || [ -e "$out" ]'
seq "$count" | parallel "$@" "$read_shard" :::: - ::: "$folder" ::: "$count" ::: "$list"
