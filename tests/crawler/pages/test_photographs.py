import pytest

from crawler.pages.photographs import without_photographs


@pytest.mark.parametrize(
    ("page", "left"),
    [
        (b'<p>1<img src="data:image/jpeg;base64,QUJD/+==" alt="x">2', b'<p>1<img src="data:," alt="x">2'),
        (b"<img src='data:image/svg+xml;base64,QUJD'>", b"<img src='data:,'>"),
        (b'<img src="data:image/png;base64,QUJD\r\nQUJD\r\n">', b'<img src="data:,">'),
        (b'<img src=data:image/png;base64,QUJD alt="x">', b'<img src=data:, alt="x">'),
        (b"<p style='background: url(data:image/gif;base64,QUJD)'>", b"<p style='background: url(data:,)'>"),
        (b'<a href="index.php?QUJD==">', b'<a href="index.php?QUJD==">'),
        (b"data:image/png;base64,", b"data:image/png;base64,"),
    ],
)
def test_photographs_go_and_all_else_stays(page: bytes, left: bytes) -> None:
    assert without_photographs(page) == left
