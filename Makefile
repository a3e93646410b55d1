# A thin front for people; everything else is CMake.
#   make setup      install what is needed, by name, from the distribution
#   make race       run a whole Race on the whitepaper's model and verify its proof
#   make test       what CI runs
#   make test-long  the rest: longer fuzzing and simulations
#   make bench      the benchmarks

.PHONY: setup race test test-long bench format

BUILD = cmake --preset $(1) $(2) > build/$(1).log || { cat build/$(1).log; exit 1; }; cmake --build --preset $(1)

setup:
	@./.ci/setup

build:
	@mkdir -p build

race: setup build
	@$(call BUILD,release) --target pouw_cli
	@./examples/bitcoin_race.sh build/release/pouw build/race

test: setup build
	@./tests/run.sh

test-long: setup build
	@./.ci/setup --long
	@./tests/run.sh --long

bench: setup build
	@$(call BUILD,dev)
	@./bench/run.sh build/dev

format:
	@git ls-files '*.hpp' '*.cpp' '*.h' | xargs clang-format -i
