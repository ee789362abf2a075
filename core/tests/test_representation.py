"""Answers shaped by kept serializers …"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone
from decimal import Decimal
from threading import Thread
from types import SimpleNamespace
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

import pytest
from django.utils.timezone import override
from rest_framework import serializers

from core.api.representation import represent, represent_each


class Inner(serializers.Serializer[Any]):
    name = serializers.CharField()


class Outer(serializers.Serializer[Any]):
    inner = Inner(many=True)
    asked = serializers.SerializerMethodField()

    def get_asked(self, row: Any) -> Any:
        return self.context["asked"]


ROW = {"inner": [{"name": "a"}, {"name": "b"}]}


def test_are_those_of_new_ones() -> None:
    for asked in (1, 2):
        assert represent(Outer, ROW, asked=asked) == Outer(ROW, context={"asked": asked}).data
        assert represent_each(Outer, [ROW], asked=asked) == list(Outer([ROW], many=True, context={"asked": asked}).data)


class Everything(serializers.Serializer[Any]):
    """A field of each way to be read or written."""

    text = serializers.CharField()
    number = serializers.IntegerField()
    share = serializers.FloatField()
    is_done = serializers.BooleanField()
    id = serializers.UUIDField()
    hex = serializers.UUIDField(format="hex", source="id")
    at = serializers.DateTimeField()
    day = serializers.DateTimeField(format="%d.%m.", source="at")
    there = serializers.DateTimeField(default_timezone=ZoneInfo("Asia/Tokyo"), source="at")
    kind = serializers.ChoiceField(choices=[("a", "A")])
    name = serializers.CharField(source="inner.name")
    called = serializers.CharField(source="method")
    missing = serializers.CharField(default="given")
    unset = serializers.CharField(required=False)
    empty = serializers.CharField(allow_null=True)
    gone = serializers.CharField(source="inner.nobody", default=None)
    one = Inner(source="inner")
    few = Inner(many=True)
    whole = Inner(source="*")
    words = serializers.ListField(child=serializers.CharField())
    amount = serializers.DecimalField(max_digits=5, decimal_places=2)
    secret = serializers.CharField(write_only=True)
    told = serializers.SerializerMethodField()

    def get_told(self, row: Any) -> Any:
        return self.context.get("told")


VALUES = {
    "text": 7, "number": "12", "share": Decimal("0.5"), "is_done": 1, "id": UUID(int=5), "kind": "a",
    "method": "called", "at": datetime(2026, 3, 1, 9, 0, 0, 250, tzinfo=UTC), "empty": None, "name": "whole",
    "few": [{"name": "c"}],
    "words": ["x", 1], "amount": Decimal("1.5"), "inner": SimpleNamespace(name="inner"),
}  # fmt: skip


@pytest.mark.parametrize(
    "at",
    [
        VALUES["at"],
        datetime(2026, 3, 1, 9, tzinfo=ZoneInfo("Europe/Berlin")),
        datetime(2026, 3, 1, 9, tzinfo=timezone(-timedelta(hours=3))),
        None,
    ],
)
@pytest.mark.parametrize("make", [dict, SimpleNamespace])
@pytest.mark.parametrize("zone", ["UTC", "Europe/Berlin"])
def test_are_the_frameworks_own_for_every_field(make: Any, at: datetime | None, zone: str) -> None:
    row = make(**{**VALUES, "at": at, "method": (lambda: "called") if make is not dict else "called"})
    with override(zone):
        found = represent(Everything, row, told=1)
        assert found == Everything(row, context={"told": 1}).data
    assert set(Everything().fields) - set(found) == {"unset", "secret"}


def test_what_a_row_lacks_is_a_fault_as_ever() -> None:
    for shape, row in ((Inner, {}), (Inner, SimpleNamespace())):
        with pytest.raises((KeyError, AttributeError), match="name"):
            represent(shape, row)


def test_serializers_with_a_way_of_their_own_keep_it() -> None:
    class Loud(Inner):
        def to_representation(self, instance: Any) -> Any:
            return {"name": super().to_representation(instance)["name"].upper()}

    class Holder(serializers.Serializer[Any]):
        one = Loud()
        few = Loud(many=True)

    row = {"one": {"name": "a"}, "few": [{"name": "b"}]}
    assert represent(Loud, row["one"]) == {"name": "A"}
    assert represent(Holder, row) == {"one": {"name": "A"}, "few": [{"name": "B"}]}


def test_keep_the_contexts_of_threads_apart() -> None:
    found = []

    class Waiting:
        @property
        def inner(self) -> list[Any]:
            other = Thread(target=lambda: found.append(represent(Outer, ROW, asked="other")["asked"]))
            other.start()
            other.join()
            return []

    assert represent(Outer, Waiting(), asked="mine")["asked"] == "mine"
    assert found == ["other"]
