"""What every source is read into."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Document:
    """A text and what is known of it; a paragraph a line of `text`.

    `split` is False where a line must stay one row, however many sentences it holds. `repeated` are the places of the
    sentences that another document has already, counted from 0.
    """

    id: str
    text: str
    title: str | None = None
    date: dt.date | None = None
    section: str | None = None
    split: bool = True
    repeated: tuple[int, ...] = ()
