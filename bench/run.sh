#!/bin/sh
# All benchmarks of a build folder (`make bench`): what this machine makes of a Race, then each kernel and stage.
set -eu
build=$1
"$build/pouw" bench
for program in "$build"/bench/*/bench_*; do
  [ -x "$program" ] && [ -f "$program" ] || continue
  printf '\n== %s\n' "${program##*/}"
  "$program"
done
