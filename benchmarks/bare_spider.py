"""The spider that the crawl is measured against: stock Scrapy, the same pages, as many selector calls, nothing stored."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import scrapy
from scrapy.http import Request, Response

from crawler.pages import tokens
from crawler.pages.home import SECTIONS


@dataclass
class BareArticle:
    url: str
    title: str
    subtitle: str
    body: str
    byline: str


class BareSpider(scrapy.Spider):
    name = "bare"

    def __init__(self, base_url: str) -> None:
        super().__init__()
        self.base_url = base_url
        self.seen: set[str] = set()

    async def start(self) -> Any:
        yield Request(self.base_url)

    def parse(self, response: Response) -> Iterator[Request]:
        for anchor in response.css("a[href]"):
            token = tokens.parse(anchor.attrib["href"])
            if isinstance(token, tokens.ListToken) and token.category in SECTIONS:
                yield response.follow(anchor.attrib["href"], self.parse_list)

    def parse_list(self, response: Response) -> Iterator[Request]:
        for anchor in response.css('[id$="ListDIV"], #revoList').css("a[href]"):
            token = tokens.parse(anchor.attrib["href"])
            if isinstance(token, tokens.ArticleToken) and token.news_id not in self.seen:
                self.seen.add(token.news_id)
                yield response.follow(anchor.attrib["href"], self.parse_article)
        for anchor in response.css("a[href]"):
            token = tokens.parse(anchor.attrib["href"])
            if isinstance(token, tokens.ListToken) and token.category in SECTIONS:
                yield response.follow(anchor.attrib["href"], self.parse_list)

    def parse_article(self, response: Response) -> Iterator[BareArticle]:
        root = response.css("#articleContent #ContDIV")
        yield BareArticle(
            url=response.url,
            title=" ".join(root.css(".TitleP ::text, .RevoTitleP ::text").getall()),
            subtitle=" ".join(root.css(".SubTitleP ::text").getall()),
            body="\n".join("".join(p.css("::text").getall()) for p in root.css("p.TextP, p.MarkP")),
            byline="\n".join(root.css(".WriterP ::text").getall()),
        )
