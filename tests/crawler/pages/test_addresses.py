import pytest

from crawler.pages.addresses import Address, read_address
from crawler.pages.tokens import encode

TOKEN = encode("12@2024-04-01-N025@5@1@@0@13")


@pytest.mark.parametrize(
    ("url", "address"),
    [
        (f"http://www.rodong.rep.kp/ko/index.php?{TOKEN}", Address("ko", "2024-04-01-N025")),
        (f"http://rodong.rep.kp:80/ko/?{TOKEN}", Address("ko", "2024-04-01-N025")),
        (
            f"https://WWW.rodong.rep.kp/en/index.php?{TOKEN.replace('=', '%3D')}",
            Address("en", "2024-04-01-N025"),
        ),
        (
            "http://rodong.rep.kp/ko/index.php?strPageID=SF01_02_01&newsID=2018-01-02-0003",
            Address("ko", "2018-01-02-0003"),
        ),
        (
            "http://rodong.rep.kp/ko/index.php?newsID=2018-01-02-0003&chAction=S&strPageID=SF01_02_01#top",
            Address("ko", "2018-01-02-0003"),
        ),
        (
            "http://rodong.rep.kp/ko/index.php?strPageID=SF01_02_02&newsID=2018-01-02-0003",
            Address("ko", None),
        ),
        (f"http://rodong.rep.kp/ko/index.php?{encode('1@@5@1@')}", Address("ko", None)),
        ("http://www.rodong.rep.kp/cn/", Address("cn", None)),
        (f"http://www.rodong.rep.kp/ko/images/x.gif?{TOKEN}", Address("ko", None)),
        ("http://www.rodong.rep.kp/InterEn/index.php", None),
        (f"http://www.rodong.rep.kp.example/ko/index.php?{TOKEN}", None),
        (f"http://web.archive.org/web/2024id_/http://www.rodong.rep.kp/ko/index.php?{TOKEN}", None),
        ("http://[broken/ko/", None),
        ("", None),
    ],
)
def test_an_address_leads_to_an_edition_and_perhaps_an_article(url: str, address: Address | None) -> None:
    assert read_address(url) == address


def test_the_hosts_of_the_site_may_be_others() -> None:
    url = f"http://127.0.0.1:8765/ko/index.php?{TOKEN}"
    assert read_address(url) is None
    assert read_address(url, {"127.0.0.1"}) == Address("ko", "2024-04-01-N025")
