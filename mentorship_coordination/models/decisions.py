"""What a director has put off until later. Source: product.md §1."""

from __future__ import annotations

from django.conf import settings
from django.db import models

from core.identifiers import new_id


class DecisionSnooze(models.Model):
    """`key` names what was to be decided; it is out of the director's sight until `until`, and of hers alone."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    director = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="+", db_index=False)
    key = models.CharField(max_length=120)
    until = models.DateTimeField()
    created_at = models.DateTimeField()

    class Meta:
        ordering = ("until", "id")
        constraints = (models.UniqueConstraint(fields=["director", "key"], name="decision_put_off_once"),)

    def __str__(self) -> str:
        return self.key
