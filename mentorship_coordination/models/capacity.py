"""When a mentor carried more than she can. Source: product.md §6."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import F, Q

from core.identifiers import new_id
from mentorship_coordination.enums import CapacityKind


class CapacityEpisode(models.Model):
    """From the check that first saw a mentor over one of her limits to the one that saw her within it again."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    mentor = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="+")
    kind = models.CharField(max_length=12, choices=CapacityKind)
    figure = models.PositiveIntegerField(help_text="What she carried when it began.")
    limit = models.PositiveIntegerField()
    began_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ("-began_at", "-id")
        constraints = (
            models.UniqueConstraint(
                fields=["mentor", "kind"], condition=Q(ended_at__isnull=True), name="one_open_capacity_episode"
            ),
            models.CheckConstraint(condition=Q(figure__gt=F("limit")), name="overload_is_over_a_limit"),
            models.CheckConstraint(
                condition=Q(ended_at__isnull=True) | Q(ended_at__gte=F("began_at")), name="overload_ends_after_start"
            ),
        )

    def __str__(self) -> str:
        return f"{self.figure} {self.get_kind_display()}, {self.limit} at most"
