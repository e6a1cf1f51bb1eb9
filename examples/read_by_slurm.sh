#!/usr/bin/env bash
#SBATCH --job-name=scrawl
#SBATCH --array=1-16
#SBATCH --cpus-per-task=4
# Reads a list of pictures by an array of Slurm's: each task its shard, into a file that is there when all of the shard is in it.
# usage: sbatch [--array=1-N] read_by_slurm.sh LIST FOLDER      LIST: a name on each line; FOLDER: for shard-*.jsonl, shared
# The same command again reads the shards that are missing. N has to stay the same.
set -euo pipefail
list=${1:?which list?} folder=${2:?which folder?}
shard=$SLURM_ARRAY_TASK_ID count=$SLURM_ARRAY_TASK_COUNT
out=$folder/shard-$shard-of-$count.jsonl
[ ! -e "$out" ] || exit 0
# Its exit code is 1 also where a single picture has no digits or cannot be read, as its line says: what counts is the file.
scrawl read --json --quiet --threads "${SLURM_CPUS_PER_TASK:-1}" --shard "$shard/$count" --list "$list" -o "$out" || true
[ -e "$out" ]
