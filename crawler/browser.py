"""A browser for pages that build their text with scripts: where BROWSER_ENABLED is set, and for no other page."""

from __future__ import annotations

import importlib.util
import os
import shutil

from scrapy.exceptions import NotConfigured
from scrapy.settings import BaseSettings

_NAMES = ("chromium", "chromium-browser", "google-chrome-stable", "google-chrome")


class Browser:
    """Scrapy add-on: sets the browser up where it is enabled and nothing is missing, and changes nothing else."""

    def update_settings(self, settings: BaseSettings) -> None:
        if not settings.getbool("BROWSER_ENABLED") or missing(settings):
            raise NotConfigured
        changes = {
            "DOWNLOAD_HANDLERS": dict.fromkeys(("http", "https"), "crawler.rendering.BrowserHandler"),
            "PLAYWRIGHT_LAUNCH_OPTIONS": {
                "executable_path": _executable(settings),
                # Chromium refuses to give root its sandbox.
                "chromium_sandbox": os.geteuid() != 0,
            },
            "PLAYWRIGHT_MAX_CONTEXTS": 1,
            "PLAYWRIGHT_MAX_PAGES_PER_CONTEXT": 1,
            "PLAYWRIGHT_DEFAULT_NAVIGATION_TIMEOUT": settings.getfloat("BROWSER_TIMEOUT") * 1000,
            "DOWNLOAD_SLOTS": {"browser": {"concurrency": 1, "delay": 0, "jitter": 0}},
        }
        for name, value in changes.items():
            settings.set(name, value, priority="addon")


def missing(settings: BaseSettings) -> str | None:
    """What an enabled browser lacks and how to get it, None where it lacks nothing or is not enabled."""
    if not settings.getbool("BROWSER_ENABLED"):
        return None
    if importlib.util.find_spec("scrapy_playwright") is None:
        return "BROWSER_ENABLED needs scrapy-playwright: pip install '.[browser]', or leave the browser off"
    if _executable(settings) is None:
        return "BROWSER_ENABLED needs Chromium: apt-get install chromium, or leave the browser off"
    return None


def _executable(settings: BaseSettings) -> str | None:
    names = (settings["BROWSER_EXECUTABLE"],) if settings["BROWSER_EXECUTABLE"] else _NAMES
    return next((path for name in names if (path := shutil.which(name))), None)
