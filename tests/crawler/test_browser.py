"""Pages that build their text with scripts, in a real Chromium; and the crawl without one."""

import datetime as dt
import json
import os
import random
import signal
import subprocess
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from scrapy.settings import Settings

from crawler.archive import open_archive, read_articles
from crawler.browser import missing
from crawler.replica.server import serve
from crawler.replica.site import Site

from .conftest import PROJECT, Answer, Crawl, SmallSite, crawl_command, environment

pytestmark = pytest.mark.slow

Run = Callable[..., Crawl]
Rows = Callable[..., list[tuple[object, ...]]]

TODAY = dt.date(2026, 8, 20)


@pytest.fixture
def chromium() -> None:
    lack = missing(Settings({"BROWSER_ENABLED": True}))
    if lack and os.environ.get("CI") == "true":
        pytest.fail(lack)
    elif lack:
        pytest.skip(lack)


def by_script(page: str, then: str = "") -> Answer:
    """A page that a script puts in the place of nothing."""
    text = json.dumps(page).replace("</", "<\\/")
    script = f"addEventListener('load', () => {{ document.body.innerHTML = {text}; {then} }})"
    return Answer(f"<html><body><script>{script}</script></body></html>".encode())


def test_article_built_by_a_script_is_read_at_the_pace_of_the_crawl(
    chromium: None, crawl: Run, rows: Rows, tmp_path: Path
) -> None:
    site = Site(seed=4, days=1, per_day=21, today=TODAY)
    spoilt = site.listed(2)[3]
    with serve(site) as server:
        server.faults.set("scripted", spoilt)
        run = crawl(
            tmp_path / "rodong.db", server.url, BROWSER_ENABLED=1, DOWNLOAD_DELAY=0.1, DOWNLOAD_DELAY_JITTER=0
        )
        assert run.exit_code == 0
        assert "1 of 21 articles needed the browser" in run.log
        paths = [request.path for request in server.requests]
        assert len(set(paths)) == len(paths), "nothing is asked for twice, neither page nor script"
        assert {path.partition("?")[0] for path in paths} == {
            "/robots.txt",
            "/ko/",
            "/ko/index.php",
            "/ko/js/jquery.min.js",
            "/ko/js/reader.js",
            "/ko/data.php",
        }
        took = server.requests[-1].at - server.requests[0].at
        assert took > 0.1 * (len(paths) - 2), "scripts and their data wait their turn"
    found = {each.news_id: each for each in read_articles(open_archive(f"sqlite:///{tmp_path}/rodong.db"))}
    truth = site.article(spoilt)
    assert truth is not None
    assert (found[spoilt].title, found[spoilt].body) == (truth.title, truth.body)
    assert len(found) == 21
    marked = rows('SELECT news_id FROM pages WHERE headers LIKE \'%"X-Rendered-By", "Chromium/%\'')
    assert marked == [(spoilt,)]


def test_rendered_page_passes_the_gates_of_every_other(
    chromium: None, crawl: Run, rows: Rows, small_site: SmallSite
) -> None:
    ids = [f"2026-08-20-{number:03}" for number in range(1, 7)]
    good, wrong, blocked, unknown, photo, plain = ids
    small_site.lists = {2: ids}
    small_site.answers = {
        "home": by_script(small_site.home()),
        "1@@2@1@": by_script(small_site.list_page(2, 1)),
        good: by_script(small_site.article(good)),
        wrong: by_script(small_site.article(wrong) + f"<script>var newsID='{plain}'</script>"),
        blocked: by_script("차단", then="document.title = '차단 안내'"),
        unknown: by_script("<main>새 얼개</main>"),
        photo: Answer(
            '<div id="ContDIV"><p class="TitleP">호수</p><img src="호수.jpg"></div></html>'.encode()
        ),
    }
    run = crawl(BROWSER_ENABLED=1)
    assert run.exit_code == 3
    assert "4 of 6 articles needed the browser: has the site changed?" in run.last_line
    assert "Traceback" not in run.log
    assert rows("SELECT news_id, layout FROM articles ORDER BY 1") == [
        (good, "B"),
        (photo, "B-photo"),
        (plain, "B"),
    ]
    assert dict(rows("SELECT news_id, reason FROM failures")) == {  # type: ignore[arg-type]
        wrong: f"wrong article: asked for {wrong}, the page is {plain}",
        blocked: "blocked: a network filter answered, not the site",
        unknown: "unknown layout: no container of a known layout",
    }
    assert sorted(small_site.articles_asked()) == ids
    assert rows("SELECT count(*) FROM failures JOIN pages ON page_id = pages.id") == [(3,)]


def test_page_whose_script_never_ends_is_given_up(
    chromium: None, crawl: Run, rows: Rows, small_site: SmallSite
) -> None:
    small_site.answers["2026-08-20-001"] = by_script("<main>새 얼개</main>", then="for (;;);")
    run = crawl(BROWSER_ENABLED=1, BROWSER_TIMEOUT=2)
    assert (run.exit_code, "Traceback" in run.log) == (3, False)
    assert rows("SELECT reason FROM failures") == [
        ("unknown layout: and no browser could render it (it took longer than 2 s)",)
    ]
    assert rows("SELECT content FROM pages JOIN failures ON page_id = pages.id"), "the page as received"
    assert rows("SELECT count(*) FROM articles") == [(3,)]


def test_scripts_are_under_the_rules_of_robots_too(chromium: None, crawl: Run, tmp_path: Path) -> None:
    site = Site(seed=4, days=1, per_day=2, today=TODAY)
    with serve(site) as server:
        server.robots = "User-agent: *\nDisallow: /ko/data.php\n"
        server.faults.set("scripted", site.listed(2)[0])
        run = crawl(tmp_path / "rodong.db", server.url, BROWSER_ENABLED=1)
        assert run.exit_code == 3
        assert not any("data.php" in request.path for request in server.requests)
        assert any("reader.js" in request.path for request in server.requests)


def processes(mark: str) -> set[int]:
    """The processes, other than zombies, that carry a mark in their environment."""
    found = set()
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            if mark.encode() in (folder / "environ").read_bytes():
                found.add(int(folder.name))
        except OSError:
            continue
    return found


@pytest.mark.parametrize("killed", [False, True])
def test_no_browser_outlives_its_crawl(
    chromium: None, small_site: SmallSite, tmp_path: Path, killed: bool
) -> None:
    mark = f"CRAWL_OF_THIS_TEST={random.getrandbits(64)}"
    answer = by_script(small_site.article("2026-08-20-001"), then="for (;;);" if killed else "")
    small_site.answers["2026-08-20-001"] = answer
    command = crawl_command(tmp_path / "rodong.db", small_site.base_url, BROWSER_ENABLED=1, sections=2)
    name, _, value = mark.partition("=")
    with subprocess.Popen(
        command, cwd=PROJECT, env=environment() | {name: value}, stderr=subprocess.DEVNULL
    ) as process:
        deadline, seen = time.monotonic() + 60, set[int]()
        while killed and len(seen) < 4 and time.monotonic() < deadline:
            seen |= processes(mark)
        if killed:
            assert len(seen) >= 4, "the crawl, the browser's driver, the browser and processes of it"
            process.send_signal(signal.SIGKILL)
    assert process.returncode == (-signal.SIGKILL if killed else 3)
    deadline = time.monotonic() + 30
    while (left := processes(mark)) and time.monotonic() < deadline:
        time.sleep(0.02)
    assert left == set()


def test_without_a_browser_a_page_of_scripts_is_an_unknown_layout(
    crawl: Run, rows: Rows, small_site: SmallSite
) -> None:
    small_site.answers["2026-08-20-001"] = by_script(small_site.article("2026-08-20-001"))
    assert crawl().exit_code == 3
    assert rows("SELECT news_id, reason FROM failures") == [
        ("2026-08-20-001", "unknown layout: no container of a known layout")
    ]
    assert rows("SELECT count(*) FROM articles") == [(3,)]


HIDE = """
import importlib.util
find_spec = importlib.util.find_spec
importlib.util.find_spec = lambda name, *rest: None if name == "scrapy_playwright" else find_spec(name, *rest)
"""


@pytest.mark.parametrize(
    ("settings", "hidden", "exit_code", "message"),
    [
        ({"BROWSER_EXECUTABLE": "/no/chromium"}, "", 1, "needs Chromium: apt-get install chromium"),
        ({}, HIDE, 1, "needs scrapy-playwright: pip install '.[browser]'"),
        ({"BROWSER_ENABLED": "perhaps"}, "", 2, "BROWSER_ENABLED is 0 or 1"),
    ],
)
def test_enabled_browser_that_is_missing_ends_the_crawl_before_it_begins(
    small_site: SmallSite, tmp_path: Path, settings: dict[str, str], hidden: str, exit_code: int, message: str
) -> None:
    (tmp_path / "sitecustomize.py").write_text(hidden, encoding="utf-8")
    report = tmp_path / "report.json"
    command = crawl_command(tmp_path / "a.db", small_site.base_url, **({"BROWSER_ENABLED": 1} | settings))
    command += ["--report", str(report)]
    done = subprocess.run(
        command, cwd=PROJECT, env=environment(tmp_path), capture_output=True, text=True, timeout=60
    )
    assert done.returncode == exit_code
    assert message in done.stderr.strip().splitlines()[-1]
    assert "Traceback" not in done.stderr
    assert small_site.requests == []
    assert not (tmp_path / "a.db").exists()
    if exit_code == 1:
        assert json.loads(report.read_text(encoding="utf-8"))["exit_code"] == 1
