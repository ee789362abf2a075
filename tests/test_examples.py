"""The examples of the documentation …"""

from __future__ import annotations

import re
from pathlib import Path

import yaml

ROOT = Path(__file__).parents[1]
REQUEST = re.compile(r"^(GET|POST) \{\{host\}\}/(\S+)$", re.MULTILINE)


def test_ask_for_addresses_that_there_are() -> None:
    paths = yaml.load((ROOT / "openapi.yaml").read_text(), yaml.CSafeLoader)["paths"]
    known = {
        (method.upper(), re.sub(r"\{\w+\}", "ID", path.removeprefix("/api/v1/")))
        for path, methods in paths.items()
        for method in methods
    }
    asked = {
        (method, re.sub(r"\{\{[^}]*\}\}", "ID", path.partition("?")[0]))
        for method, path in REQUEST.findall((ROOT / "docs" / "examples" / "main-loop.http").read_text())
    }
    assert len(asked) > 8
    assert asked - known == set()
