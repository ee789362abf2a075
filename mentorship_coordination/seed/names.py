"""People for a demonstration: deterministic, distinct, with plausible names, languages and zones."""

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from random import Random
from typing import Final

from mentorship_coordination.seed.regions import REGIONS, Region, Weighted

_MOVED_AWAY: Final = 0.04
_MIXED_NAME: Final = 0.06
_TRIES_IN_REGION: Final = 6
# Letters that Unicode does not take apart into a base letter and a mark.
_LETTERS: Final = str.maketrans(
    {
        "ß": "ss",
        "ø": "o",
        "Ø": "O",
        "ł": "l",
        "Ł": "L",
        "đ": "d",
        "Đ": "D",
        "æ": "ae",
        "ı": "i",
        "ð": "d",
        "þ": "th",
    }
)


@dataclass(frozen=True)
class SeedPerson:
    """`email_local` is ASCII and unique within one drawing; `languages` are ISO 639-1; `timezone` is IANA."""

    name: str
    email_local: str
    languages: tuple[str, ...]
    timezone: str


def draw_people(random: Random, count: int) -> list[SeedPerson]:
    """`count` people with distinct names and addresses, the same for the same state of `random`.

    Raises ValueError when `count` is negative or more than nine tenths of all given × family names.
    """
    if not 0 <= count <= most_people():
        raise ValueError(f"Between 0 and {most_people()} people can be drawn, not {count}.")
    taken: set[str] = set()
    return [_draw_person(random, taken) for _ in range(count)]


def most_people() -> int:
    """How many people one drawing can give: nine tenths of all combinations, so that drawing stays fast."""
    given = {email_word(name) for region in REGIONS for name in region.given}
    family = {email_word(name) for region in REGIONS for name in region.family}
    return len(given) * len(family) * 9 // 10


def email_word(name: str) -> str:
    """A name in lower-case ASCII letters only: "Ní Bhriain" gives "nibhriain"."""
    plain = unicodedata.normalize("NFKD", name.translate(_LETTERS)).encode("ascii", "ignore").decode()
    return re.sub(r"[^a-z]", "", plain.lower())


def _draw_person(random: Random, taken: set[str]) -> SeedPerson:
    region = random.choices(REGIONS, weights=[each.weight for each in REGIONS])[0]
    given, family = _free_name(random, region, taken)
    home = random.choice(REGIONS) if random.random() < _MOVED_AWAY else region
    return SeedPerson(
        name=f"{given} {family}",
        email_local=f"{email_word(given)}.{email_word(family)}",
        languages=tuple(_weighted(random, region.languages).split(",")),
        timezone=_weighted(random, home.zones),
    )


def _free_name(random: Random, region: Region, taken: set[str]) -> tuple[str, str]:
    """A name not drawn yet: from one region first, across regions when that region runs out of names."""
    tries = 0
    while True:
        tries += 1
        mixed = tries > _TRIES_IN_REGION or random.random() < _MIXED_NAME
        given = random.choice((random.choice(REGIONS) if tries > 2 * _TRIES_IN_REGION else region).given)
        family = random.choice((random.choice(REGIONS) if mixed else region).family)
        key = f"{email_word(given)}.{email_word(family)}"
        if key not in taken:
            taken.add(key)
            return given, family


def _weighted(random: Random, options: Weighted) -> str:
    values: Sequence[str] = [value for value, _ in options]
    return random.choices(values, weights=[weight for _, weight in options])[0]
