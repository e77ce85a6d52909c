"""Which of the lists that the home page leads to are walked, under which names, and in which order."""

from __future__ import annotations

from dataclasses import dataclass

from crawler.arguments import Arguments
from crawler.pages import tokens
from crawler.pages.home import SECTIONS, TODAY, WITHOUT_TEXT, SectionLink, label_key, section_number


@dataclass(frozen=True, slots=True)
class Section:
    """A section to walk; `label` is the name that the archive knows it by."""

    label: str
    category: int
    keyword: str
    href: str


@dataclass(frozen=True, slots=True)
class Choice:
    """The sections to walk in order; in words whatever was expected and is not there, and what is worth a look."""

    sections: tuple[Section, ...]
    findings: tuple[str, ...]
    notes: tuple[str, ...]


def choose_sections(links: tuple[SectionLink, ...], arguments: Arguments) -> Choice:
    """The sections to walk, today's issue first.

    A label that is not known is noted. Where the section of its category is found by no known label, the site has
    renamed a section, which is then missing.
    """
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
    unknown = [link for link in links if _is_unknown(link, arguments)]
    notes = tuple(f"the home page has a section of an unknown label: {_shown(link)}" for link in unknown)
    if not chosen:
        return Choice((), ("the home page leads to no known section: has the site changed?",), notes)
    missing = [name for name in arguments.sections or (TODAY,) if name not in chosen]
    findings = [f"the home page leads to no section {_known_label(name) or name!r}" for name in missing]
    findings += [
        f"section {_known_label(link.category)!r} seems to be renamed: {_shown(link)}"
        for link in unknown
        if link.category in wanted and link.category not in chosen and link.category not in missing
    ]
    order = sorted(chosen, key=lambda name: (name != TODAY, str(name)))
    return Choice(tuple(chosen[name] for name in order), tuple(findings), notes)


def _is_unknown(link: SectionLink, arguments: Arguments) -> bool:
    if arguments.language != "ko":  # their labels are not known, their categories are thought to be the same
        return link.category not in SECTIONS | WITHOUT_TEXT
    return section_number(link.label) is None and label_key(link.label) not in arguments.sections


def _shown(link: SectionLink) -> str:
    return f"{link.label!r} (category {link.category})"


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
