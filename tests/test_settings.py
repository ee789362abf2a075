import re
from pathlib import Path

from django.conf import settings

SETTINGS = Path(settings.BASE_DIR) / "core" / "settings.py"
#: By commands and by the launcher of the embedded server.
READ_ELSEWHERE = {"SEED_PASSWORD", "DATABASE_ADMIN_URL", "PG_BINDIR"}
EXAMPLE = Path(settings.BASE_DIR) / ".env.example"


def test_example_environment_names_every_variable_and_no_other() -> None:
    read = set(re.findall(r"env\.\w+\(\s*\"([A-Z_]+)\"", SETTINGS.read_text()))
    named = set(re.findall(r"^([A-Z_]+)=", EXAMPLE.read_text(), re.MULTILINE))
    assert named == read | READ_ELSEWHERE


def test_settings_stay_a_page_that_can_be_read() -> None:
    assert len(SETTINGS.read_text().splitlines()) < 300
