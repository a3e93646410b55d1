#!/bin/bash -eu
# Runs build.sh in the environment that OSS-Fuzz sets for libFuzzer and AddressSanitizer, and every target on its seeds.
#
#     check.sh [FOLDER]     where to build, build/oss-fuzz without it
repository=$(cd "$(dirname "$0")/../../.." && pwd)
folder=${1:-$repository/build/oss-fuzz}
export SRC=$folder/src WORK=$folder/work OUT=$folder/out
rm -rf "$SRC" "$OUT"
mkdir -p "$SRC" "$WORK" "$OUT"
ln -s "$repository" "$SRC/pouw"
flags="-O1 -fno-omit-frame-pointer -gline-tables-only -DFUZZING_BUILD_MODE_UNSAFE_FOR_PRODUCTION -fsanitize=address
  -fsanitize-address-use-after-scope -fsanitize=fuzzer-no-link"
export CC=clang CXX=clang++ CFLAGS=$flags CXXFLAGS=$flags
export SANITIZER=address FUZZING_ENGINE=libfuzzer ARCHITECTURE=x86_64 LIB_FUZZING_ENGINE=-fsanitize=fuzzer
"$repository/tests/fuzz/oss-fuzz/build.sh"

targets=0
for target in "$OUT"/fuzz_*; do
  case $target in *.zip) continue ;; esac
  seeds=$WORK/seeds/$(basename "$target")
  rm -rf "$seeds" && mkdir -p "$seeds"
  [ ! -f "${target}_seed_corpus.zip" ] || python3 -m zipfile -e "${target}_seed_corpus.zip" "$seeds"
  "$target" -runs=500 -timeout=30 -rss_limit_mb=2560 "$seeds" >"$WORK/run.log" 2>&1 || { cat "$WORK/run.log"; exit 1; }
  targets=$((targets + 1))
done
for seeds in "$repository"/tests/fuzz/corpus/*; do
  case $seeds in */greedy | */quadratic) continue ;; esac  # they are of the replay alone
  [ -f "$OUT/fuzz_$(basename "$seeds")_seed_corpus.zip" ] || { echo "no target has the seeds $seeds" >&2; exit 1; }
done
echo "$targets targets run"
