"""The Grafana dashboard …"""

from __future__ import annotations

import json
import re
from pathlib import Path

from django.test import Client

BOARD = Path(__file__).parents[2] / "docs" / "grafana" / "mentorship.json"
NAME = re.compile(r"mentorship_[a-z_]+")


def test_asks_for_metrics_that_there_are(db: None) -> None:
    client = Client()
    client.get("/healthz")
    told = set(NAME.findall(client.get("/metrics").content.decode()))
    board = json.loads(BOARD.read_text())
    asked = {name for panel in board["panels"] for target in panel["targets"] for name in NAME.findall(target["expr"])}
    assert len(asked) > 10
    assert asked - told == set()


def test_has_a_title_and_a_place_for_each_panel() -> None:
    panels = json.loads(BOARD.read_text())["panels"]
    assert len({panel["title"] for panel in panels}) == len(panels)
    places = [(panel["gridPos"]["x"], panel["gridPos"]["y"]) for panel in panels]
    assert len(set(places)) == len(places)
