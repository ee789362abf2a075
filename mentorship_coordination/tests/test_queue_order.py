"""The order of work is the index, the sort and the cursor …"""

from __future__ import annotations

from django.db import connection, transaction

from conftest import Cast
from mentorship_coordination.models.queue import QUEUE_ORDER
from mentorship_coordination.selectors.queue import list_items_of_mentor
from mentorship_coordination.tests.queue_world import mentor_acting, open_item


def test_so_a_page_of_the_mentors_queue_is_read_from_the_index_without_a_sort(cast: Cast) -> None:
    for _ in range(60):
        open_item(cast.enrolment)
    with mentor_acting(cast.mentor), transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute("SET LOCAL enable_seqscan = off")
            cursor.execute("SET LOCAL enable_bitmapscan = off")
            # A sort is still planned where no index gives the order.
            cursor.execute("SET LOCAL enable_sort = off")
        page = list_items_of_mentor(cast.mentor.pk).open().order_by(*QUEUE_ORDER)[:20]
        plan = page.explain()
    assert "queue_of_mentor" in plan
    assert "Sort" not in plan
