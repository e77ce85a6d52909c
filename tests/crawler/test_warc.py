"""WARC files: our own there and back, those of others through the gates, and files that break off."""

import datetime as dt
import gzip
import io
import shutil
import sqlite3
import subprocess
import sys
import zlib
from collections.abc import Callable, Iterator
from pathlib import Path
from urllib.parse import urljoin

import brotli
import pytest
import sqlalchemy as sa
from backports import zstd
from tqdm import tqdm
from warcio.archiveiterator import ArchiveIterator
from warcio.cli import main as warcio
from warcio.statusandheaders import StatusAndHeaders
from warcio.warcwriter import WARCWriter

from crawler.archive import open_archive, read_articles
from crawler.captures import store_capture
from crawler.database import writing
from crawler.history import texts
from crawler.items import Article, Capture, Failure, Listed, RawPage
from crawler.lock import ArchiveLock
from crawler.pages.tokens import encode
from crawler.replica.server import ReplicaServer, serve
from crawler.replica.site import Site
from crawler.replica.tokens import article_href, list_href
from crawler.replica.web_archive import GOOD, WebArchive
from crawler.storing import store
from crawler.warc_export import count_pages, export, wanted_pages
from crawler.warc_import import Import
from crawler.warc_records import WarcFile

from .conftest import scrapy

NEWS_ID = "2022-10-31-0012"
URL = f"http://www.rodong.rep.kp/ko/index.php?strPageID=SF01_02_01&newsID={NEWS_ID}"
TIME = dt.datetime(2022, 11, 1, 3, 0, 0, 123456, tzinfo=dt.UTC)
DAY = dt.timedelta(1)


def page(body: str = "남새가 자란다.", title: str = "온실의 아침", date: str = "2022년 10월 31일") -> bytes:
    return (
        f'<html><body><div id="article-date">{date}</div><div id="articleContent"><div id="ContDIV">'
        f'<p class="TitleP">{title}</p><p class="TextP">{body}</p></div></div></body></html>'
    ).encode()


def unknown(words: str = "새 얼개") -> bytes:
    return f"<html><body><main>{words}</main></body></html>".encode()


@pytest.fixture
def engine(tmp_path: Path) -> Iterator[sa.Engine]:
    engine = open_archive(f"sqlite:///{tmp_path}/rodong.db", create=True)
    yield engine
    engine.dispose()


def bring_in(engine: sa.Engine, *paths: Path, hosts: tuple[str, ...] = ()) -> Import:
    run = Import(engine, {"www.rodong.rep.kp", "rodong.rep.kp", *hosts})
    with tqdm(disable=True, total=1) as progress:
        run.read(paths, progress)
    return run


def rows(engine: sa.Engine, query: str) -> list[tuple[object, ...]]:
    with engine.connect() as connection:
        return [tuple(row) for row in connection.execute(sa.text(query))]


class TestExport:
    """There and back."""

    @pytest.fixture
    def full(self, tmp_path: Path) -> Iterator[sa.Engine]:
        """An archive with whatever may be in one."""
        engine = open_archive(f"sqlite:///{tmp_path}/full.db", create=True)
        photo = page("사진이 있다.<img src='data:image/jpeg;base64,AAAA'>")
        headers = (("Server", "Apache"), ("Content-Type", "text/html"), ("Content-Length", "99999"))
        headers += (("Transfer-Encoding", "chunked"), ("Set-Cookie", "a=1"), ("Set-Cookie", "b=2"))
        korean = page("글", date="").decode().encode("euc-kr")
        records = [
            self.article("2026-08-20-001", photo, "사진이 있다.", headers=headers),
            self.article(
                "2026-08-20-002", page("가", date=""), "가", sections=["오늘호 기사", "사설"], page=3
            ),
            self.article("2026-08-20-002", page("나", date=""), "나", sections=["사회문화생활"]),
            self.article("2026-08-21-N003", korean, "글", encoding="euc-kr", byline="림단비\n한기철 찍음"),
            Failure(
                "ko",
                "article",
                "2026-08-20-004",
                f"{URL}4",
                "unknown layout",
                (),
                self.raw(unknown(), f"{URL}4"),
            ),
            Failure(
                "ko",
                "article",
                "2026-08-20-005",
                f"{URL}5",
                "http 404",
                (),
                self.raw(b"none", f"{URL}5", 404),
            ),
            Failure(
                "ko",
                "list",
                "5:1",
                "http://x/",
                "unknown layout",
                (),
                self.raw(b"<p>list", "http://x/", kind="list"),
            ),
        ]
        with writing(engine) as connection:
            for number, record in enumerate(records):
                store(connection, record, TIME + number * DAY)  # type: ignore[arg-type]
            old = self.article(NEWS_ID, page("옛글"), "옛글", url=URL)
            address = f"https://web.archive.org/web/20221101030000id_/{URL}"
            store_capture(connection, Capture("ko", NEWS_ID, address, TIME, "ABC", old), TIME)
        yield engine
        engine.dispose()

    @staticmethod
    def raw(content: bytes, url: str, status: int = 200, kind: str = "article", **more: object) -> RawPage:
        return RawPage(kind, url, status, **({"encoding": "utf-8", "content": content} | more))  # type: ignore[arg-type]

    def article(self, news_id: str, content: bytes, body: str, **more: object) -> Article:
        url = str(more.pop("url", f"http://127.0.0.1:8765/ko/index.php?{encode(f'12@{news_id}@5@1@@0@1@')}"))
        sections, paper_page = more.pop("sections", []), more.pop("page", None)
        byline = str(more.pop("byline", ""))
        day, listed = dt.date.fromisoformat(news_id[:10]), Listed(sections, paper_page)  # type: ignore[arg-type]
        raw = self.raw(content, url, **more)  # type: ignore[arg-type]
        return Article("ko", news_id, day, None, "온실의 아침", "", body, byline, url, "B", listed, raw)

    def write(self, engine: sa.Engine, path: Path, *wanted: object) -> int:
        condition = wanted_pages(*(wanted or (None, None, None)))  # type: ignore[arg-type]
        count = len(list(export(engine, path, condition)))
        assert count == count_pages(engine, condition)
        return count

    @pytest.mark.parametrize("name", ["all.warc.gz", "all.warc"])
    def test_an_archive_comes_back_as_it_was(
        self, full: sa.Engine, engine: sa.Engine, tmp_path: Path, name: str
    ) -> None:
        assert self.write(full, tmp_path / name) == 8
        run = bring_in(engine, tmp_path / name)
        assert run.problems == []
        for query in (
            "SELECT language, news_id, issue_date, page, title, subtitle, body, byline, url, layout, content_hash, "
            "first_seen_at, last_seen_at FROM articles ORDER BY news_id",
            "SELECT news_id, section FROM article_sections JOIN articles ON id = article_id ORDER BY 1, 2",
            "SELECT title, body, replaced_at FROM revisions ORDER BY 3",
            "SELECT language, kind, news_id, url, status, encoding, fetched_at, content FROM pages ORDER BY sha256",
        ):
            assert rows(engine, query) == rows(full, query)
        assert len(rows(engine, "SELECT 1 FROM articles")) == 4
        assert rows(engine, "SELECT kind, key FROM failures") == [("capture", "2026-08-20-004")]
        assert rows(engine, "SELECT address FROM captures WHERE address LIKE 'http%'") == [
            (f"https://web.archive.org/web/20221101030000id_/{URL}",)
        ]

        before = [
            rows(engine, f"SELECT * FROM {table}") for table in ("articles", "pages", "captures", "failures")
        ]
        again = bring_in(engine, tmp_path / name)
        assert again.counts["known"] == 6
        assert before == [
            rows(engine, f"SELECT * FROM {table}") for table in ("articles", "pages", "captures", "failures")
        ]

    @pytest.mark.slow
    def test_a_server_takes_and_gives_the_same(self, full: sa.Engine, postgres: str, tmp_path: Path) -> None:
        self.write(full, tmp_path / "file.warc.gz")
        server = open_archive(postgres, create=True)
        assert bring_in(server, tmp_path / "file.warc.gz").problems == []
        assert list(read_articles(server)) == list(read_articles(full))
        assert self.write(server, tmp_path / "server.warc.gz", dt.date(2022, 1, 1), None, "ko") == 8
        names = ("file.warc.gz", "server.warc.gz")
        files = [WarcFile(tmp_path / name).answers() for name in names]
        assert [(each.url, each.address, each.fetched_at, each.body) for each in files[0]] == [
            (each.url, each.address, each.fetched_at, each.body) for each in files[1]
        ]
        server.dispose()

    def test_its_records_are_what_the_standard_wants(self, full: sa.Engine, tmp_path: Path) -> None:
        self.write(full, tmp_path / "all.warc.gz")
        with pytest.raises(SystemExit) as done:
            warcio(["check", str(tmp_path / "all.warc.gz")])
        assert done.value.code == 0
        with (tmp_path / "all.warc.gz").open("rb") as file:
            records = [
                (each.rec_type, each.rec_headers, each.http_headers, each.raw_stream.read())
                for each in ArchiveIterator(file)
            ]
        kind, info, _, text = records[0]
        assert (kind, info.protocol, info.get_header("WARC-Filename")) == (
            "warcinfo",
            "WARC/1.1",
            "all.warc.gz",
        )
        assert "photographs inside a page" in text.decode()
        answers = [each for each in records if each[0] == "response"]
        assert len(answers) == 8
        dates = [head.get_header("WARC-Date") for _, head, _, _ in answers]
        assert dates[0] == "2022-11-01T03:00:00.123456Z"
        assert dates == sorted(dates)
        for _, head, http, body in answers:
            assert head.get_header("WARC-Payload-Digest").startswith("sha1:")
            assert http.get_header("Content-Length") == str(len(body))
            assert http.get_header("Transfer-Encoding") is None
        photo = next(each for each in answers if b"data:," in each[3])
        assert photo[2].statusline == "200 OK"
        cookies = [value for name, value in photo[2].headers if name == "Set-Cookie"]
        assert cookies == ["a=1", "b=2"]
        assert sorted(each[2].get_statuscode() for each in answers) == ["200"] * 7 + ["404"]

    def test_the_same_pages_give_the_same_records(self, full: sa.Engine, tmp_path: Path) -> None:
        for name in ("a.warc", "b.warc"):
            self.write(full, tmp_path / name)
        with pytest.raises(SystemExit):
            warcio(["check", str(tmp_path / "a.warc")])
        ids = []
        for name in ("a.warc", "b.warc"):
            with (tmp_path / name).open("rb") as file:
                ids.append(
                    [each.rec_headers.get_header("WARC-Record-ID") for each in ArchiveIterator(file)][1:]
                )
        assert ids[0] == ids[1]

    def test_period_and_edition_choose_the_pages(self, full: sa.Engine, tmp_path: Path) -> None:
        path, day = tmp_path / "some.warc.gz", dt.date(2026, 8, 20)
        assert self.write(full, path, dt.date(2026, 8, 21), None, None) == 1
        assert self.write(full, path, day, day, "ko") == 5
        assert self.write(full, path, None, dt.date(2022, 12, 31), None) == 2, (
            "a list counts by its day of fetching"
        )
        assert count_pages(full, wanted_pages(None, None, "en")) == 0

    def test_an_export_that_fails_leaves_the_old_file(self, full: sa.Engine, tmp_path: Path) -> None:
        path = tmp_path / "warc" / "all.warc.gz"
        path.parent.mkdir()
        path.write_bytes(b"old")
        with writing(full) as connection:
            connection.execute(sa.text("UPDATE pages SET codec = 'none' WHERE id = 3"))
        with pytest.raises(ValueError, match="codec"):
            self.write(full, path)
        assert [each.read_bytes() for each in path.parent.iterdir()] == [b"old"]


def record(
    body: bytes,
    url: str = URL,
    *,
    at: dt.datetime = TIME,
    status: str = "200 OK",
    http: tuple[tuple[str, str], ...] = (("Content-Type", "text/html; charset=utf-8"),),
    kind: str = "response",
    **head: str,
) -> Callable[[WARCWriter], None]:
    """A record as other tools write it; names of `head` have _ for -."""

    def write(writer: WARCWriter) -> None:
        headers = {name.replace("_", "-"): value for name, value in head.items()}
        headers["WARC-Date"] = f"{at:%Y-%m-%dT%H:%M:%SZ}"
        answer = (
            StatusAndHeaders(status, list(http), protocol="HTTP/1.1")
            if kind in ("response", "revisit")
            else None
        )
        writer.write_record(
            writer.create_warc_record(
                url,
                kind,
                payload=io.BytesIO(body),
                length=len(body),
                http_headers=answer,
                warc_headers_dict=headers,
            )
        )

    return write


def warc(path: Path, *records: Callable[[WARCWriter], None]) -> Path:
    with path.open("wb") as file:
        writer = WARCWriter(file, gzip=path.suffix == ".gz")
        for each in records:
            each(writer)
    return path


def chunked(body: bytes) -> bytes:
    return b"".join(b"%x\r\n%s\r\n" % (len(part), part) for part in (body[:100], body[100:])) + b"0\r\n\r\n"


class TestForeignFiles:
    """Files of other tools."""

    @pytest.mark.parametrize(
        ("encoding", "squeeze"),
        [
            ("gzip", gzip.compress),
            ("x-gzip", gzip.compress),
            ("deflate", zlib.compress),
            ("br", brotli.compress),
            ("zstd", zstd.compress),
            ("identity", bytes),
            ("gzip", bytes),  # undone by the tool, which did not say so
        ],
    )
    @pytest.mark.parametrize("in_chunks", [False, True])
    def test_bodies_are_decoded(
        self,
        engine: sa.Engine,
        tmp_path: Path,
        encoding: str,
        squeeze: Callable[[bytes], bytes],
        in_chunks: bool,
    ) -> None:
        body = squeeze(page())
        http = (("Content-Type", "text/html"), ("Content-Encoding", encoding))
        if in_chunks:
            body, http = chunked(body), (*http, ("Transfer-Encoding", "chunked"))
        path = warc(tmp_path / "x.warc.gz", record(body, http=http))
        assert bring_in(engine, path).counts == {"new": 1}
        (found,) = read_articles(engine)
        assert (found.body, found.url) == ("남새가 자란다.", URL)
        assert rows(engine, "SELECT headers FROM pages") == [('[["Content-Type", "text/html"]]',)]
        assert rows(engine, "SELECT first_seen_at FROM articles") == [("2022-11-01 03:00:00.000000",)]

    def test_what_is_no_article_is_counted_by_its_reason_and_never_stored(
        self, engine: sa.Engine, tmp_path: Path
    ) -> None:
        blocked = "<html><meta name='kcsc' content='blocking'><title>차단 안내</title></html>".encode()
        lost = "<html><h1>알수 없는 주소</h1></html>".encode()
        other = page(date="2022년 10월 30일")
        home = "http://www.rodong.rep.kp/ko/"
        path = warc(
            tmp_path / "x.warc",
            record(b"software: x", kind="warcinfo", url=""),
            record(b"GET / HTTP/1.1\r\n\r\n", kind="request"),
            record(blocked),
            record(lost),
            record(b""),
            record(b"none", status="404 Not Found"),
            record(other),
            record(page()[:-20]),
            record(page()[:-20], WARC_Truncated="length"),
            record(page(), http=(("Content-Encoding", "compress"),)),
            record(page(), url=home),
            record(page(), url=f"{home}index.php?{encode('1@@5@1@')}"),
            record(page(), url="http://example.org/ko/index.php?" + URL.partition("?")[2]),
            record(b"x", kind="resource"),
        )
        run = bring_in(engine, path)
        assert run.problems == []
        assert run.counts == {
            "blocked": 1,
            "not found": 1,
            "empty page": 1,
            "http 404": 1,
            "wrong article": 1,
            "truncated page": 2,
            "unknown encoding of the content": 1,
            "no article (lists, pictures and the like)": 2,
            "of another site": 1,
            "resource record": 1,
        }
        for table in ("articles", "pages", "failures", "captures"):
            assert rows(engine, f"SELECT count(*) FROM {table}") == [(0,)]

    def test_an_unknown_layout_is_kept_until_a_parser_or_another_capture_knows_better(
        self, engine: sa.Engine, tmp_path: Path
    ) -> None:
        run = bring_in(engine, warc(tmp_path / "x.warc", record(unknown())))
        assert run.counts == {"unknown layout": 1}
        assert rows(engine, "SELECT kind, news_id, page_id FROM failures") == [("capture", NEWS_ID, 1)]
        assert bring_in(engine, tmp_path / "x.warc").counts == {"known": 1}
        assert bring_in(engine, warc(tmp_path / "y.warc", record(page()))).counts == {"new": 1}
        assert rows(engine, "SELECT count(*) FROM failures") == [(0,)]

    def test_an_older_capture_never_replaces_a_newer_text(self, engine: sa.Engine, tmp_path: Path) -> None:
        for name, body, days in (("b", "나", 4), ("a", "가", 0), ("c", "다", 8)):
            path = warc(tmp_path / f"{name}.warc", record(page(body), at=TIME + days * DAY))
            assert bring_in(engine, path).counts.total() == 1
        found = texts(engine, "ko", NEWS_ID)
        assert [(each.body, each.since.day) for each in found] == [("가", 1), ("나", 5), ("다", 9)]

    def test_a_revisit_is_a_sighting_of_the_page_that_it_repeats(
        self, engine: sa.Engine, tmp_path: Path
    ) -> None:
        digest = "sha1:ABCDEFGHIJKLMNOPQRSTUVWXYZ234567"
        path = warc(
            tmp_path / "x.warc.gz",
            record(page(), WARC_Payload_Digest=digest),
            record(b"", kind="revisit", at=TIME + 9 * DAY, WARC_Payload_Digest=digest),
            record(b"", kind="revisit", at=TIME + 9 * DAY, WARC_Payload_Digest="sha1:OTHER"),
            record(b"", kind="revisit", url="http://example.org/", WARC_Payload_Digest=digest),
        )
        assert bring_in(engine, path).counts == {
            "new": 1,
            "seen again (revisit)": 1,
            "revisit of a page that is not in these files": 1,
            "of another site": 1,
        }
        assert rows(engine, "SELECT first_seen_at, last_seen_at FROM articles") == [
            ("2022-11-01 03:00:00.000000", "2022-11-10 03:00:00.000000")
        ]

    def test_a_file_compressed_in_one_piece_is_read_too(self, engine: sa.Engine, tmp_path: Path) -> None:
        other = URL.replace("0012", "0013")
        plain = warc(tmp_path / "x.warc", record(page("가")), record(page("나"), url=other))
        (tmp_path / "x.warc.gz").write_bytes(gzip.compress(plain.read_bytes()))
        assert bring_in(engine, tmp_path / "x.warc.gz").counts == {"new": 2}

    @pytest.mark.parametrize("name", ["x.warc", "x.warc.gz"])
    def test_a_file_that_was_cut_off_gives_what_came_before_the_cut(self, tmp_path: Path, name: str) -> None:
        urls = [URL.replace("0012", f"00{number}") for number in (12, 13, 14)]
        records = [record(page(f"글 {url}"), url=url) for url in urls]
        ends = [warc(tmp_path / name, *records[:n]).stat().st_size for n in (1, 2, 3)]
        whole = (tmp_path / name).read_bytes()
        tail = 4 if name.endswith("c") else 16  # the last bytes of a record hold nothing of it
        for cut in range(1, len(whole), 97):
            (tmp_path / name).write_bytes(whole[:cut])
            engine = open_archive(f"sqlite:///{tmp_path}/{cut}.db", create=True)
            run = bring_in(engine, tmp_path / name)
            least, most = sum(end <= cut for end in ends), sum(end - tail <= cut for end in ends)
            assert least <= run.counts["new"] <= most
            if cut not in ends and least == most:
                assert len(run.problems) == 1
                assert f"cannot be read beyond its record {most}" in run.problems[0]
            (tmp_path / name).write_bytes(whole)
            run = bring_in(engine, tmp_path / name)
            assert (run.counts["new"] + run.counts["known"], run.problems) == (3, [])
            assert len(list(read_articles(engine))) == 3
            engine.dispose()

    def test_damage_in_the_middle_stops_there(self, engine: sa.Engine, tmp_path: Path) -> None:
        urls = [URL.replace("0012", f"00{number}") for number in (12, 13, 14)]
        records = [record(page(f"글 {url}"), url=url) for url in urls]
        first = warc(tmp_path / "x.warc.gz", records[0]).stat().st_size
        content = bytearray(warc(tmp_path / "x.warc.gz", *records).read_bytes())
        content[first + 150] ^= 0xFF
        (tmp_path / "x.warc.gz").write_bytes(content)
        run = bring_in(engine, tmp_path / "x.warc.gz")
        assert run.counts == {"new": 1}
        assert "beyond its record 1" in run.problems[0]

    @pytest.mark.parametrize("content", [b"", b"hello\nworld\n", b"\x1f\x8bhello"])
    def test_what_is_no_warc_file_is_said_to_be_none(
        self, engine: sa.Engine, tmp_path: Path, content: bytes
    ) -> None:
        (tmp_path / "x.warc").write_bytes(content)
        good = warc(tmp_path / "y.warc", record(page()))
        run = bring_in(engine, tmp_path / "x.warc", good)
        assert len(run.problems) == 1
        assert "x.warc cannot be read beyond its record 0" in run.problems[0]
        assert run.counts == {"new": 1}, "the other files are imported all the same"


@pytest.fixture(scope="module")
def server() -> Iterator[ReplicaServer]:
    with serve(Site(seed=4, days=2, per_day=6, today=dt.date(2026, 8, 20))) as running:
        yield running


RECORD = """
from warcio.capture_http import capture_http
import http.client, sys
from urllib.parse import urlsplit
with capture_http(sys.argv[1], warc_version="1.1"):
    for url in sys.argv[2:]:
        parts = urlsplit(url)
        connection = http.client.HTTPConnection(parts.netloc)
        connection.request("GET", url.partition(parts.netloc)[2])
        connection.getresponse().read()
"""


@pytest.mark.slow
class TestOtherTools:
    """Files that other programs made of the replica."""

    @pytest.fixture
    def urls(self, server: ReplicaServer) -> list[str]:
        server.faults.clear()
        ids = server.site.listed(2)
        server.faults.set("blocked", ids[0])
        hrefs = ["", list_href(2), *(article_href(news_id, 2, n) for n, news_id in enumerate(ids, 1))]
        return [urljoin(server.url, href) for href in [*hrefs, article_href("2026-08-20-900", 2, 1)]]

    def check(self, engine: sa.Engine, path: Path, server: ReplicaServer) -> None:
        run = bring_in(engine, path, hosts=("127.0.0.1",))
        expected = {news_id: server.site.article(news_id) for news_id in server.site.listed(2)[1:]}
        assert {each.news_id: each.body for each in read_articles(engine)} == {
            news_id: article.body for news_id, article in expected.items() if article
        }
        assert (run.counts["new"], run.counts["blocked"], run.counts["not found"]) == (len(expected), 1, 1)
        assert run.problems == []

    def test_warcio(self, engine: sa.Engine, server: ReplicaServer, urls: list[str], tmp_path: Path) -> None:
        path = tmp_path / "recorded.warc.gz"
        subprocess.run([sys.executable, "-c", RECORD, str(path), *urls], check=True)
        self.check(engine, path, server)

    @pytest.mark.skipif(shutil.which("wget") is None, reason="wget is not installed")
    def test_wget(self, engine: sa.Engine, server: ReplicaServer, urls: list[str], tmp_path: Path) -> None:
        command = ["wget", "--quiet", "--output-document=/dev/null", "--warc-file=got", *urls]
        subprocess.run(command, cwd=tmp_path, check=True)
        self.check(engine, tmp_path / "got.warc.gz", server)


@pytest.mark.slow
class TestCommand:
    def test_export_and_import_from_the_command_line(self, engine: sa.Engine, tmp_path: Path) -> None:
        good = [
            each
            for each in WebArchive(Site(days=2, today=dt.date(2026, 8, 20))).captures
            if each.kind == GOOD
        ]
        path = warc(tmp_path / "x.warc.gz", *(record(each.body, url=each.original) for each in good[:12]))
        url = f"ARCHIVE_URL=sqlite:///{tmp_path}/new.db"
        done = scrapy("warc", "import", str(path), "-s", url)
        assert (done.returncode, done.stderr) == (0, "")
        counts = {line.split(maxsplit=1)[1]: int(line.split()[0]) for line in done.stdout.splitlines()}
        assert sum(counts.values()) == 12
        done = scrapy("warc", "export", str(tmp_path / "y.warc.gz"), "-s", url)
        assert done.returncode == 0
        with sqlite3.connect(tmp_path / "new.db") as archive:
            (count,) = archive.execute("SELECT count(*) FROM pages").fetchone()
        assert f"y.warc.gz: {count} pages" in done.stdout

        path.write_bytes(path.read_bytes()[:-100])
        done = scrapy("warc", "import", str(path), "-s", url)
        assert done.returncode == 1
        assert done.stderr.splitlines() == [
            f"warc: {path} cannot be read beyond its record 11 (the file is cut off): get it anew and import it again"
        ]
        with ArchiveLock(open_archive(f"sqlite:///{tmp_path}/new.db")):
            assert scrapy("warc", "import", str(path), "-s", url).returncode == 75

    def test_what_is_wrong_is_one_line(self, tmp_path: Path) -> None:
        url = f"ARCHIVE_URL=sqlite:///{tmp_path}/none.db"
        done = scrapy("warc", "import", str(tmp_path / "none.warc"), "-s", url)
        assert (done.returncode, done.stderr) == (
            1,
            f"warc: {tmp_path}/none.warc: No such file or directory\n",
        )
        assert not (tmp_path / "none.db").exists()
        assert scrapy("warc", "export", str(tmp_path / "x.warc"), "-s", url).returncode == 1
        assert scrapy("warc", "export", "-s", url).returncode == 2
        assert scrapy("warc", "import", "x", "--since", "2026-01-01", "-s", url).returncode == 2
