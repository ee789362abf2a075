"""The compose file, which no test starts …"""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
import yaml
from django.conf import settings

BASE = Path(settings.BASE_DIR)
TEXT = (BASE / "docker-compose.yml").read_text()
SERVICES: dict[str, Any] = yaml.safe_load(TEXT)["services"]
OURS = [name for name, each in SERVICES.items() if "build" in each]
NAMED = set(re.findall(r"^(?:# )?([A-Z_]+)=", (BASE / ".env.example").read_text(), re.MULTILINE))


def test_runs_the_application_in_all_its_parts() -> None:
    assert OURS == ["migrate", "web", "stream", "worker", "beat"]


@pytest.mark.parametrize("service", OURS)
def test_lets_every_setting_reach_the_application(service: str) -> None:
    assert SERVICES[service]["env_file"] == [{"path": ".env", "required": False}]
    assert SERVICES[service]["environment"].keys() - {"PGOPTIONS"} <= NAMED


def test_asks_for_nothing_that_the_example_does_not_name() -> None:
    assert set(re.findall(r"\$\{([A-Z_]+)", TEXT)) <= NAMED


def test_keeps_its_data_where_the_image_has_the_volume() -> None:
    image = re.search(r"DATA_DIR=(\S+)", (BASE / "Dockerfile").read_text())
    assert image is not None
    for name in OURS:
        environment = SERVICES[name]["environment"]
        assert environment["DATA_DIR"] == image[1], name
        assert SERVICES[name]["volumes"] == [f"data:{image[1]}"], name
