"""The spider that the crawl is measured against: stock Scrapy that walks and parses the same pages and stores nothing.

It asks each page as many questions as the crawl's page objects do, and the cheapest ones: it neither keeps paragraphs
with markup in them whole nor tells titles from signatures, as an archive has to.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass

import scrapy
from scrapy.http import Request, Response

from crawler.pages import tokens
from crawler.pages.home import SECTIONS
from crawler.pages.list_page import ROOTS


@dataclass
class BareArticle:
    url: str
    news_id: str
    title: str
    body: str
    byline: str
    date: str
    listed: tuple[str, str | None, str | None]


class BareSpider(scrapy.Spider):
    name = "bare"

    def __init__(self, base_url: str) -> None:
        super().__init__()
        self.base_url = base_url
        self.seen: set[str] = set()

    async def start(self) -> AsyncIterator[Request]:
        yield Request(self.base_url)

    def parse(self, response: Response) -> Iterator[Request]:
        for anchor in response.css("a[href]"):
            yield from self.lists(response, anchor.attrib["href"])

    def lists(self, response: Response, href: str) -> Iterator[Request]:
        token = tokens.parse(href)
        if isinstance(token, tokens.ListToken) and token.category in SECTIONS:
            yield response.follow(href, self.parse_list)

    def parse_list(self, response: Response) -> Iterator[Request]:
        response.css("#PathBar ::text").getall()
        for anchor in response.css(ROOTS).css("a[href]"):
            href = anchor.attrib["href"]
            token = tokens.parse(href)
            if not isinstance(token, tokens.ArticleToken):
                continue
            title = "".join(anchor.css("::text").getall())
            row = anchor.xpath("ancestor::*[self::li or contains(concat(' ', @class, ' '), ' row ')][1]")
            listed = title, row.css(".news_date::text").get(), row.css(".col-sm-3 ::text").get()
            if token.news_id not in self.seen:
                self.seen.add(token.news_id)
                told = {"news_id": token.news_id, "listed": listed}
                yield response.follow(href, self.parse_article, cb_kwargs=told)
        for anchor in response.css("a[href]"):
            yield from self.lists(response, anchor.attrib["href"])

    def parse_article(
        self, response: Response, news_id: str, listed: tuple[str, str | None, str | None]
    ) -> Iterator[BareArticle]:
        yield BareArticle(
            url=response.url,
            news_id=news_id,
            title=" ".join(response.css(".TitleP ::text, .RevoTitleP ::text").getall()),
            body="\n".join(response.css(".TextP ::text, .MarkP ::text, .SubTitleP ::text").getall()),
            byline="\n".join(response.css(".WriterP ::text").getall()),
            date=response.css("#article-date ::text").get(""),
            listed=listed,
        )
