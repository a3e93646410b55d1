#!/bin/sh
# Runs the exact arithmetic on machines that we do not have: AArch64 with NEON dot products, s390x for its byte order,
# and a baseline x86-64, all under qemu-user.
#
#     cross.sh [aarch64 | s390x | baseline]...
#
# Without arguments all three. Needs Debian 12 and the packages that it names when they are missing.
set -eu
cd "$(dirname "$0")/.."

# The check values and vectors of the tiny presets, every kernel and backend, two nonces of whitepaper, the proofs.
# Long comparisons and those that need minutes under emulation are left to native runs.
kernels_filter='-*FoldsAndGates*:*AddsResidualsAndBlocks*:*LargestDepths*:*LongestSequence*'
pow_filter='Vectors.*:-*Whitepaper*:*whitepaper*'

need() { # PACKAGES: those that are missing must be installed first
  missing=""
  for package in "$@"; do
    dpkg-query -W -f '${Status}' "$package" 2>/dev/null | grep -q '^install ok installed$' || missing="$missing $package"
  done
  [ -z "$missing" ] && return
  echo "Missing packages. Install them, then run this again:" >&2
  echo "  sudo apt-get install --no-install-recommends$missing" >&2
  exit 1
}

build() { # ARCHITECTURE TARGETS: configures and builds for another architecture
  architecture=$1
  shift
  cmake -S . -B "build/$architecture" -G Ninja --toolchain "cmake/toolchains/$architecture-linux-gnu.cmake" \
    -DCMAKE_BUILD_TYPE=Release -DPOUW_BUILD_TESTS=ON -DPOUW_BUILD_CLI=OFF \
    "-Dxtensor_DIR=$(dirname "$(dpkg -L libxtensor-dev | grep /xtensorConfig.cmake)")" >"build/$architecture.log"
  cmake --build "build/$architecture" --target "$@"
}

run() { # ARCHITECTURE: the tests under emulation
  emulator="qemu-$1-static"
  "$emulator" "build/$1/tests/crypto/test_crypto"
  "$emulator" "build/$1/tests/pow/kernels/test_kernels" --gtest_filter="$kernels_filter"
  "$emulator" "build/$1/tests/pow/test_pow" --gtest_filter="$pow_filter"
  "$emulator" "build/$1/tests/proof/test_proof" --gtest_filter='-Mutation.*'
}

foreign() { # ARCHITECTURE DEBIAN-ARCHITECTURE
  dpkg --print-foreign-architectures | grep -qx "$2" || {
    echo "First: sudo dpkg --add-architecture $2 && sudo apt-get update" >&2
    exit 1
  }
  need "g++-$1-linux-gnu" qemu-user-static "libsodium-dev:$2" "libfmt-dev:$2" "libgtest-dev:$2" "libgmock-dev:$2"
  build "$1" test_crypto test_kernels test_pow test_proof
  run "$1"
}

# The native build on a processor that has nothing beyond x86-64 itself: the scalar backend must be chosen, and right.
baseline() {
  need qemu-user-static
  cmake --preset dev >build/dev.log
  cmake --build --preset dev --target test_kernels
  set -- qemu-x86_64-static -cpu qemu64 build/dev/tests/pow/kernels/test_kernels
  "$@" --gtest_filter='Backends.*'
  POUW_EXPECT_BACKEND=scalar "$@" --gtest_filter='Backends.TheExpectedOneIsChosen'
}

mkdir -p build
[ $# -gt 0 ] || set -- aarch64 s390x baseline
for machine in "$@"; do
  printf '\n== %s\n' "$machine"
  case $machine in
    aarch64) foreign aarch64 arm64 ;;
    s390x) foreign s390x s390x ;;
    baseline) baseline ;;
    *) echo "cross.sh: unknown machine $machine" >&2; exit 2 ;;
  esac
done
