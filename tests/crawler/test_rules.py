"""The rules of a crawl that need neither site nor archive."""

import datetime as dt

import pytest

from crawler.archive import FailedArticle
from crawler.arguments import ArgumentError, parse_arguments
from crawler.ledger import Ledger
from crawler.listing import MAX_RESTARTS, Listing
from crawler.pages.home import SectionLink
from crawler.pages.list_page import ListEntry, ListPage
from crawler.pages.tokens import encode
from crawler.patience import MAX_BLOCKS, MAX_SILENCE, Patience
from crawler.sections import choose_sections
from crawler.verdict import judge


class TestArguments:
    def test_defaults_are_the_korean_edition_and_a_week(self) -> None:
        arguments = parse_arguments()
        assert (arguments.base_url, arguments.language) == ("http://www.rodong.rep.kp/ko/", "ko")
        assert (arguments.sections, arguments.revisit_days) == ((), 7)

    @pytest.mark.parametrize(
        ("given", "base_url", "language"),
        [
            ({"language": "en"}, "http://www.rodong.rep.kp/en/", "en"),
            ({"base_url": "http://localhost:8765/cn"}, "http://localhost:8765/cn/", "cn"),
            ({"base_url": "http://localhost:8765/"}, "http://localhost:8765/", "ko"),
            (
                {"base_url": "http://localhost/index.php", "language": "en"},
                "http://localhost/index.php",
                "en",
            ),
        ],
    )
    def test_address_and_language_agree(self, given: dict[str, str], base_url: str, language: str) -> None:
        arguments = parse_arguments(**given)  # type: ignore[arg-type]
        assert (arguments.base_url, arguments.language) == (base_url, language)

    @pytest.mark.parametrize(
        ("given", "sections"),
        [
            ("5", (5,)),
            ("오늘호 기사,사회문화생활", (2, 5)),
            ("유구한 력사,찬란한 문화", (7,)),
            ("1, 유구한 력사, 찬란한 문화 ,오늘호기사", (1, 7, 2)),
            ("새로운 부문", ("새로운부문",)),
            ("", ()),
        ],
    )
    def test_sections_are_labels_or_numbers(self, given: str, sections: tuple[int | str, ...]) -> None:
        assert parse_arguments(sections=given).sections == sections

    @pytest.mark.parametrize(
        "wrong",
        [
            {"since": "2026-13-01"},
            {"until": "gestern"},
            {"since": "2026-08-21", "until": "2026-08-20"},
            {"revisit_days": "-1"},
            {"revisit_days": "week"},
            {"language": "fr"},
            {"base_url": "rodong"},
            {"base_url": "ftp://host/ko/"},
            {"base_url": "http://localhost/ko/", "language": "en"},
            {"sections": "8"},
            {"sections": "동영상"},
            {"sinse": "2026-08-20"},
        ],
    )
    def test_wrong_argument_is_named(self, wrong: dict[str, str]) -> None:
        with pytest.raises(ArgumentError, match=next(iter(wrong)).removesuffix("s")):
            parse_arguments(**wrong)  # type: ignore[arg-type]

    def test_period_includes_both_ends(self) -> None:
        arguments = parse_arguments(since="2026-08-19", until="2026-08-20")
        days = [dt.date(2026, 8, day) for day in (18, 19, 20, 21)]
        assert [arguments.wants(day) for day in days] == [False, True, True, False]


class TestSections:
    def link(self, label: str, category: int) -> SectionLink:
        return SectionLink(label, category, f"index.php?{encode(f'1@@{category}@1@')}")

    def test_known_labels_are_walked_with_todays_issue_first(self) -> None:
        links = (
            self.link("사회문화생활", 5),
            self.link("사진", 8),
            self.link("새 부문", 6),
            self.link("오늘호기사", 2),
        )
        choice = choose_sections(links, parse_arguments())
        assert [section.label for section in choice.sections] == ["오늘호 기사", "사회문화생활"]
        assert choice.findings == ()

    def test_label_counts_and_not_the_category(self) -> None:
        links = (self.link("오늘호 기사", 12), self.link("모르는 부문", 2))
        choice = choose_sections(links, parse_arguments())
        assert [(section.label, section.category) for section in choice.sections] == [("오늘호 기사", 12)]

    def test_unknown_label_is_noted_and_known_ones_are_not(self) -> None:
        links = (self.link("오늘호 기사", 2), self.link("새 부문", 6), self.link("사진", 8))
        choice = choose_sections(links, parse_arguments())
        assert choice.notes == ("the home page has a section of an unknown label: '새 부문' (category 6)",)
        assert choice.findings == ()

    def test_renamed_section_is_a_finding(self) -> None:
        links = (self.link("오늘호 기사", 2), self.link("사회와 문화", 5))
        choice = choose_sections(links, parse_arguments())
        assert choice.findings == ("section '사회문화생활' seems to be renamed: '사회와 문화' (category 5)",)
        assert len(choice.notes) == 1

    def test_other_editions_go_by_category(self) -> None:
        links = (self.link("Today", 2), self.link("Photo", 8), self.link("New", 6))
        choice = choose_sections(links, parse_arguments(language="en"))
        assert ([section.label for section in choice.sections], choice.findings) == (["Today"], ())
        assert len(choice.notes) == 1

    @pytest.mark.parametrize("wanted", ["6", "새부문"])
    def test_unknown_section_is_walked_when_it_is_asked_for(self, wanted: str) -> None:
        links = (self.link("오늘호 기사", 2), self.link("새 부문", 6))
        choice = choose_sections(links, parse_arguments(sections=wanted))
        assert [section.label for section in choice.sections] == ["새 부문"]

    def test_what_is_missing_is_said(self) -> None:
        links = (self.link("사회문화생활", 5),)
        assert choose_sections(links, parse_arguments()).findings == (
            "the home page leads to no section '오늘호 기사'",
        )
        assert "no known section" in choose_sections((), parse_arguments()).findings[0]


def page(total: int | None, ids: range, links: tuple[int, ...] = ()) -> ListPage:
    entries = tuple(ListEntry(f"2026-08-20-{n:03}", "", "", "", None, dt.date(2026, 8, 20), "") for n in ids)
    return ListPage(total, entries, {number: f"page {number}" for number in links})


class TestListing:
    def listing(self) -> Listing:
        return Listing("사회문화생활", 5, "", "page 1")

    def test_list_is_complete_when_its_total_is_found(self) -> None:
        listing = self.listing()
        assert listing.read(1, page(20, range(15), (1, 2))) == {2: "page 2"}
        assert not listing.finished
        assert listing.read(2, page(20, range(15, 20), (1, 2))) == {}
        assert (listing.finished, listing.problem()) == (True, None)

    def test_pages_that_only_later_pages_link_are_asked_for(self) -> None:
        listing = self.listing()
        listing.read(1, page(45, range(15), (1, 2)))
        assert listing.read(2, page(45, range(15, 30), (1, 2, 3))) == {3: "page 3"}

    def test_missing_articles_are_a_problem(self) -> None:
        listing = self.listing()
        listing.read(1, page(20, range(15)))
        assert listing.problem() == "15 of 20 articles found"

    def test_failed_page_is_a_problem(self) -> None:
        listing = self.listing()
        listing.read(1, page(20, range(15), (2,)))
        listing.fail(2)
        assert (listing.finished, listing.problem()) == (True, "1 of 2 pages failed")

    def test_page_that_was_never_answered_is_a_problem(self) -> None:
        listing = self.listing()
        listing.read(1, page(20, range(15), (2,)))
        assert listing.problem() == "1 of 2 pages were never answered"

    def test_single_page_without_a_total_proves_nothing(self) -> None:
        listing = self.listing()
        listing.read(1, page(None, range(3)))
        assert "proves nothing" in (listing.problem() or "")

    def test_empty_list_that_declares_itself_empty_is_complete(self) -> None:
        listing = self.listing()
        listing.read(1, page(0, range(0)))
        assert listing.problem() is None

    def test_list_that_grew_meanwhile_is_read_anew(self) -> None:
        listing = self.listing()
        listing.read(1, page(20, range(15), (2,)))
        assert listing.read(2, page(21, range(14, 20), (2,))) == {1: "page 1"}
        assert listing.start == 1
        listing.read(1, page(21, range(15), (2,)))
        listing.read(2, page(21, range(15, 21), (2,)))
        assert (listing.finished, listing.problem()) == (True, None)

    def test_page_that_repeats_no_total_changes_nothing(self) -> None:
        listing = self.listing()
        listing.read(1, page(20, range(15), (2,)))
        listing.read(2, page(None, range(15, 20)))
        assert (listing.finished, listing.problem()) == (True, None)

    def test_list_that_never_rests_is_given_up_and_reported(self) -> None:
        listing = self.listing()
        for total in range(20, 20 + MAX_RESTARTS + 1):
            listing.read(1, page(total, range(15), (2,)))
            listing.read(2, page(total + 100, range(15, 20), (2,)))
        assert listing.start == MAX_RESTARTS
        assert listing.problem() == "its size kept changing while it was read"


class TestVerdict:
    def test_only_a_run_without_findings_is_healthy(self) -> None:
        verdict = judge("finished", fatal=None, findings=[], failed=0)
        assert (verdict.exit_code, verdict.outcome) == (0, "healthy")

    @pytest.mark.parametrize(
        ("reason", "fatal", "findings", "failed", "code"),
        [
            ("finished", None, ["a list is incomplete"], 0, 3),
            ("finished", None, [], 1, 3),
            ("the site stopped answering", None, [], 0, 3),
            ("finished", "cannot get it", ["more"], 5, 1),
            ("shutdown", None, [], 0, 1),
            ("start_error", None, [], 0, 1),
        ],
    )
    def test_everything_else_has_its_exit_code(
        self, reason: str, fatal: str | None, findings: list[str], failed: int, code: int
    ) -> None:
        verdict = judge(reason, fatal=fatal, findings=findings, failed=failed)
        assert verdict.exit_code == code
        assert "\n" not in verdict.message


class TestPatience:
    def test_a_few_blocks_in_a_row_are_enough(self) -> None:
        patience = Patience()
        for _ in range(MAX_BLOCKS - 1):
            assert patience.after_block() is None
        patience.after_answer()
        assert [patience.after_block() for _ in range(MAX_BLOCKS)][:-1] == [None] * (MAX_BLOCKS - 1)
        assert "blocks" in (patience.after_block() or "")

    def test_silence_ends_with_any_answer_even_a_block(self) -> None:
        patience = Patience()
        for _ in range(MAX_SILENCE - 1):
            assert patience.after_silence() is None
        patience.after_block()
        assert patience.after_silence() is None


class TestLedger:
    def ledger(self, failed: tuple[FailedArticle, ...] = (), known: frozenset[str] = frozenset()) -> Ledger:
        day = dt.date(2026, 8, 20)
        return Ledger(parse_arguments(), day, known, {each.news_id: each for each in failed})

    def entry(self, news_id: str) -> ListEntry:
        return ListEntry(news_id, "href", "", "", None, dt.date(2026, 8, 20), "")

    def test_article_is_asked_for_once_whatever_lists_show_it(self) -> None:
        ledger = self.ledger()
        entry = self.entry("2026-08-20-001")
        assert [ledger.enter(section, entry) for section in ("오늘호 기사", "사설")] == [True, False]
        assert ledger.listed[entry.news_id].sections == ["오늘호 기사", "사설"]

    @pytest.mark.parametrize(("news_id", "due"), [("2026-08-14-001", True), ("2026-08-13-001", False)])
    def test_held_article_is_due_within_the_week_of_its_issue(self, news_id: str, due: bool) -> None:
        assert self.ledger(known=frozenset([news_id])).enter("사설", self.entry(news_id)) is due

    @pytest.mark.parametrize(
        ("before", "now", "unlisted", "held", "reason"),
        [
            ("http 404", "http 404", True, False, "gone: http 404"),
            ("http 404", "not found: no address", True, True, "withdrawn: not found: no address"),
            ("http 404", "http 404", False, False, "http 404"),
            ("timed out", "http 404", True, False, "http 404"),
            ("http 404", "timed out", True, False, "timed out"),
            (None, "http 404", True, False, "http 404"),
        ],
    )
    def test_article_is_gone_when_two_runs_found_nothing(
        self, before: str | None, now: str, unlisted: bool, held: bool, reason: str
    ) -> None:
        news_id = "2026-08-20-001"
        failed = (FailedArticle(news_id, "url", (), before),) if before else ()
        ledger = self.ledger(failed, frozenset([news_id]) if held else frozenset())
        assert ledger.final_reason(news_id, now, unlisted=unlisted) == reason

    def test_gone_article_is_left_alone_until_a_list_shows_it(self) -> None:
        gone = FailedArticle("2026-08-20-001", "url", (), "gone: http 404")
        waiting = FailedArticle("2026-08-20-002", "url", ("사설",), "timed out")
        ledger = self.ledger((gone, waiting), frozenset([gone.news_id]))
        assert [entry.news_id for entry in ledger.left_over()] == [waiting.news_id]
        assert ledger.enter("사설", self.entry(gone.news_id))
        assert ledger.left_over() == []
