"""What a run of the crawl amounts to: one exit code, one word, one line that says what to do."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

HEALTHY, FAILED, UNHEALTHY, LOCKED = 0, 1, 3, 75
OUTCOMES = {HEALTHY: "healthy", FAILED: "failed", UNHEALTHY: "unhealthy", LOCKED: "locked"}


@dataclass(frozen=True, slots=True)
class Verdict:
    exit_code: int
    message: str

    @property
    def outcome(self) -> str:
        return OUTCOMES[self.exit_code]


def judge(reason: str, *, fatal: str | None, findings: Sequence[str], failed: int) -> Verdict:
    """Judge a run by the reason that Scrapy closed it for and by what it found.

    Healthy is only a run that went to its end, read every list completely, and had and understood every page.
    """
    if fatal:
        return Verdict(FAILED, fatal)
    if reason in ("shutdown", "start_error", "cancelled"):
        return Verdict(FAILED, f"the crawl was interrupted ({reason}): what it had is stored, run it again")
    problems = list(findings)
    if reason != "finished":
        problems.insert(0, f"the crawl stopped early ({reason})")
    if failed:
        problems.append(f"{failed} pages failed, their reasons are in table failures")
    if problems:
        return Verdict(UNHEALTHY, f"not healthy, run it again: {'; '.join(problems)}")
    return Verdict(HEALTHY, "healthy")
