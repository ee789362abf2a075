"""Answers shaped by kept serializers …"""

from __future__ import annotations

from threading import Thread
from typing import Any

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
