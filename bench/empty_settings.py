"""The product's settings, with the addresses of `empty_urls`."""

from core.settings import *  # noqa: F403 - settings are a list of names

ROOT_URLCONF = "bench.empty_urls"
