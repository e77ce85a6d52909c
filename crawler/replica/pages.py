"""The replica's HTML: the current site's markup (Layout B), drawn from its structure in our own words.

`render` answers one decoded token. Every page has what misleads a crawler on the real one: a side column
that repeats links under other titles, scripts with Korean text, a menu with labels that are no sections.
"""

import re
from functools import cache
from html import escape

from crawler.replica.articles import CATEGORIES, PHOTOS, TODAYS_ISSUE, VIDEOS, Article
from crawler.replica.grammar import load_lexicon
from crawler.replica.site import Site
from crawler.replica.tokens import (
    PER_PAGE,
    ArticleAddress,
    ListAddress,
    article_href,
    encode,
    list_href,
    resolve,
)

NEWSPAPER = "로동신문"
UNKNOWN_ADDRESS = "알수 없는 주소"

_THUMBNAIL = 15  # the category of links from thumbnails and the home page
_WEEKDAYS = "월화수목금토일"
_LIST_ROOTS = {1: "RevoListDIV", 3: "ThemeListDIV", 4: "ThemeListDIV", 5: "ThemeListDIV", 7: "ThemeListDIV"}
_PAGE_WINDOW = 10
# A one-pixel picture: what matters to a crawler is that the bytes stand in the page.
_PIXEL = "data:image/gif;base64,R0lGODlhAQABAIAAAAAAAP///yH5BAEAAAAALAAAAAABAAEAAAIBRAA7"


def render(site: Site, text: str) -> str:
    """The page that a decoded token asks for ("": the home page), or the one for unknown addresses."""
    if not text:
        return _home(site)
    match resolve(text):
        case ListAddress(category, page) if category in CATEGORIES:
            ids = site.listed(category)
            if page == 1 or 0 < page <= _page_count(ids):
                return _list(site, category, page)
        case ArticleAddress(news_id, category) if article := site.article(news_id):
            return _article(site, article, category)
    return unknown_address()


def unknown_address() -> str:
    """The page for an unknown address; the site answers it with status 200."""
    return _document(f'<div class="container"><h1>{UNKNOWN_ADDRESS}</h1></div>')


def _document(body: str) -> str:
    return (
        '<!DOCTYPE html>\n<html lang="ko">\n<head>\n'
        '<meta http-equiv="Content-Type" content="text/html; charset=utf-8">\n'
        f"<title>{NEWSPAPER}</title>\n"
        '<link rel="stylesheet" href="css/bootstrap.min.css">\n'
        '<script src="js/jquery.min.js"></script>\n'
        '<script>var strNotice = "검색할 단어를 입력하십시오.";\n'
        "function goSearch() { return strNotice.length; }</script>\n"
        f"</head>\n<body>\n{body}\n</body>\n</html>\n"
    )


def _framed(site: Site, main: str) -> str:
    languages = (
        '<div id="Language"><a href="/ko/">조선어</a> <a href="/en/">English</a> <a href="/cn/">中 文</a>'
        f' <a href="index.php?{encode("19@@19@@@1")}">검색</a></div>'
    )
    return _document(f'{languages}\n{_menu()}\n<div class="row">{main}\n{_side_column(site)}</div>')


@cache
def _menu() -> str:
    items = []
    for category, label in CATEGORIES.items():
        if category == TODAYS_ISSUE:
            continue
        shown = f"<b>{label}</b>" if category == 1 else label
        items.append(f'<li><a href="{list_href(category)}">{shown}</a></li>')
    return '<div id="MainMenu"><h4>분야별기사</h4><ul>' + "\n".join(items) + "</ul></div>"


def _side_column(site: Site) -> str:
    """Links that stand elsewhere too, under shortened titles: nothing here belongs to the list of the
    page."""
    rows = []
    for ordinal, news_id in enumerate(site.listed(TODAYS_ISSUE)[:6], start=1):
        article = site.article(news_id)
        if article:
            short = article.title[:9] + "..."
            rows.append(
                f'<li><a href="{article_href(news_id, _THUMBNAIL, ordinal)}">{escape(short)}</a></li>'
            )
    for category in (3, 4):
        for ordinal, news_id in enumerate(site.listed(category)[:3], start=1):
            rows.append(
                f'<li><a href="{article_href(news_id, category, ordinal)}">다시보는 기사 {ordinal}</a></li>'
            )
    return '<div class="col-sm-3" id="SideColumn"><h4>많이 보는 기사</h4><ul>' + "".join(rows) + "</ul></div>"


def _home(site: Site) -> str:
    top = []
    for ordinal, news_id in enumerate(site.listed(TODAYS_ISSUE)[:4], start=1):
        article = site.article(news_id)
        if article:
            href = article_href(news_id, _THUMBNAIL, ordinal)
            top.append(
                f'<div class="media"><a class="media-heading" href="{href}"><img src="{_PIXEL}"></a>'
                f'<a class="media-heading" href="{href}">{escape(article.title)}</a></div>'
            )
    block = (
        f'<div class="TopClassBG"><div class="TopClassTitle">{CATEGORIES[TODAYS_ISSUE]}</div>'
        f'<div class="TopClassLink"><a class="page_link" href="{list_href(TODAYS_ISSUE)}">＞＞＞</a></div></div>'
    )
    return _framed(site, f'<div class="col-sm-9">{block}\n{"".join(top)}</div>')


def _list(site: Site, category: int, page: int) -> str:
    ids = site.listed(category)
    first = (page - 1) * PER_PAGE
    shown = list(enumerate(ids[first : first + PER_PAGE], start=first + 1))
    if category == TODAYS_ISSUE:
        rows = "\n".join(_todays_row(site, news_id, ordinal) for ordinal, news_id in shown)
        root = f'<div id="revoList"><div class="date_news_list">{rows}</div></div>'
    elif category in (PHOTOS, VIDEOS):
        root = "\n".join(_media_row(site, category, news_id) for _, news_id in shown)
    else:
        rows = "\n".join(_section_row(site, category, news_id, ordinal) for ordinal, news_id in shown)
        root = f'<div id="{_LIST_ROOTS[category]}"><ul>{rows}</ul></div>'
    path = (
        f'<div id="PathBar"><a href="index.php">홈</a> &gt; <a href="{list_href(category)}">{CATEGORIES[category]}</a>'
        f" &gt; <span>{len(ids)}건</span></div>"
    )
    pager = _pager(category, page, _page_count(ids))
    return _framed(site, f'<div class="col-sm-9">{path}\n{root}\n{pager}</div>')


def _page_count(ids: tuple[str, ...]) -> int:
    return -(-len(ids) // PER_PAGE)


def _pager(category: int, page: int, pages: int) -> str:
    """Plain links to the other pages of a window around this one, and ＞＞＞ to the next."""
    start = (page - 1) // _PAGE_WINDOW * _PAGE_WINDOW + 1
    links = [
        f"<b>{number}</b>" if number == page else f'<a href="{list_href(category, number)}">{number}</a>'
        for number in range(start, min(start + _PAGE_WINDOW, pages + 1))
    ]
    if page < pages:
        links.append(f'<a href="{list_href(category, page + 1)}">＞＞＞</a>')
    return f'<div class="pagination">{" ".join(links)}</div>'


def _headline(article: Article) -> str:
    """The lines of a link: heading of a series, then the title with its genre, then the subtitle."""
    genre = f"[{article.genre}] " if article.genre else ""
    lines = [article.heading, genre + article.title, article.subtitle]
    return "<br>".join(escape(line) for line in lines if line)


def _section_row(site: Site, category: int, news_id: str, ordinal: int) -> str:
    article = site.article(news_id)
    assert article is not None
    day = article.issue_date
    # Some rows carry no date: there the newsId alone tells it.
    shown = (
        ""
        if article.look.date_in_masthead
        else f'<span class="news_date">{day.year}.{day.month}.{day.day}.</span>'
    )
    return f'<li><a href="{article_href(news_id, category, ordinal)}">{_headline(article)}</a> {shown}</li>'


def _todays_row(site: Site, news_id: str, ordinal: int) -> str:
    article = site.article(news_id)
    assert article is not None
    thumbnail = ""
    if article.look.picture:
        href = article_href(news_id, _THUMBNAIL, ordinal)
        thumbnail = (
            f'<div class="media-left"><a class="media-heading" href="{href}"><img src="{_PIXEL}"></a></div>'
        )
    href = article_href(news_id, TODAYS_ISSUE, ordinal)
    author = escape(article.bylines[0]) if article.bylines else "&nbsp;"
    return (
        f'<div class="row"><div class="media">{thumbnail}<div class="media-body">'
        f'<img src="images/newsf.png"><a class="media-heading" href="{href}">'
        f"{_headline(article)} [{article.page}면]</a>"
        f'</div></div><div class="col-sm-3"><p>{author}</p></div></div>'
    )


def _media_row(site: Site, category: int, news_id: str) -> str:
    title = escape(site.media_title(news_id))
    year, month, day = (int(part) for part in news_id[:10].split("-"))
    when = f'<div class="gallery_cal">{year}.{month}.{day}.</div>'
    if category == PHOTOS:
        image = encode(f"2@@@@p@0@{news_id[:10].replace('-', '/')}/21/{news_id}/1.jpg")
        return (
            f'<div class="thumbnail"><a class="fancybox-{news_id}" href="#"><img src="index.php?{image}"></a>'
            f'<div class="caption"><span class="span-title">{title}</span></div>{when}</div>'
            f'<script>$(".fancybox-{news_id}").click(function () {{ his("{news_id}"); }});</script>'
        )
    video, still = encode(f"10@{news_id}@@@@@@@21"), encode(f"11@{news_id}@@@@@@@21")
    return (
        f'<div class="thumbnail"><img src="index.php?{still}"><div class="ui-desc"><a href="index.php?{video}">'
        f'{title}</a></div><div class="caption"><a href="index.php?{video}"><span class="span-title">{title}</span></a>'
        f"</div>{when}</div>"
    )


def _article(site: Site, article: Article, category: int | None) -> str:
    masthead, day = NEWSPAPER, _date(article)
    if article.look.date_in_masthead:
        masthead, day = f"{NEWSPAPER} {day}", ""
    body = (
        '<div id="newsPage" class="container">\n<div class="article-modal-header row">'
        f'<div id="article-homepage">{masthead}</div><div id="article-date">{day}</div></div>\n'
        '<div id="videoContent"></div><div id="photoContent" style="display:none"></div>\n'
        f'<div id="articleContent" class="article-content"><div id="ContDIV" class="container"><br>\n'
        f"{_paragraphs(article)}\n{_script(article)}</div></div>\n"
        f"{_controls(site, article, category)}</div>"
    )
    return _framed(site, body)


def _date(article: Article) -> str:
    day = article.issue_date
    year = f"주체{day.year - 1911}({day.year})년" if article.look.juche_year else f"{day.year}년"
    return f"{year} {day.month}월 {day.day}일 {_WEEKDAYS[day.weekday()]}요일"


def _paragraphs(article: Article) -> str:
    title_class = "RevoTitleP" if 1 in article.categories else "TitleP"
    rows = [_p(title_class, escape(line)) for line in article.title_lines]
    if article.subtitle:
        rows.append(_p("SubTitleP", escape(article.subtitle)))
    if article.mark:
        rows.append(_p("MarkP", escape(article.mark)))
    for number, text in enumerate(article.paragraphs):
        shown = escape(text, quote=False)
        if article.look.boxed_names:
            shown = _names().sub(r"<nobr><b>\g<0></b></nobr>", shown)
        if number and article.look.blank_paragraphs:
            rows.append(_p("TextP", "&nbsp;"))
        rows.append(_p("TextP", "&nbsp;" * 2 * article.look.indented + shown))
    if article.look.picture:
        rows.append(_p("TextP", f'<img src="{_PIXEL}" alt="">'))
    rows += [_p("WriterP", escape(byline)) for byline in article.bylines]
    if article.signature:
        rows.append(_p("TitleP", escape(article.signature)))
    return "\n".join(rows)


def _p(css_class: str, html: str) -> str:
    return f'<p class="{css_class}">{html}</p>'


@cache
def _names() -> re.Pattern[str]:
    lexicon = load_lexicon("dprk")
    surnames, given = (
        "|".join(str(entry.template[0]) for entry in lexicon[name]) for name in ("surname", "given")
    )
    return re.compile(f"(?:{surnames})(?:{given})")


def _script(article: Article) -> str:
    day = article.issue_date
    return (
        f'<script>var iType = 1; var iThemeID = 0; var strNewsID = "{article.news_id}"; var dPublish = "{day}";\n'
        'var strWait = "<p class=\\"TextP\\">기다려주십시오.</p>";</script>'
    )


def _controls(site: Site, article: Article, category: int | None) -> str:
    """The way to the neighbours in the list that the page was opened from, and back to it."""
    ids = site.listed(category) if category in CATEGORIES else ()
    place = ids.index(article.news_id) + 1 if article.news_id in ids else 0
    buttons = []
    if category is not None and place > 1:
        buttons.append(f'<a id="btnPrev" href="{article_href(ids[place - 2], category, place - 1)}">이전</a>')
    buttons.append(f'<span class="counter">{place or 1} / {len(ids) or 1}</span>')
    if category is not None and 0 < place < len(ids):
        buttons.append(f'<a id="btnNext" href="{article_href(ids[place], category, place + 1)}">다음</a>')
    back = list_href(category if category in CATEGORIES else TODAYS_ISSUE)
    return f'<div class="article-controls">{" ".join(buttons)}<p><a href="{back}">목록으로</a></p></div>'
