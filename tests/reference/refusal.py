"""Why bytes are refused."""

from __future__ import annotations


class Refusal(Exception):
    """`reason` is a fixed word, listed in tests/reference/README.md."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason
