"""Loaded by pytest before Django: which servers the tests talk to.

Without DATABASE_URL and REDIS_URL, embedded ones under `.data/test`, fast and thrown away at will. With them, those
servers; the database's name must then end in `_test`, because the tests empty it.
"""

import os
from pathlib import Path
from urllib.parse import urlsplit

ROOT = Path(__file__).resolve().parent.parent


def prepare() -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "core.settings")
    os.environ["DATABASE_LOGIN"] = "app"
    os.environ.setdefault("SECRET_KEY", "tests-only-" + "x" * 50)
    os.environ["EMAIL_URL"] = "memorymail://"
    os.environ["STATIC_STORAGE"] = "django.contrib.staticfiles.storage.StaticFilesStorage"
    os.environ["DEBUG"] = "false"
    os.environ["SITE_URL"] = "http://testserver"
    os.environ["ALLOWED_HOSTS"] = "testserver,localhost,127.0.0.1"
    # Playwright's synchronous API runs a loop in the test's thread, where Django would otherwise refuse its ORM.
    os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"
    address = os.environ.get("DATABASE_URL", "")
    if address and not urlsplit(address).path.endswith("_test"):
        raise SystemExit("The tests empty the database: DATABASE_URL must name one that ends in _test.")
    os.environ["EMBEDDED_FAST"] = "1"
    instance = os.environ.get("TEST_INSTANCE", "") + os.environ.get("PYTEST_XDIST_WORKER", "")
    data = ROOT / ".data" / f"test{instance and '-' + instance}"
    os.environ["DATA_DIR"] = str(data)
    # Servers serve what is collected; each client in this process would read it through once more.
    served, empty = data / "static", data / "no-static"
    for folder in (served, empty):
        folder.mkdir(parents=True, exist_ok=True)
    os.environ["STATIC_ROOT"] = str(empty)


prepare()
