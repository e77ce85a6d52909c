"""Layout A, the article markup from November 2022 to 2024: `.news_Title`, `.NewsDate`, `p.ArticleContent`."""

from __future__ import annotations

from parsel import Selector

from crawler.pages.dates import find_date
from crawler.pages.layout_b import Content
from crawler.pages.text import text


def container(page: Selector) -> Selector | None:
    """The element that holds the article's paragraphs, or None. The column class may be missing, the
    title may not.
    """
    if not page.css(".news_Title"):
        return None
    columns = [column for column in page.css(".col-sm-8") if column.css("p.ArticleContent")]
    return columns[0] if columns else page


def read(page: Selector, root: Selector) -> Content:
    """Title lines, and every paragraph of the article; this layout marks neither subtitle nor byline."""
    date_text = " ".join(text(node) for node in page.css(".News_Detail, .NewsDate, .NewsDetail"))
    paragraphs = (text(node) for node in root.css("p.ArticleContent"))
    return Content(
        title=" ".join(text(node) for node in page.css(".news_Title")),
        subtitle="",
        body="\n".join(paragraph for paragraph in paragraphs if paragraph),
        byline="",
        date=find_date(date_text),
        has_pictures=bool(root.css(".col-sm-8 img, p.ArticleContent img")),
    )
