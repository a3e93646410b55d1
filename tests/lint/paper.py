#!/usr/bin/env python3
"""docs/paper.md names what exists: its headers, the names in them and its tests are there, and its count of states is right.

A rule is a row of five cells: its id, the rule, headers each followed by names that stand in it, tests as Suite.Name, and the
state, with the reason unless the rule is implemented. A name is a word of the header, or Class::member.
"""

from __future__ import annotations

import re
import sys
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from typing import Iterator

from source import ROOT, run, strip

STATES = ("implemented", "deviates", "not a library's task", "not yet")
# States that need a place and a test.
BUILT = ("implemented", "deviates")
RULES_HEAD = ["id", "rule", "header and name", "test", "state"]
COUNTS_HEAD = ["state", "rules"]

_TEST = re.compile(r"\b(?:TEST|TEST_F|TEST_P|TYPED_TEST|TYPED_TEST_P)\s*\(\s*(\w+)\s*,\s*(\w+)\s*\)")
_ID = re.compile(r"([A-Z0-9]+)\.(\d+)")


@dataclass
class Code:
    """What the page may name: the text of each public header, without comments, and the tests."""

    headers: dict[str, str] = field(default_factory=dict)
    tests: set[str] = field(default_factory=set)

    @classmethod
    def read(cls, root: Path = ROOT) -> Code:
        folder = root / "include/pouw"
        code = cls()
        for file in sorted(folder.rglob("*.hpp")):
            code.headers[file.relative_to(folder).as_posix()] = strip(file.read_text(encoding="utf-8"))
        for file in sorted((root / "tests").rglob("*.cpp")):
            code.tests |= tests_of(file.read_text(encoding="utf-8"))
        return code


def tests_of(text: str) -> set[str]:
    return {f"{suite}.{name}" for suite, name in _TEST.findall(strip(text))}


def body_of(name: str, text: str) -> str:
    """What stands between the braces of a class, struct or enumeration; nothing where the text has none of that name."""
    match = re.search(rf"\b(?:class|struct|enum)\b[^;{{()]*?\b{name}\b[^;{{()]*\{{", text)
    if not match:
        return ""
    depth, at = 1, match.end()
    while depth and at < len(text):
        depth += {"{": 1, "}": -1}.get(text[at], 0)
        at += 1
    return text[match.end() : at - 1]


def has_name(name: str, text: str) -> bool:
    """Whether a header has this name: a word, or Class::member with the member in the body of the class."""
    *scopes, last = name.split("::")
    for scope in scopes:
        text = body_of(scope, text)
    return re.search(rf"\b{last}\b", text) is not None


def rows(page: str, head: list[str]) -> Iterator[tuple[int, list[str]]]:
    """Line number and cells of every row of the tables with this head."""
    inside = False
    for number, line in enumerate(page.splitlines(), 1):
        if not line.startswith("|"):
            inside = False
            continue
        cells = [cell.strip() for cell in line.strip().strip("|").split("|")]
        if cells == head:
            inside = True
        elif inside and not set(line) <= set("|-: "):
            yield number, cells


def name_errors(cell: str, code: Code) -> Iterator[str]:
    """What is wrong with headers and names, in which a name belongs to the header before it."""
    header = ""
    for token in re.findall(r"`([^`]*)`", cell):
        if token.endswith(".hpp"):
            header = token
            if header not in code.headers:
                yield f"no header {header}"
        elif not header:
            yield f"{token} stands behind no header"
        elif header in code.headers and not has_name(token, code.headers[header]):
            yield f"{token} is not in {header}"


def row_errors(cells: list[str], code: Code) -> Iterator[str]:
    if len(cells) != len(RULES_HEAD):
        yield f"{len(cells)} cells"
        return
    _, rule, place, tests, state_cell = cells
    if not rule:
        yield "no rule"
    state, _, reason = state_cell.partition(": ")
    if state not in STATES:
        yield f"no state {state}"
    if state != "implemented" and not reason:
        yield "no reason"
    yield from name_errors(place, code)
    named = re.findall(r"`([^`]*)`", tests)
    yield from (f"no test {test}" for test in named if test not in code.tests)
    if state in BUILT:
        tokens = re.findall(r"`([^`]*)`", place)
        if all(token.endswith(".hpp") for token in tokens):
            yield "no name in a header"
        if not named:
            yield "no test"


def check_page(page: str, code: Code) -> list[str]:
    errors, counts, last = [], Counter(), Counter()
    for number, cells in rows(page, RULES_HEAD):
        at = f"docs/paper.md:{number}: {cells[0]}"
        errors += [f"{at}: {wrong}" for wrong in row_errors(cells, code)]
        match = _ID.fullmatch(cells[0])
        if not match or int(match.group(2)) != last[match.group(1)] + 1:
            errors.append(f"{at}: is not the next id")
        if match:
            last[match.group(1)] = int(match.group(2))
        counts[cells[-1].partition(": ")[0]] += 1
    written = {cells[0]: cells[-1] for _, cells in rows(page, COUNTS_HEAD)}
    for state in STATES:
        if written.get(state) != str(counts[state]):
            errors.append(f"docs/paper.md: {counts[state]} rules are: {state}; the page says {written.get(state)}")
    return errors


def check() -> list[str]:
    return check_page((ROOT / "docs/paper.md").read_text(encoding="utf-8"), Code.read())


def self_test() -> list[str]:
    header = (
        "class API Box : public Base {\n struct Part { int of; };\n void open();\n};\n"
        "enum class Kind : int { one };\nvoid free();  // close\n"
    )
    code = Code({"a/b.hpp": strip(header)}, {"Suite.Name"})
    good = (
        "| 1.1 | a rule | `a/b.hpp` `Box::open`, `Box` | `Suite.Name` | implemented |",
        "| 1.1 | a rule | `a/b.hpp` `Kind::one`, `Box::Part::of`, `free` | `Suite.Name` | deviates: a reason |",
        "| 1.1 | a rule | | | not yet: a reason |",
        "| 1.1 | a rule | `a/b.hpp` | | not yet: a reason |",
        "| 1.1 | a rule | | | not a library's task: a reason |",
    )
    bad = (
        "| 1.1 | a rule | `a/c.hpp` `open` | `Suite.Name` | implemented |",
        "| 1.1 | a rule | `a/b.hpp` `Box::close` | `Suite.Name` | implemented |",
        "| 1.1 | a rule | `a/b.hpp` `Box::free` | `Suite.Name` | implemented |",
        "| 1.1 | a rule | `a/b.hpp` `Other::open` | `Suite.Name` | implemented |",
        "| 1.1 | a rule | `a/b.hpp` `close` | `Suite.Name` | implemented |",
        "| 1.1 | a rule | `open` | `Suite.Name` | implemented |",
        "| 1.1 | a rule | `a/b.hpp` | `Suite.Name` | implemented |",
        "| 1.1 | a rule | `a/b.hpp` `open` | `Suite.Other` | implemented |",
        "| 1.1 | a rule | `a/b.hpp` `open` | | implemented |",
        "| 1.1 | a rule | | | not yet |",
        "| 1.1 | a rule | | | perhaps: a reason |",
        "| 1.1 | a rule | `a/b.hpp` `open` | `Suite.Name` | deviates |",
        "| 1.1 | | | | not yet: a reason |",
        "| 1.1 | a rule | | not yet: a reason |",
        "| 1.2 | a rule | | | not yet: a reason |",
        "| one | a rule | | | not yet: a reason |",
    )

    def page(row: str, wrong: int = 0) -> str:
        state = row.strip("| ").split("|")[-1].strip().partition(": ")[0]
        table = "".join(f"| {name} | {(name == state) + wrong} |\n" for name in STATES)
        return f"| state | rules |\n|---|---:|\n{table}\n| {' | '.join(RULES_HEAD)} |\n|---|---|---|---|---|\n{row}\n\n| x |\n"

    errors = [f"refuses {row}: {check_page(page(row), code)[0]}" for row in good if check_page(page(row), code)]
    errors += [f"passes {row}" for row in bad if not check_page(page(row), code)]
    if len(check_page(page(good[0], 1), code)) != len(STATES):
        errors.append("passes wrong counts")
    if tests_of('TEST(A, B) {}\n// TEST(A, C)\nTYPED_TEST(D,\n     E) { f("TEST(F, G)"); }') != {"A.B", "D.E"}:
        errors.append("reads other tests than there are")
    return errors


if __name__ == "__main__":
    sys.exit(run(__doc__, check, self_test))
