from __future__ import annotations

import structlog
from celery import shared_task
from django.db import transaction

from core import clock
from core.periodic import register_job
from core.tenancy.tasks import SystemTask
from mentorship_coordination.actions.capacity import check_mentor_capacity as check
from mentorship_coordination.actions.match_publishing import (
    is_worth_a_run,
    match_cohort_automatically,
    publish_match_run,
)
from mentorship_coordination.actions.match_runs import MATCH_RUNS, DraftExists, RunClosed, note_failed_publication
from mentorship_coordination.actions.match_solving import solve_match_run
from mentorship_coordination.enums import MatchRunState
from mentorship_coordination.selectors.match_runs import find_publisher, list_runs_to_carry_out
from mentorship_coordination.selectors.matching import get_pools, list_cohorts_to_match

CAPACITY = "mentorship_coordination.check_mentor_capacity"

logger = structlog.get_logger(__name__)


class CohortsNotMatched(Exception):
    """Some cohorts could not be matched; the others were."""


class RunsUnfinished(Exception):
    """Some runs could not be carried out; the others were."""


@shared_task(base=SystemTask, name="mentorship_coordination.auto_match_mentors")
def auto_match_mentors() -> int:
    """Match each cohort that wants it, one transaction a cohort; returns how many pairs began.

    Mentors are read once for all cohorts, and again for those of which something may be done. A cohort that fails does
    not hold up the others. Raises CohortsNotMatched at the end, so that somebody sees it.
    """
    with transaction.atomic():
        cohorts = list_cohorts_to_match()
        pools = get_pools(cohorts, clock.now())
    started, failed = 0, []
    for cohort_id, pool in pools.items():
        try:
            with transaction.atomic():
                is_worth_it = is_worth_a_run(cohort_id, pool)
            run = match_cohort_automatically(cohort_id=cohort_id, at=clock.now()) if is_worth_it else None
        except DraftExists:
            logger.info("a director's draft is open", cohort=str(cohort_id))
        except Exception:
            logger.exception("a cohort could not be matched", cohort=str(cohort_id))
            failed.append(str(cohort_id))
        else:
            started += run.summary.get("published", 0) if run else 0
    if failed:
        raise CohortsNotMatched(f"{len(failed)} of {len(cohorts)} cohorts could not be matched: {', '.join(failed)}")
    return started


@shared_task(base=SystemTask, name=MATCH_RUNS)
def carry_out_match_runs() -> int:
    """Solve the runs that were asked for, publish those that are to be; returns how many came to an end.

    One that fails does not hold up the others. Raises RunsUnfinished at the end, so that somebody sees it.
    """
    with transaction.atomic():
        runs = list_runs_to_carry_out(clock.now())
    settled, failed = 0, []
    for run_id, state in runs:
        try:
            if state == MatchRunState.PUBLISHING:
                with transaction.atomic():
                    publish_match_run(run_id=run_id, by=find_publisher(run_id), at=clock.now())
                settled += 1
            else:
                settled += solve_match_run(run_id=run_id, at=clock.now())
        except RunClosed:
            logger.info("another worker was faster", run=str(run_id))
        except Exception:
            logger.exception("a run could not be carried out", run=str(run_id))
            if state == MatchRunState.PUBLISHING:
                note_failed_publication(run_id=run_id)
            failed.append(str(run_id))
    if failed:
        raise RunsUnfinished(f"{len(failed)} of {len(runs)}: {', '.join(failed)}")
    return settled


@shared_task(base=SystemTask, name=CAPACITY)
def check_mentor_capacity() -> int:
    """Tell overloaded mentors and their directors, once per episode."""
    return check(at=clock.now())


register_job("auto_match_mentors", "mentorship_coordination.auto_match_mentors", every_seconds=60)
register_job("carry_out_match_runs", MATCH_RUNS, every_seconds=30)
register_job("check_mentor_capacity", CAPACITY, every_seconds=300)
