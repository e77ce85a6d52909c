"""The replica's HTML of former years: the legacy markup (until November 2022) and Layout A (until 2024)."""

from html import escape

from crawler.replica.articles import Article
from crawler.replica.pages import NEWSPAPER

_WEEKDAYS = "월화수목금토일"


def legacy_page(article: Article) -> str:
    """Nothing but dress tells title, subtitle, text and byline apart."""
    day = article.issue_date
    when = f"주체{day.year - 1911}({day.year})년 {day.month}월 {day.day}일&nbsp;&nbsp;{_WEEKDAYS[day.weekday()]}요일"
    rows = [
        _line(f'<font style="color:#000080;font-weight:bold;font-size:18px;">{escape(line)}</font>', "center")
        for line in article.title_lines
    ]
    if article.subtitle:
        rows.append(_line(f'<font style="font-size:14px;">{escape(article.subtitle)}</font>', "center"))
    rows.append(_line("&nbsp;", "justify"))
    if article.look.picture:
        source = f"/article_contents/{day:%Y/%m/%d}/photo/1.jpg"
        rows.append(_line(f'<img src="{source}" alt="">', "center"))
    rows += [_line(escape(words), "justify") for words in article.body.split("\n") if words]
    rows += [_line(escape(words), "right") for words in article.bylines]
    return _document(
        f'<div class="ArticleMenuContainer"><div class="ArticleMenuDate">{when}</div></div>\n'
        '<table width="900" align="center"><tr><td valign="top">\n'
        + "\n".join(rows)
        + "\n</td></tr></table>\n"
        '<div class="ArticleFooterContainer">Copyright</div>'
    )


def layout_a_page(article: Article) -> str:
    """Layout A marks the title and leaves everything below it alike."""
    day = article.issue_date
    parts = [article.subtitle, *article.body.split("\n"), *article.bylines]
    rows = [f'<p class="ArticleContent">{escape(words)}</p>' for words in parts if words]
    if article.look.picture:
        rows.insert(0, '<p class="ArticleContent"><img src="index.php?MDJAQEB1QDA=" alt=""></p>')
    title = "<br>".join(escape(line) for line in article.title_lines)
    return _document(
        f'<div class="container-fluid text-center"><div class="news_Title">{title}</div></div>\n'
        f'<p class="News_Detail"><span class="NewsDate">{day.year}.{day.month}.{day.day}.</span></p>\n'
        '<div class="row"><div class="col-sm-8">\n' + "\n".join(rows) + "\n</div></div>\n"
        '<div id="moveNews"><a href="#">이전</a></div>'
    )


def _line(html: str, align: str) -> str:
    return f'<p class="ArticleContent" style="text-align:{align}">{html}</p>'


def _document(body: str) -> str:
    return (
        '<html>\n<head><meta http-equiv="Content-Type" content="text/html; charset=utf-8">'
        f"<title>{NEWSPAPER}</title></head>\n<body>\n{body}\n</body>\n</html>\n"
    )
