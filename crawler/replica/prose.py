"""News prose in two Koreans: a document is a pure function of (orthography, seed, number, date).

`dprk` writes as the newspaper does (로동, 되였다, 하고있다, 《》); `rok` writes as South Korea does (노동,
되었다, 하고 있다, ""), partly about other things, and partly in another register (합니다, 해요). Words,
spelling, spacing, collocations and topics differ as the two standards differ, while grammar and much of the
vocabulary are shared: that a model of the one forgets on the other comes from the language, not from noise.

All people, plants and villages are invented. Every sentence stems from `sentences.*.tsv` and `lexicon.tsv`.
"""

import random
import re
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cache

from crawler.replica.grammar import Register, Scene, Template, load_lexicon, load_sentences
from crawler.replica.korean import Variety

EPOCH = date(2026, 1, 1)

_SEASONS = ("winter", "spring", "summer", "autumn")  # from December, three months each
_GENRES = {"essay": "수필", "advice": "론설"}
_CHATTY = frozenset({"film", "cafe", "weather", "advice"})
_FULL_WIDTH = str.maketrans("0123456789", "０１２３４５６７８９")
_SENTENCE_END = re.compile(r"(?<=[가-힣])\.(?=$|[》\s])")


@dataclass(frozen=True, slots=True)
class Document:
    """One generated article. `genre` is "" for plain news; `topic` names the grammar's topic."""

    id: str
    title: str
    subtitle: str
    date: date
    paragraphs: tuple[str, ...]
    byline: str
    genre: str
    topic: str


def document(
    orthography: Variety, seed: int, number: int, day: date | None = None, topic: str | None = None
) -> Document:
    """Document `number` of the endless series `seed`; it does not depend on how many others are made.

    Without `day` the documents spread over the year that starts at `EPOCH`, without `topic` over all
    topics.
    """
    rng = random.Random(f"{orthography}/{seed}/{number}")
    issued = day or EPOCH + timedelta(days=rng.randrange(365))
    topic = topic or rng.choice(_words(orthography, "topics"))
    scene = Scene(
        rng, orthography, _register(rng, orthography, topic), issued, _tags(rng, orthography, topic, issued)
    )
    sentences = load_sentences(orthography)
    title = scene.write(rng.choice(sentences[topic, "title"]))
    subtitles = sentences.get((topic, "subtitle"), ())
    subtitle = scene.write(rng.choice(subtitles)) if subtitles and rng.random() < 0.4 else ""
    paragraphs = _paragraphs(scene, topic)
    byline = scene.write(rng.choice(sentences["byline", "byline"]))
    if orthography == "dprk":
        title, subtitle, paragraphs = _typeset(rng, title, subtitle, paragraphs)
    return Document(
        id=f"{orthography}-{seed}-{number:06d}",
        title=title,
        subtitle=subtitle,
        date=issued,
        paragraphs=paragraphs,
        byline=byline,
        genre=_GENRES.get(topic, "") if orthography == "dprk" else "",
        topic=topic,
    )


@cache
def _words(orthography: Variety, name: str) -> tuple[str, ...]:
    return tuple(str(entry.template[0]) for entry in load_lexicon(orthography).get(name, ()))


def _tags(rng: random.Random, orthography: Variety, topic: str, day: date) -> list[str]:
    kinds = _words(orthography, f"{topic}.kinds")
    return [*([rng.choice(kinds)] if kinds else []), topic, _SEASONS[day.month % 12 // 3]]


def _register(rng: random.Random, orthography: Variety, topic: str) -> Register:
    if orthography == "dprk":
        return "plain"
    weights = (20, 30, 50) if topic in _CHATTY else (70, 20, 10)
    registers: tuple[Register, ...] = ("plain", "formal", "polite")
    return rng.choices(registers, weights)[0]


def _paragraphs(scene: Scene, topic: str) -> tuple[str, ...]:
    """A lead, the topic's own sentences with general ones and a quotation between them, perhaps a close."""
    rng = scene.rng
    own, general, quotes, closes = _stock(scene.variety, topic)
    body = [
        *rng.sample(own, rng.randint(4, min(7, len(own)))),
        *rng.sample(general, min(len(general), rng.randint(0, 2))),
    ]
    if quotes and rng.random() < 0.6:
        body.append(rng.choice(quotes))
    rng.shuffle(body)
    body.insert(0, rng.choice(load_sentences(scene.variety)[topic, "lead"]))
    if closes and rng.random() < 0.5:
        body.append(rng.choice(closes))
    written = [scene.write(template) for template in body]
    paragraphs: list[str] = []
    while written:
        size = rng.randint(1, 3)
        paragraphs.append(" ".join(written[:size]))
        del written[:size]
    return tuple(paragraphs)


@cache
def _stock(orthography: Variety, topic: str) -> tuple[tuple[Template, ...], ...]:
    """The templates that a document of this topic may use: own body sentences, general ones, quotations,
    closes."""
    sentences = load_sentences(orthography)
    groups = [group for group in ("production", "people") if topic in _words(orthography, f"{group}.topics")]

    def general(role: str) -> tuple[Template, ...]:
        return tuple(template for group in groups for template in sentences.get((group, role), ()))

    return sentences[topic, "body"], general("body"), general("quote"), general("close")


def _typeset(
    rng: random.Random, title: str, subtitle: str, paragraphs: tuple[str, ...]
) -> tuple[str, str, tuple[str, ...]]:
    """The newspaper's habits: now and then full-width digits, full-width stops, or no space after a
    stop."""
    habit = rng.random()
    if habit < 0.08:
        return (
            title.translate(_FULL_WIDTH),
            subtitle.translate(_FULL_WIDTH),
            tuple(text.translate(_FULL_WIDTH) for text in paragraphs),
        )
    if habit < 0.12:
        return (
            title,
            subtitle,
            tuple(_SENTENCE_END.sub("．", text).replace("． ", "．") for text in paragraphs),
        )
    if habit < 0.16:
        return title, subtitle, tuple(re.sub(r"(?<=다\.) (?=[가-힣])", "", text) for text in paragraphs)
    return title, subtitle, paragraphs
