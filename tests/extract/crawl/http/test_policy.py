"""Which addresses may be asked: what is written, and what a name resolves to."""

import httpx
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from extract.crawl.http.policy import AddressRefused, Terms, checked, refused_network

NOT_PUBLIC = [
    "127.0.0.1",
    "127.8.8.8",
    "::1",
    "169.254.169.254",
    "10.1.2.3",
    "172.16.0.1",
    "192.168.1.1",
    "100.64.0.1",
    "100.127.255.254",
    "0.0.0.0",  # noqa: S104
    "::",
    "fc00::1",
    "fd12::1",
    "fe80::1",
    "fe80::1%eth0",
    "fec0::1",
    "ff02::1",
    "224.0.0.1",
    "240.0.0.1",
    "255.255.255.255",
    "192.0.2.1",
    "198.18.0.1",
    "::ffff:127.0.0.1",
    "::ffff:10.0.0.1",
    "::ffff:7f00:1",
    "::127.0.0.1",
    "64:ff9b::7f00:1",
    "64:ff9b::a9fe:a9fe",
    "2002:7f00:1::",
    "2002:a00:1::",
    "2001:0:7f00:1::",
    "100::1",
    "2001:db8::1",
    "168.63.129.16",  # Azure's metadata and name service
    "192.0.0.192",  # Oracle's metadata
    "192.88.99.1",
    "3fff::1",
    "5f00::1",
    "::ffff:168.63.129.16",
    "not an address",
    "",
]
PUBLIC = ["202.96.128.86", "1.1.1.1", "2400:3200::1", "::ffff:202.96.128.86", "64:ff9b::ca60:8056"]


@pytest.mark.parametrize("ip", NOT_PUBLIC)
def test_a_connection_to_no_public_address_is_refused(ip: str) -> None:
    assert refused_network(ip)


@pytest.mark.parametrize("ip", PUBLIC)
def test_a_connection_to_a_public_address_is_made(ip: str) -> None:
    assert refused_network(ip) == ""


def test_loopback_is_open_for_tests_alone_and_opens_nothing_else() -> None:
    assert (
        refused_network("127.0.0.1", loopback=True) == refused_network("::1", loopback=True) == ""
    )
    assert refused_network("10.0.0.1", loopback=True)
    assert refused_network("::ffff:10.0.0.1", loopback=True)


REFUSED = [
    "file:///etc/passwd",
    "data:text/html,x",
    "ftp://www.a.gov.cn/x",
    "gopher://www.a.gov.cn/",
    "javascript:alert(1)",
    "//www.a.gov.cn/",
    "/a.html",
    "",
    "http://user@www.a.gov.cn/",
    "http://user:secret@www.a.gov.cn/",
    "http://www.a.gov.cn@evil.com/",
    "http://evil.com\\@www.a.gov.cn/",
    "http://www.a.gov.cn%2eevil.com/",
    "http://www.a.gov.cn\n.evil.com/",
    "http://www.a.gov.cn:22/",
    "http://www.a.gov.cn:25/",
    "http://www.a.gov.cn:99999/",
    "http:///x",
    "http://.gov.cn/",
    "http://a..gov.cn/",
    "http://-.gov.cn/",
    f"http://{'a' * 64}.gov.cn/",
    "http://gov.cn.evil.com/",
    "http://agov.cn/",
    "http://www.example.com/",
    "http://127.0.0.1/",
    "http://2130706433/",
    "http://0x7f000001/",
    "http://0177.0.0.1/",
    "http://127.1/",
    "http://[::1]/",
    "http://１２７.0.0.1/",
    "http://www.a.gov.cn.1/",
    "http://localhost/",
    "http://[::ffff:127.0.0.1]/",
]


@pytest.mark.parametrize("url", REFUSED)
def test_what_only_looks_like_an_agencys_address_is_refused(url: str) -> None:
    with pytest.raises(AddressRefused):
        checked(url)


@pytest.mark.parametrize(
    "url",
    [
        "http://2130706433/",
        "http://0x7f.1/",
        "http://127.1/",
        "http://0/",
        "http://127.0.0.1.nip.io/",
        "http://10.0.0.1/",
    ],
)
def test_loopback_does_not_open_numbers_in_disguise(url: str) -> None:
    with pytest.raises(AddressRefused):
        checked(url, loopback=True)


def test_an_agencys_address_passes() -> None:
    address = checked("https://WWW.Beijing.gov.cn.:8443/a/年报.html?x=1#top")
    assert (address.host, address.port, address.origin) == (
        "www.beijing.gov.cn",
        8443,
        "https://www.beijing.gov.cn:8443",
    )
    assert str(address.url) == "https://www.beijing.gov.cn:8443/a/%E5%B9%B4%E6%8A%A5.html?x=1"
    assert checked("http://www.gov.cn/").port == 80
    assert checked("http://gov.cn/").host == "gov.cn"
    assert checked("http://a_b.x.gov.cn/").host == "a_b.x.gov.cn"
    assert str(checked("http://www.gov.cn/a b@c.pdf").url) == "http://www.gov.cn/a%20b@c.pdf"


def test_a_source_may_name_other_hosts() -> None:
    terms = Terms(hosts=("122.137.242.24", "*.example.org.cn", "report.example.com"))
    assert checked("http://122.137.242.24:8080/x", terms).port == 8080
    assert checked("http://a.b.example.org.cn/", terms).host == "a.b.example.org.cn"
    for url in (
        "http://example.org.cn/",
        "http://xexample.org.cn/",
        "http://a.report.example.com/",
        "http://122.137.242.25/",
    ):
        with pytest.raises(AddressRefused, match="not below"):
            checked(url, terms)


@given(
    st.one_of(
        st.text(max_size=60),
        st.text(max_size=60).map(lambda rest: f"http://www.a.gov.cn{rest}"),
        st.text(max_size=60).map(lambda host: f"http://{host}.gov.cn/"),
    )
)
@example("http://www.a.gov.cn/\ud800")
@example("http://xn--a.gov.cn/")
def test_any_text_is_an_agencys_address_or_refused(url: str) -> None:
    try:
        address = checked(url)
    except AddressRefused:
        return
    assert address.host == "gov.cn" or address.host.endswith(".gov.cn")
    again = httpx.URL(str(address.url))
    assert (again.raw_host.decode(), again.userinfo) == (address.host, b"")
    assert checked(str(address.url)) == address
