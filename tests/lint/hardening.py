#!/usr/bin/env python3
"""What we build carries the protections that POUW_HARDENING asks for, as its ELF files say.

    hardening.py FILE ... [--compiler COMPILER]

A FILE is a program, a shared library or an archive. The protections of indirect branches are notes in every object, and in a
program only where the objects that the compiler adds to every program have them too.
"""

from __future__ import annotations

import argparse
import re
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

from source import report


@dataclass
class Elf:
    """What readelf prints of one file."""

    header: str = ""
    segments: str = ""
    dynamic: str = ""
    symbols: str = ""
    notes: str = ""

    @classmethod
    def read(cls, file: Path) -> Elf:
        def readelf(option: str) -> str:
            return subprocess.run(["readelf", "-W", option, str(file)], capture_output=True, text=True, check=True).stdout

        return cls(readelf("-h"), readelf("-l"), readelf("-d"), readelf("-s"), readelf("-n"))

    def branch_notes(self) -> set[str]:
        """The protections of indirect branches that the file's note names."""
        return set(re.findall(r"\b(?:IBT|SHSTK|BTI|PAC)\b", self.notes))


def image_errors(elf: Elf, supported: set[str]) -> list[str]:
    """What is missing in a program or a shared library, where the compiler's own objects have the notes `supported`."""
    errors = []
    program = "INTERP" in elf.segments
    if not re.search(r"Type:\s+DYN", elf.header):
        errors.append("is at a fixed address")
    elif program and not re.search(r"\(FLAGS_1\).*\bPIE\b", elf.dynamic):
        errors.append("is no position-independent program")
    if "GNU_RELRO" not in elf.segments:
        errors.append("its relocations stay writable")
    if not re.search(r"\(FLAGS\).*BIND_NOW|\(FLAGS_1\).*\bNOW\b|\(BIND_NOW\)", elf.dynamic):
        errors.append("functions are bound at their first call")
    if "(TEXTREL)" in elf.dynamic:
        errors.append("its code is written at the start")
    stack = re.search(r"GNU_STACK(?:\s+0x[0-9a-f]+){5}\s+([RWE ]+?)\s+0x", elf.segments)
    if not stack or "E" in stack.group(1):
        errors.append("its stack can be executed")
    if re.search(r"LOAD(?:\s+0x[0-9a-f]+){5}\s+RWE", elf.segments):
        errors.append("memory is both written and executed")
    if "__stack_chk_fail" not in elf.symbols:
        errors.append("no function has a canary")
    if program and not re.search(r"\b__(?!stack_chk)\w+_chk\b", elf.symbols):
        errors.append("no call of libc is checked")
    return errors + [f"its note lacks {name}" for name in sorted(supported - elf.branch_notes())]


def archive_errors(notes: str, wanted: set[str]) -> list[str]:
    """The objects of an archive whose notes lack what the compiler writes."""
    errors = []
    for member in notes.split("\nFile: ")[1:]:
        missing = wanted - Elf(notes=member).branch_notes()
        if missing:
            errors.append(f"{member.splitlines()[0]} lacks {', '.join(sorted(missing))}")
    return errors


def file_errors(file: Path, supported: set[str]) -> list[str]:
    elf = Elf.read(file)
    if file.suffix != ".a":
        return [f"{file}: {error}" for error in image_errors(elf, supported)]
    machine = re.search(r"Machine:\s+(.*)", elf.header)
    name = machine.group(1) if machine else ""
    wanted = {"IBT", "SHSTK"} if "X86-64" in name else {"BTI", "PAC"} if "AArch64" in name else set()
    return [f"{file}: {error}" for error in archive_errors("\n" + elf.notes, wanted)]


def branch_notes_of(compiler: str) -> set[str]:
    """The notes of the objects that every program has."""
    file = subprocess.run([compiler, "-print-file-name=crti.o"], capture_output=True, text=True, check=True).stdout.strip()
    return Elf.read(Path(file)).branch_notes() if Path(file).is_file() else set()


GOOD = Elf(
    header="  Type:                              DYN (Position-Independent Executable file)\n",
    segments="""  INTERP         0x000318 0x0000000000000318 0x0000000000000318 0x00001c 0x00001c R   0x1
  LOAD           0x009000 0x0000000000009000 0x0000000000009000 0x1c5271 0x1c5271 R E 0x1000
  GNU_STACK      0x000000 0x0000000000000000 0x0000000000000000 0x000000 0x000000 RW  0x10
  GNU_RELRO      0x2b0c40 0x00000000002b1c40 0x00000000002b1c40 0x0113c0 0x0113c0 R   0x1
""",
    dynamic=""" 0x000000000000001e (FLAGS)              BIND_NOW
 0x000000006ffffffb (FLAGS_1)            Flags: NOW PIE
""",
    symbols="FUNC GLOBAL DEFAULT UND __stack_chk_fail@GLIBC_2.4 (2)\nFUNC GLOBAL DEFAULT UND __memcpy_chk@GLIBC_2.3.4 (3)\n",
    notes="      Properties: x86 feature: IBT, SHSTK\n",
)
MEMBER = "\nFile: lib.a({name}.o)\n      Properties: x86 feature: {notes}\n"


def changed(**parts: tuple[str, str]) -> Elf:
    """A good file with the first text of each part replaced by the second."""
    return Elf(**{name: text.replace(*parts.get(name, ("", ""))) for name, text in vars(GOOD).items()})


def self_test() -> list[str]:
    supported = {"IBT", "SHSTK"}
    bad = {
        "a fixed address": changed(header=("DYN", "EXEC")),
        "no PIE": changed(dynamic=(" PIE", "")),
        "no RELRO": changed(segments=("GNU_RELRO", "NOTE")),
        "lazy binding": changed(dynamic=("NOW", "")),
        "a stack that executes": changed(segments=("RW  0x10", "RWE 0x10")),
        "no word on the stack": changed(segments=("GNU_STACK", "NOTE")),
        "writable code": changed(segments=("R E 0x1000", "RWE 0x1000")),
        "code relocations": Elf(**{**vars(GOOD), "dynamic": GOOD.dynamic + " 0x16 (TEXTREL) 0x0\n"}),
        "no canary": changed(symbols=("__stack_chk_fail", "abort")),
        "no checked call": changed(symbols=("__memcpy_chk", "memcpy")),
        "no shadow stack": changed(notes=(", SHSTK", "")),
    }
    errors = [f"refuses a good file: {error}" for error in image_errors(GOOD, supported)]
    errors += [f"passes {what}" for what, elf in bad.items() if not image_errors(elf, supported)]
    objects = MEMBER.format(name="a", notes="IBT, SHSTK") + MEMBER.format(name="b", notes="IBT")
    if archive_errors(objects, supported) != ["lib.a(b.o) lacks SHSTK"]:
        errors.append("does not name the object of an archive")
    return errors


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--self-test", action="store_true", help="show that every protection is missed where it is missing")
    parser.add_argument("--compiler", default="c++", help="whose objects every program has")
    parser.add_argument("files", type=Path, nargs="*")
    arguments = parser.parse_args()
    if arguments.self_test:
        return report(self_test())
    supported = branch_notes_of(arguments.compiler)
    return report([error for file in arguments.files for error in file_errors(file, supported)])


if __name__ == "__main__":
    sys.exit(main())
