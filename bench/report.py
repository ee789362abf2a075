"""Keeps docs/benchmarks.md: each script owns the section that has its name."""

from __future__ import annotations

import os
import platform
import re
from pathlib import Path

PAGE = Path(__file__).resolve().parent.parent / "docs" / "benchmarks.md"
HEAD = """# Benchmarks

Each section is written by the script it names (`--write`). Absolute times vary with the machine; the ratio to the
baseline of the same run is what counts.
"""


def report(script: str, lines: list[str], *, write: bool) -> None:
    """Print `lines`; with `write`, make them the script's section."""
    print("\n".join(lines))
    if not write:
        return
    body = PAGE.read_text() if PAGE.exists() else HEAD
    machine = f"{os.cpu_count()} cores, Python {platform.python_version()}"
    section = "\n".join([f"## `bench/{script}`", "", f"On {machine}:", "", "```", *lines, "```", ""])
    known = re.compile(rf"## `bench/{re.escape(script)}`\n.*?(?=\n## |\Z)", re.DOTALL)
    body = known.sub(lambda match: section.rstrip("\n") + "\n", body) if known.search(body) else f"{body}\n{section}"
    PAGE.write_text(body)
