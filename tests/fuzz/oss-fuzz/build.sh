#!/bin/bash -eu
# Builds every fuzz target and its seeds as OSS-Fuzz asks: from $SRC, in $WORK, into $OUT, with the compilers and flags of the
# environment and the engine in $LIB_FUZZING_ENGINE. libsodium is built too where its sources are in $SRC: the machines that run
# the targets have none.
if [ -d "$SRC/libsodium" ]; then
  (cd "$SRC/libsodium" && ./configure --disable-shared --prefix="$WORK/sodium" && make -j"$(nproc)" install)
  export PKG_CONFIG_PATH="$WORK/sodium/lib/pkgconfig"
fi
# libc++ has std::jthread and std::stop_token only among what is experimental.
case "${CXXFLAGS:-}" in *-stdlib=libc++*) export CXXFLAGS="$CXXFLAGS -fexperimental-library" ;; esac
cmake -S "$SRC/pouw" -B "$WORK/pouw" -G Ninja -DCMAKE_BUILD_TYPE=None -DPOUW_BUILD_FUZZ=ON "-DPOUW_FUZZ_ENGINE=$LIB_FUZZING_ENGINE" \
  -DPOUW_BUILD_CLI=OFF -DPOUW_BUILD_REFERENCE=OFF -DPOUW_BUILD_SOUNDNESS=OFF -DPOUW_BUILD_FORMATS=ON -DPOUW_HARDENING=OFF
cmake --build "$WORK/pouw" --target fuzz
for target in "$WORK"/pouw/tests/fuzz/fuzz_*; do
  if [ ! -f "$target" ] || [ ! -x "$target" ]; then continue; fi
  name=$(basename "$target")
  cp "$target" "$OUT/$name"
  seeds="$SRC/pouw/tests/fuzz/corpus/${name#fuzz_}"
  [ ! -d "$seeds" ] || zip -q -j -r "$OUT/${name}_seed_corpus.zip" "$seeds"
done
