import random
from collections.abc import Iterator
from datetime import date
from itertools import pairwise

import pytest

from crawler.replica.grammar import (
    Choice,
    Scene,
    Slot,
    Template,
    load_lexicon,
    load_sentences,
    parse,
)
from crawler.replica.korean import Variety

VARIETIES: tuple[Variety, ...] = ("dprk", "rok")
CALENDAR = {"day", "soon", "month", "prevmonth", "nextmonth"}


def scene(variety: Variety = "dprk", seed: int = 1, **changes: object) -> Scene:
    settings: dict[str, object] = {"register": "plain", "date": date(2026, 5, 9), "tags": ["farm", "spring"]}
    return Scene(random.Random(seed), variety, **(settings | changes))  # type: ignore[arg-type]


def slots(template: Template) -> Iterator[Slot]:
    for part in template:
        if isinstance(part, Slot):
            yield part
        elif isinstance(part, Choice):
            for option in part.options:
                yield from slots(option)


def test_text_without_constructs_is_itself() -> None:
    assert scene().write(parse("[영화 리뷰] 3:2 - 끝")) == "[영화 리뷰] 3:2 - 끝"


def test_a_capitalised_slot_keeps_its_word_and_its_second_is_another() -> None:
    for seed in range(50):
        first, again, second = scene(seed=seed).write(parse("{Country}|{Country}|{Country2}")).split("|")
        assert first == again
        assert first != second


def test_a_bound_word_is_not_drawn_again_for_another() -> None:
    first, *others = scene().write(parse("{Country}" + "|{country}" * 100)).split("|")
    assert first not in others


def test_no_word_of_a_class_follows_itself() -> None:
    words = scene().write(parse(" ".join(["{crop}"] * 200))).split()
    assert all(left != right for left, right in pairwise(words))


def test_a_document_keeps_to_a_few_words_of_a_class() -> None:
    assert len(set(scene().write(parse(" ".join(["{crop}"] * 200))).split())) == 4


def test_a_class_is_narrowed_by_the_tags_of_the_scene() -> None:
    steel = {entry.concept for entry in load_lexicon("dprk")["product@steel"]}
    written = scene(tags=["steel", "factory"]).write(parse("|".join(["{product}"] * 20)))
    assert set(written.split("|")) <= steel


def test_a_bound_word_narrows_what_follows_from_it() -> None:
    capitals = {scene(seed=n).write(parse("{Country} {Capital}")) for n in range(300)}
    assert "꾸바 아바나" in capitals
    assert not any(line.startswith("꾸바 ") and line != "꾸바 아바나" for line in capitals)


def test_numbers_stay_in_their_range_and_step() -> None:
    numbers = {int(scene(seed=n).write(parse("{#20-80/20}"))) for n in range(100)}
    assert numbers == {20, 40, 60, 80}


def test_an_empty_alternative_makes_a_part_optional() -> None:
    assert {scene(seed=n).write(parse("가[ 나|]")) for n in range(50)} == {"가 나", "가"}


@pytest.mark.parametrize(
    ("register", "expected"),
    [("plain", "했다 있다 간다"), ("formal", "했습니다 있습니다 갑니다"), ("polite", "했어요 있어요 가요")],
)
def test_final_endings_follow_the_register(register: str, expected: str) -> None:
    template = parse("<하+었다> <있+다> <가+ㄴ다>")
    assert scene("rok", register=register).write(template) == expected


def test_days_before_the_issue_may_lie_in_the_month_before() -> None:
    days = {scene("rok", seed=n, date=date(2026, 5, 2)).write(parse("{day}")) for n in range(60)}
    assert {"1일", "지난달 30일"} <= days


@pytest.mark.parametrize("variety", VARIETIES)
def test_every_slot_finds_words_in_every_scene_that_may_use_it(variety: Variety) -> None:
    lexicon, sentences = load_lexicon(variety), load_sentences(variety)

    def listed(name: str) -> list[str]:
        return [str(entry.template[0]) for entry in lexicon.get(name, ())]

    topics = listed("topics")
    groups = {group: listed(f"{group}.topics") for group in ("production", "people")} | {"byline": topics}
    missing = set()
    for (topic, _), templates in sentences.items():
        for used in groups.get(topic, [topic]):
            for kind in listed(f"{used}.kinds") or [""]:
                for slot in {slot for template in templates for slot in slots(template)}:
                    names = [slot.name, *(f"{slot.name}@{tag}" for tag in (kind, used, "winter"))]
                    follows = any(name.startswith(f"{slot.name}@") for name in lexicon) and slot.binding
                    if slot.name not in CALENDAR and not any(n in lexicon for n in names) and not follows:
                        missing.add((used, kind, slot.name))
    assert not missing


@pytest.mark.parametrize("variety", VARIETIES)
def test_every_word_of_the_lexicon_is_in_use(variety: Variety) -> None:
    lexicon = load_lexicon(variety)
    templates = [t for group in load_sentences(variety).values() for t in group]
    templates += [entry.template for entries in lexicon.values() for entry in entries]
    used = {slot.name for template in templates for slot in slots(template)}
    other = {"study_v"} if variety == "rok" else set()  # a DPRK turn of phrase alone uses it
    assert {name.split("@")[0] for name in lexicon if "." not in name} - used <= {"topics"} | other


@pytest.mark.parametrize("variety", VARIETIES)
def test_a_variety_has_many_templates_for_every_topic(variety: Variety) -> None:
    sentences = load_sentences(variety)
    roles = ("lead", "body", "quote", "close")
    assert sum(len(templates) for (_, role), templates in sentences.items() if role in roles) >= 150
    for entry in load_lexicon(variety)["topics"]:
        topic = str(entry.template[0])
        assert len(sentences[topic, "body"]) >= 6
        assert sentences[topic, "lead"]
        assert sentences[topic, "title"]
