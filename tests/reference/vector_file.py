"""The layout of a vector file: JSON, one entry of a list on a line, so that a change shows as the lines it changes."""

from __future__ import annotations

import json
from typing import Any

SOURCE = "tests/reference/generate_vectors.py"


class Vectors:
    def __init__(self, description: str, **content: Any) -> None:
        self.content = {"description": description, "source": SOURCE, **content}

    def encode(self) -> bytes:
        members = (f" {_compact(name)}: {_member(value)}" for name, value in self.content.items())
        return ("{\n" + ",\n".join(members) + "\n}\n").encode("ascii")


def _member(value: Any) -> str:
    if isinstance(value, list) and value and isinstance(value[0], (dict, list)):
        return "[\n" + ",\n".join("  " + _compact(entry) for entry in value) + "\n ]"
    return _compact(value)


def _compact(value: Any) -> str:
    return json.dumps(value, separators=(",", ":"))
