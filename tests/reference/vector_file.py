"""The layout of a vector file: JSON, one entry of a list on a line, so that a change shows as the lines it changes."""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path
from typing import Any, Callable, Iterable

SOURCE = "tests/reference/generate_vectors.py"


class Vectors:
    def __init__(self, description: str, **content: Any) -> None:
        self.content = {"description": description, "source": SOURCE, **content}

    def encode(self) -> bytes:
        members = (f" {_compact(name)}: {_member(value)}" for name, value in self.content.items())
        return ("{\n" + ",\n".join(members) + "\n}\n").encode("ascii")


FOLDER = Path(__file__).resolve().parent.parent / "vectors"


def write_or_check(description: str, produce: Callable[[], Iterable[tuple[str, bytes]]]) -> int:
    """The program of a file that makes vectors: writes them, or with --check says which differ."""
    parser = argparse.ArgumentParser(description=description)
    parser.add_argument("--check", action="store_true", help="compare with the files that are there, write nothing")
    check = parser.parse_args().check
    differing = 0
    for name, content in produce():
        path = FOLDER / name
        if not check:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(content)
        elif not path.exists() or path.read_bytes() != content:
            differing += 1
            print(f"{name}: differs", file=sys.stderr)
    return 1 if differing else 0


def _member(value: Any) -> str:
    if isinstance(value, list) and value and isinstance(value[0], (dict, list)):
        return "[\n" + ",\n".join("  " + _compact(entry) for entry in value) + "\n ]"
    return _compact(value)


def _compact(value: Any) -> str:
    return json.dumps(value, separators=(",", ":"))
