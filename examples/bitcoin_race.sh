#!/bin/sh
# A whole Race on real chain data: keygen, race, verify. bitcoin_race.sh POUW DIRECTORY
set -eu
pouw=$1
directory=$2

# Block 125,552 of Bitcoin (May 2011), as it stands in the chain: its proof of work is checked.
chain="--preset whitepaper --chain-id bitcoin --height 125552 --block-header 0100000081cd02ab7e569e8bcd9317e2fe99f2de44d49ab2b8851ba4a308000000000000e320b6c2fffc8d750423db8b1eb942ae710e951ed797f7affc8892b0f1fc122bc7f5d74df2b9441a42a14695"

mkdir -p "$directory"
rm -f "$directory/race.proof"
[ -e "$directory/node.key" ] || "$pouw" keygen --out "$directory/node.key"

echo "== Race: the whitepaper's 64 layers, 60 seconds, the lowest probability at which five solutions can be expected (1 in 900 or more)"
# shellcheck disable=SC2086
"$pouw" race $chain --key "$directory/node.key" --seconds 60 --expect 5 --out "$directory/race.proof" >"$directory/race.txt"
cat "$directory/race.txt"
node=$(sed -n 's/^node *//p' "$directory/race.txt")
probability=$(sed -n 's/.* expected at \([0-9/]*\) .*/\1/p' "$directory/race.txt")

echo "== Verification: chain, model, key and threshold from us, the nonces recomputed"
# shellcheck disable=SC2086
"$pouw" verify "$directory/race.proof" $chain --public-key "$node" --probability "$probability"
