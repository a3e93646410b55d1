#!/bin/sh
# The whole test suite, the quickest checks first. `make test` runs it; `make test-long` adds --long.
set -eu
cd "$(dirname "$0")/.."
long=${1:-}
jobs=$(nproc)
python=$(command -v python3)
export CTEST_PARALLEL_LEVEL="$jobs" CTEST_OUTPUT_ON_FAILURE=1

step() { printf '\n== %s (%s s)\n' "$1" "$(($(date +%s) - start))"; }
start=$(date +%s)
mkdir -p build

configure() { # PRESET [OPTIONS]: quiet unless it fails
  preset=$1
  shift
  cmake --preset "$preset" "$@" >"build/$preset.log" 2>&1 || { cat "build/$preset.log"; exit 1; }
}

step "lint"
"$python" tests/lint/determinism.py --self-test
"$python" tests/lint/determinism.py
"$python" tests/lint/layering.py --self-test
"$python" tests/lint/layering.py

step "build"
configure dev -DPOUW_WARNINGS_AS_ERRORS=ON
cmake --build --preset dev
cmake --build --preset dev --target all_verify_interface_header_sets

step "tests"
if [ "$long" = --long ]; then
  POUW_LONG=1 ctest --test-dir build/dev
else
  ctest --test-dir build/dev -LE long
fi

step "address and undefined-behaviour sanitizers"
configure asan-ubsan
cmake --build --preset asan-ubsan
ctest --test-dir build/asan-ubsan -LE long

step "thread sanitizer"
configure tsan
cmake --build --preset tsan --target test_core test_pow test_proof
for suite in core:'Parallel*' pow:'Miner*:Failure*:Search*:Confirmation*:Race*:Registry*:Tensor*' proof:'Verify*'; do
  "build/tsan/tests/${suite%%:*}/test_${suite%%:*}" --gtest_filter="${suite#*:}:-*DeathTest*:*hitepaper*"
done

if [ "$long" = --long ]; then
  step "fuzzers"
  configure fuzz
  cmake --build --preset fuzz --target fuzz
  ctest --test-dir build/fuzz -R '^libfuzzer'
  step "other processors"
  tests/cross.sh
fi

step "all passed"
