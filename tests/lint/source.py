"""What the lints share: the C++ files of the library, and their text without comments and strings."""

from __future__ import annotations

import argparse
import re
import sys
from pathlib import Path
from typing import Callable, Iterable, Iterator

ROOT = Path(__file__).resolve().parent.parent.parent
SUFFIXES = {".hpp", ".h", ".cpp"}

# In this order: a comment may hold a quote and a string a slash. A quote between digits separates them.
_TOKENS = re.compile(
    r"""
      //(?:\\\n|[^\n])* | /\*.*?\*/
    | R"(?P<mark>[^()\s\\]{0,16})\(.*?\)(?P=mark)"
    | "(?:\\.|[^"\\\n])*"
    | (?<![0-9a-fA-F])'(?:\\.|[^'\\\n])+'
    """,
    re.DOTALL | re.VERBOSE,
)
_INCLUDE = re.compile(r'^[ \t]*#[ \t]*include[ \t]*([<"][^>"\n]+[>"])', re.MULTILINE)


def modules(root: Path = ROOT) -> Iterator[tuple[str, list[Path]]]:
    """Each module's name and its files, public headers first."""
    folders = [path for place in ("include/pouw", "src") for path in sorted((root / place).iterdir()) if path.is_dir()]
    for name in sorted({folder.name for folder in folders}):
        files = [file for folder in folders if folder.name == name for file in sorted(folder.rglob("*"))]
        yield name, [file for file in files if file.suffix in SUFFIXES]


def strip(text: str) -> str:
    """The text with comments and the contents of strings blanked; lines keep their numbers."""

    def blank(match: re.Match[str]) -> str:
        token = match.group()
        if token.startswith('"') and _INCLUDE.match(text, text.rfind("\n", 0, match.start()) + 1):
            return token
        return re.sub(r"[^\n]", " ", token)

    return _TOKENS.sub(blank, text)


def includes(text: str) -> Iterable[tuple[int, str]]:
    """Line number and header of each #include, with its brackets or quotes."""
    for match in _INCLUDE.finditer(strip(text)):
        yield text.count("\n", 0, match.start(1)) + 1, match.group(1)


def report(errors: list[str]) -> int:
    """Prints what a lint found; its exit status."""
    for error in errors:
        print(error, file=sys.stderr)
    return 1 if errors else 0


def run(doc: str, check: Callable[[], list[str]], self_test: Callable[[], list[str]]) -> int:
    """A lint that takes no other argument than --self-test."""
    parser = argparse.ArgumentParser(description=doc, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--self-test", action="store_true", help="show that every rule tells its examples apart")
    return report(self_test() if parser.parse_args().self_test else check())
