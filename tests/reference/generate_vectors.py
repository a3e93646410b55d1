#!/usr/bin/env python3
"""Writes the test vectors under tests/vectors/, or compares them with --check. The same run gives the same bytes."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path
from typing import Iterable

import commitment_vectors
import pow_vectors
import proof_vectors
import weights_vectors
from vector_file import Vectors

FOLDER = Path(__file__).resolve().parent.parent / "vectors"


def produce(whitepaper: bool) -> Iterable[tuple[str, Vectors]]:
    yield from pow_vectors.quick()
    yield from proof_vectors.quick()
    yield from commitment_vectors.quick()
    yield from weights_vectors.quick()
    if whitepaper:
        yield from pow_vectors.whitepaper()


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--check", action="store_true", help="compare with the files that are there, write nothing")
    parser.add_argument("--whitepaper", action="store_true", help="the large presets too (four minutes)")
    arguments = parser.parse_args()
    differing = 0
    for name, vectors in produce(arguments.whitepaper):
        path, content = FOLDER / name, vectors.encode()
        if not arguments.check:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(content)
        elif not path.exists() or path.read_bytes() != content:
            differing += 1
            print(f"{name}: differs", file=sys.stderr)
            continue
        print(f"{name}: {len(content)} bytes")
    if not arguments.whitepaper:
        print("left out: the whitepaper presets (--whitepaper)")
    return 1 if differing else 0


if __name__ == "__main__":
    sys.exit(main())
