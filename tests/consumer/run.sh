#!/bin/sh
# Builds the consumer project as a stranger would and compares what it prints with the README.
#   run.sh package|reference|subdirectory|pkg-config SOURCE BUILD
set -eu
kind=$1
source=$2
build=$3
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

expected="210 bytes, 14 of 14 nonces verified, voting weight 14"
grep -qF "$expected" "$source/README.md"

if [ "$kind" != subdirectory ]; then
  cmake --install "$build" --prefix "$work/prefix" >"$work/install.log" || { cat "$work/install.log"; exit 1; }
fi

if [ "$kind" = pkg-config ]; then
  PKG_CONFIG_PATH=$(dirname "$(find "$work/prefix" -name pouw.pc)")
  export PKG_CONFIG_PATH
  mkdir "$work/build"
  # shellcheck disable=SC2046
  "${CXX:-c++}" -std=c++20 "$source/examples/first_proof.cpp" $(pkg-config --cflags --libs pouw) -o "$work/build/consumer"
else
  cmake -G Ninja -S "$source/tests/consumer/project" -B "$work/build" -DCMAKE_BUILD_TYPE=Release \
    -DCMAKE_PREFIX_PATH="$work/prefix" -DPOUW_SOURCE="$source" -DPOUW_FROM="$kind" >"$work/configure.log" ||
    { cat "$work/configure.log"; exit 1; }
  cmake --build "$work/build" --target consumer >"$work/build.log" || { cat "$work/build.log"; exit 1; }
fi

actual=$("$work/build/consumer")
echo "$actual"
[ "$actual" = "$expected" ]
