"""The layout of a vector file: JSON, one entry of a list on a line, so that a change shows as the lines it changes."""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path
from typing import Any, Callable, Mapping

SOURCE = "tests/reference/generate_vectors.py"


class Vectors:
    def __init__(self, description: str, **content: Any) -> None:
        self.content = {"description": description, "source": SOURCE, **content}

    def encode(self) -> bytes:
        members = (f" {_compact(name)}: {_member(value)}" for name, value in self.content.items())
        return ("{\n" + ",\n".join(members) + "\n}\n").encode("ascii")


def write_or_check(folder: Path, produce: Callable[[], Mapping[str, bytes]], description: str | None) -> int:
    """The command line of a generator: writes its files, or with --check says which of them differ. The exit code."""
    parser = argparse.ArgumentParser(description=description, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--check", action="store_true", help="compare with the files that are there, write nothing")
    check = parser.parse_args().check
    differing = 0
    for name, content in produce().items():
        path = folder / name
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
