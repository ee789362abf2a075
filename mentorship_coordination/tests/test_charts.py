"""The charts of the report …"""

from __future__ import annotations

from datetime import date

import pytest

from mentorship_coordination.selectors.sla_report import FinishedIn, Step
from mentorship_coordination.web.charts import BOTTOM, HEIGHT, TOP, bars_of, columns_of

MONDAY, SUNDAY = date(2026, 3, 2), date(2026, 3, 8)


def test_have_a_column_for_each_day_with_its_parts_on_top_of_each_other() -> None:
    chart = columns_of([FinishedIn(MONDAY, 10, 8), FinishedIn(SUNDAY, 4, 4)], MONDAY, SUNDAY, Step.DAY)
    assert chart is not None
    assert len(chart.columns) == 7
    first, empty = chart.columns[0], chart.columns[1]
    assert first.on_time_height + first.late_height == pytest.approx(HEIGHT - TOP - BOTTOM, abs=0.2)
    assert first.on_time_y == pytest.approx(TOP, abs=0.1)
    assert first.late_y == pytest.approx(first.on_time_y + first.on_time_height, abs=0.2)
    assert first.words == "2 Mar: 10 finished, 8 on time"
    assert (empty.on_time_height, empty.late_height) == (0, 0)
    assert chart.words == "14 items finished, 12 on time; the most in one day: 10 on 2 Mar."


def test_begin_weeks_on_monday() -> None:
    chart = columns_of([FinishedIn(MONDAY, 1, 0)], date(2026, 3, 4), date(2026, 3, 17), Step.WEEK)
    assert chart is not None
    assert [each.words.split(":")[0] for each in chart.columns] == [
        "the week of 2 Mar",
        "the week of 9 Mar",
        "the week of 16 Mar",
    ]


def test_are_none_where_nothing_was_finished() -> None:
    assert columns_of([], MONDAY, SUNDAY, Step.DAY) is None


@pytest.mark.parametrize(("most", "top"), [(1, 1), (2, 2), (3, 4), (37, 38), (123, 130), (4321, 4400)])
def test_have_a_scale_of_round_numbers(most: int, top: int) -> None:
    chart = columns_of([FinishedIn(MONDAY, most, most)], MONDAY, MONDAY, Step.DAY)
    assert chart is not None
    assert max(number for _, number in chart.lines) == top


def test_name_at_most_eight_columns() -> None:
    chart = columns_of([FinishedIn(MONDAY, 1, 1)], MONDAY, date(2026, 4, 12), Step.DAY)
    assert chart is not None
    assert len(chart.names) <= 8


def test_put_the_largest_bar_first_and_leave_out_nothing_but_noughts() -> None:
    bars = bars_of([("a", 1), ("b", 4), ("c", 0)])
    assert [(bar.name, bar.count, bar.percent) for bar in bars] == [("b", 4, 100.0), ("a", 1, 25.0)]
    assert bars_of([]) == []
