#!/bin/sh
# The whole test suite, the quickest checks first, and where its time went. `make test` runs it; `make test-long` adds --long.
set -eu
cd "$(dirname "$0")/.."
long=${1:-}
jobs=$(nproc)
python=$(command -v python3)
export CTEST_PARALLEL_LEVEL="$jobs" CTEST_OUTPUT_ON_FAILURE=1
mkdir -p build
times=build/times
: >"$times"
start=$(date +%s)
begun=$start
name=""

finish_step() { # notes how long the step took
  now=$(date +%s)
  [ -z "$name" ] || printf '%6d s  %s\n' "$((now - begun))" "$name" >>"$times"
  begun=$now
}
step() { # NAME: a new step begins
  finish_step
  name=$1
  printf '\n== %s (after %s s)\n' "$name" "$((begun - start))"
}
report() { # runs at every end, also of a failure
  status=$?
  [ "$status" = 0 ] || name="$name (failed)"
  finish_step
  printf '\n== where the time went\n'
  cat "$times"
  printf '%6d s  in all\n' "$(($(date +%s) - start))"
  exit "$status"
}
trap report EXIT

in_parts() { # PROGRAM OPTIONS: a GoogleTest program in as many processes as there are processors
  parts=""
  for part in $(seq 0 $((jobs - 1))); do
    GTEST_TOTAL_SHARDS=$jobs GTEST_SHARD_INDEX=$part "$@" >"build/part_$part.log" 2>&1 &
    parts="$parts $!"
  done
  failed=0
  for process in $parts; do wait "$process" || failed=1; done
  for part in $(seq 0 $((jobs - 1))); do
    if [ "$failed" = 0 ]; then tail -n 1 "build/part_$part.log"; else cat "build/part_$part.log"; fi
  done
  [ "$failed" = 0 ]
}

configure() { # PRESET [OPTIONS]: quiet unless it fails
  preset=$1
  shift
  cmake --preset "$preset" "$@" >"build/$preset.log" 2>&1 || { cat "build/$preset.log"; exit 1; }
}

step "lint"
for lint in determinism layering function_length header_cost exports hardening paper; do
  "$python" -B "tests/lint/$lint.py" --self-test
done
for lint in determinism layering function_length header_cost paper; do
  "$python" -B "tests/lint/$lint.py" >"build/lint_$lint.log"
done

step "build"
configure dev -DPOUW_WARNINGS_AS_ERRORS=ON
cmake --build --preset dev

step "headers by themselves"
cmake --build --preset dev --target all_verify_interface_header_sets

step "quick tests"
ctest --test-dir build/dev -LE 'long|slow'

step "slow tests"
if [ "$long" = --long ]; then
  POUW_LONG=1 ctest --test-dir build/dev -L 'long|slow'
else
  ctest --test-dir build/dev -L slow -LE long --no-tests=ignore
fi

step "shared library"
configure shared -DPOUW_WARNINGS_AS_ERRORS=ON
cmake --build --preset shared
"$python" -B tests/lint/exports.py build/shared/libpouw.so
"$python" -B tests/lint/hardening.py build/shared/libpouw.so
"$python" -B tests/consumer/consumer_test.py . build/shared >build/consumer_shared.log 2>&1 || { cat build/consumer_shared.log; exit 1; }

step "build with address and undefined-behaviour sanitizers"
# The lab, which no node links, in the long run alone: its tests take as long as all others together.
if [ "$long" = --long ]; then lab=ON; else lab=OFF; fi
configure asan-ubsan -DPOUW_BUILD_SOUNDNESS=$lab
cmake --build --preset asan-ubsan

step "tests with address and undefined-behaviour sanitizers"
# Without the tests that run no compiled code: the references, which check their vectors, and the lints.
ctest --test-dir build/asan-ubsan -LE long -E '^lint\.|[._]vectors$'

step "build with the thread sanitizer"
configure tsan
cmake --build --preset tsan --target test_core test_crypto test_pow test_proof

step "tests with the thread sanitizer"
# Whatever starts threads, or runs on them.
for suite in core:'Parallel*' crypto:'LongLivedSecret*' \
  pow:'Miner*:Failure*:Search*:TeamEvaluator*:Confirmation*:Race.*:Registry*:Tensor.*' \
  proof:'Verify.*Threads*:Verify.CanBeCancelled:Verify.ReportsProgress*:Verify.OneFalse*:Failure*'; do
  in_parts "build/tsan/tests/${suite%%:*}/test_${suite%%:*}" --gtest_filter="${suite#*:}:-*DeathTest*:*hitepaper*:Race.CheckValues*"
done

if [ "$long" = --long ]; then
  step "constant time with the memory sanitizer"
  configure msan
  cmake --build --preset msan --target ctime
  ctest --test-dir build/msan -R '^ctime'
  step "fuzzers"
  configure fuzz
  cmake --build --preset fuzz --target fuzz
  ctest --test-dir build/fuzz -R '^libfuzzer'
  tests/fuzz/oss-fuzz/check.sh
  step "other processors"
  tests/cross.sh
fi

printf '\n== all passed\n'
