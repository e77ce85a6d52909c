"""Which of the lists that the home page leads to are walked, under which names, and in which order."""

from __future__ import annotations

from dataclasses import dataclass

from crawler.arguments import Arguments
from crawler.pages import tokens
from crawler.pages.home import SECTIONS, TODAY, SectionLink, label_key, section_number


@dataclass(frozen=True, slots=True)
class Section:
    """A section to walk; `label` is the name that the archive knows it by."""

    label: str
    category: int
    keyword: str
    href: str


def choose_sections(links: tuple[SectionLink, ...], arguments: Arguments) -> tuple[list[Section], list[str]]:
    """The sections to walk, today's issue first, and in words whatever was expected and is not there."""
    wanted = arguments.sections or tuple(SECTIONS)
    chosen: dict[int | str, Section] = {}
    for link in links:
        name = _name(link, arguments)
        if name in wanted:
            label = _known_label(name) if arguments.language == "ko" else None
            token = tokens.parse(link.href)
            keyword = token.keyword if isinstance(token, tokens.ListToken) else ""
            chosen.setdefault(
                name, Section(label or link.label or str(link.category), link.category, keyword, link.href)
            )
    if not chosen:
        return [], ["the home page leads to no known section: has the site changed?"]
    missing = [name for name in arguments.sections or (TODAY,) if name not in chosen]
    findings = [f"the home page leads to no section {_known_label(name) or name!r}" for name in missing]
    order = sorted(chosen, key=lambda name: (name != TODAY, str(name)))
    return [chosen[name] for name in order], findings


def _known_label(name: int | str) -> str | None:
    return SECTIONS.get(name) if isinstance(name, int) else None


def _name(link: SectionLink, arguments: Arguments) -> int | str:
    """The number that the label stands for.

    Only the Korean labels are known for sure: in other editions, and for a section that was asked for by its number,
    the category in the address has to do.
    """
    number = section_number(link.label)
    if number is not None:
        return number
    if arguments.language != "ko" or link.category in arguments.sections:
        return link.category
    return label_key(link.label)
