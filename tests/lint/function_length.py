#!/usr/bin/env python3
"""Functions stay short: at most 60 lines, in tests 100, from the line of the name to the closing brace.

Reads the formatted text, without a parser: a body is a brace that follows the closing parenthesis of a parameter list. The
test of a framework counts as a function. Lambdas count as part of the function that they stand in.
"""

from __future__ import annotations

import re
import subprocess
import sys
from typing import Iterator

from source import ROOT, SUFFIXES, run, strip

LIMIT = 60
LIMIT_IN_TESTS = 100
# Longer ones that are known, as "file: name", each with the reason. Empty is how it should be.
KNOWN: dict[str, str] = {}

_SCOPE = re.compile(r"\b(?:namespace|class|struct|union|enum)\b[^()=;]*$")
_CLASS = re.compile(r"\b(?:class|struct|union)\b(?:[^()=;]|\([^()]*\))*$")
# What stands between a parameter list and its body.
_AFTER = re.compile(r"\)\s*(?:const|noexcept(?:\([^()]*\))?|override|final|mutable|&&?|->[^;{}]*|requires[^;{}]*|try|:[^;]*|\s)*$")
_NOT_A_NAME = {"if", "for", "while", "switch", "catch", "return", "sizeof", "decltype", "requires", "alignas", "noexcept"}


def name_of(head: str) -> str:
    """The name before the first parenthesis of a head that is one of a function, else nothing."""
    depth = 0
    for match in re.finditer(r"[()<>]|([~\w:]+|operator[^\w\s(]+|operator\(\))\s*(?=\()", head):
        if match.group(1) and depth == 0:
            word = match.group(1)
            if word in _NOT_A_NAME:
                continue
            return word
    return ""


def functions(text: str) -> Iterator[tuple[str, int, int]]:
    """Name, first line and number of lines of every function body in namespaces and classes."""
    code = re.sub(r"(?m)^[ \t]*#(?:[^\n]*\\\n)*[^\n]*", lambda m: re.sub(r"[^\n]", " ", m.group()), strip(text))
    at = start = 0
    open_scopes = 0
    while at < len(code):
        c = code[at]
        if c == ";":
            start = at + 1
        elif c == "}":
            open_scopes -= 1
            start = at + 1
        elif c == "(":
            at = close(code, at)
            continue
        elif c == "{":
            head = code[start:at]
            if _SCOPE.search(head) or _CLASS.search(head) or not head.strip():
                open_scopes += 1
                start = at + 1
            else:
                end = close(code, at)
                if re.search(r"\)[^()]*(?<!:):(?!:)", head) and re.match(r"\s*[,{]", code[end:]):
                    at = end  # a member that a constructor initialises
                    continue
                name = name_of(head)
                if name and _AFTER.search(head):
                    begin = start + len(head) - len(head.lstrip())
                    first = code.count("\n", 0, begin) + 1
                    yield name, first, code.count("\n", 0, end) + 2 - first
                at = end
                # An initialiser goes on to its semicolon.
                if name and _AFTER.search(head):
                    start = at
                continue
        at += 1


def close(code: str, at: int) -> int:
    """Behind the bracket that closes the one at `at`."""
    opening = code[at]
    closing = {"(": ")", "{": "}"}[opening]
    depth = 0
    for i in range(at, len(code)):
        if code[i] == opening:
            depth += 1
        elif code[i] == closing:
            depth -= 1
            if depth == 0:
                return i + 1
    return len(code)


def check() -> list[str]:
    errors, seen = [], set()
    listed = subprocess.run(["git", "ls-files", "include", "src", "tests", "bench", "examples"], cwd=ROOT,
                            capture_output=True, text=True, check=True).stdout.split()  # fmt: skip
    for name in listed:
        if not (ROOT / name).exists() or (ROOT / name).suffix not in SUFFIXES:
            continue
        limit = LIMIT_IN_TESTS if name.startswith("tests/") else LIMIT
        for function, line, lines in functions((ROOT / name).read_text(encoding="utf-8")):
            if lines <= limit:
                continue
            key = f"{name}: {function}"
            seen.add(key)
            if key not in KNOWN:
                errors.append(f"{name}:{line}: {function} has {lines} lines, at most {limit}")
    return errors + [f"{key}: is short enough now" for key in KNOWN if key not in seen]


def self_test() -> list[str]:
    body = "    a();\n" * 58
    text = (
        f"namespace n {{\nint f(int x) {{\n{body}}}\n\nclass A : public B {{\n    A() : a_{{1}}, b_(2) {{\n{body}}}\n"
        f"    int g() const noexcept {{\n{body}        if (x) {{\n }}\n}}\n    int c_[2] = {{1, 2}};\n}};\n"
        f"TEST(Suite, Case) {{\n{body}}}\n"
        f"template <typename T>\nauto h(T t) -> int {{\n{body}}}\n"
        f"bool operator==(A a, A b) {{\n{body}}}\nconst auto table = [] {{\n{body}}}();\nstruct S {{ int i; }};\n}}\n"
    )
    found = [(name, lines) for name, _, lines in functions(text)]
    wanted = [("f", 60), ("A", 60), ("g", 62), ("TEST", 60), ("h", 61), ("operator==", 60)]
    return [] if found == wanted else [f"finds {found}"]


if __name__ == "__main__":
    sys.exit(run(__doc__, check, self_test))
