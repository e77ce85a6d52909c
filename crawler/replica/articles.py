"""The articles of the replica: what one holds, how the sections share them, which quirks its page has."""

import random
from dataclasses import dataclass
from datetime import date

from crawler.replica.grammar import load_lexicon
from crawler.replica.prose import Document, document

TODAYS_ISSUE, PHOTOS, VIDEOS = 2, 8, 9
CATEGORIES = {
    1: "혁명활동소식",
    2: "오늘호 기사",
    3: "인민을 위한 정치",
    4: "전진하는 조선",
    5: "사회문화생활",
    7: "유구한 력사,찬란한 문화",
    8: "사진",
    9: "동영상",
}

# Share of articles that stand in one section and in two, and how the sections divide them.
_ONE_SECTION, _TWO_SECTIONS = 0.22, 0.03
_STANDING = {1: 20, 3: 25, 4: 30, 5: 15, 7: 10}
_TOPICS = {
    1: ("construction", "farm", "factory", "science"),
    3: ("health", "school", "construction", "transport"),
    4: ("factory", "farm", "construction", "science", "nature", "transport"),
    5: ("culture", "sports", "school", "health", "advice"),
    7: ("heritage",),
}
_HEADINGS = (
    "생활의 거울",
    "현장에서 온 소식",
    "과학기술과 생활",
    "우리 고장의 자랑",
    "한주일의 이야기",
    "독자의 편지",
)
PAPER_PAGES = 6


@dataclass(frozen=True, slots=True)
class Look:
    """The quirks of one article's markup; none of them changes its text."""

    boxed_names: bool
    blank_paragraphs: bool
    indented: bool
    picture: bool
    juche_year: bool
    date_in_masthead: bool


@dataclass(frozen=True, slots=True)
class Article:
    """The ground truth of one article.

    `page` is the page of the printed paper; `heading` and `genre` are told by lists alone; `mark` is a
    quotation above the text, `signature` a last line set like a title: both belong to the body. A
    photo-only article has no body.
    """

    news_id: str
    issue_date: date
    page: int
    title_lines: tuple[str, ...]
    subtitle: str
    heading: str
    genre: str
    mark: str
    paragraphs: tuple[str, ...]
    signature: str
    bylines: tuple[str, ...]
    categories: tuple[int, ...]
    look: Look

    @property
    def title(self) -> str:
        return " ".join(self.title_lines)

    @property
    def body(self) -> str:
        """All text below title and subtitle except the bylines, paragraphs joined by newlines."""
        return "\n".join(text for text in (self.mark, *self.paragraphs, self.signature) if text)

    @property
    def byline(self) -> str:
        return "\n".join(self.bylines)

    @property
    def sections(self) -> tuple[str, ...]:
        """Labels of the lists that show the article on the site's today."""
        return tuple(CATEGORIES[category] for category in self.categories)


def write_article(seed: int, news_id: str, index: int, per_day: int) -> Article:
    """The article at place `index` (from 0) of an issue of `per_day`; its text follows from seed and newsId.

    The first of an issue always has a picture, so that today's list always holds one article twice.
    """
    day = issue_date(news_id)
    rng = random.Random(f"site/{seed}/{news_id}")
    categories = _standing_categories(rng)
    topic = rng.choice(_TOPICS[categories[0]]) if categories else None
    text = document("dprk", seed, serial(news_id), day, topic)
    photo_only = rng.random() < 0.03
    return Article(
        news_id=news_id,
        issue_date=day,
        page=min(PAPER_PAGES, 1 + index * PAPER_PAGES // per_day),
        title_lines=_title_lines(rng, text.title),
        subtitle="" if photo_only else text.subtitle,
        heading=rng.choice(_HEADINGS) if rng.random() < 0.25 else "",
        genre=text.genre,
        mark="" if photo_only or rng.random() > 0.1 else _saying(rng),
        paragraphs=() if photo_only else text.paragraphs,
        signature="" if photo_only or rng.random() > 0.03 else text.byline.split()[-1],
        bylines=_bylines(rng, text, photo_only),
        categories=categories,
        look=Look(
            boxed_names=rng.random() < 0.5,
            blank_paragraphs=rng.random() < 0.3,
            indented=rng.random() < 0.1,
            picture=photo_only or index == 0 or rng.random() < 0.15,
            juche_year=rng.random() < 0.5,
            date_in_masthead=rng.random() < 0.05,
        ),
    )


def _standing_categories(rng: random.Random) -> tuple[int, ...]:
    luck = rng.random()
    if luck >= _ONE_SECTION + _TWO_SECTIONS:
        return ()
    first = rng.choices(list(_STANDING), list(_STANDING.values()))[0]
    if luck < _ONE_SECTION:
        return (first,)
    return tuple(sorted((first, rng.choice([category for category in _STANDING if category != first]))))


def _title_lines(rng: random.Random, title: str) -> tuple[str, ...]:
    words = title.split()
    if len(words) < 4 or rng.random() < 0.6:
        return (title,)
    half = len(words) // 2
    return " ".join(words[:half]), " ".join(words[half:])


def _bylines(rng: random.Random, text: Document, photo_only: bool) -> tuple[str, ...]:
    if photo_only:
        return (f"{text.byline.split()[-1]} 찍음",)
    luck = rng.random()
    if luck < 0.05:
        return ()
    if luck < 0.08:
        return text.byline, f"사진 {text.byline.split()[-1]} 찍음"
    return (text.byline,)


def _saying(rng: random.Random) -> str:
    saying = rng.choice(load_lexicon("dprk")["saying"])
    return f"《{saying.concept}.》"


def issue_date(news_id: str) -> date:
    """The day that a newsId begins with; ValueError where it begins with none."""
    return date.fromisoformat(news_id[:10])


def serial(news_id: str) -> int:
    """A number of its own for every newsId: the generator's document number."""
    return issue_date(news_id).toordinal() * 1000 + int(news_id[11:])
