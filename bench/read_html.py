"""Time of reading web pages: our reader beside lexbor's parse alone and beside other ways to
tables.

    python bench/read_html.py [FILE.html …]

Takes html files; without one the real pages in ../shared where that folder is, else a page that it
makes itself (three tables of 18x4, 26x10 and 4x15 with merged cells, each run of text in a span
with a long style, as Word pastes them). Prints a small Markdown table: processor milliseconds for
each page, best of several, and the sums in times of lexbor's parse. Peers that are not installed
are named as such: lxml.html, BeautifulSoup (bs4), pandas.read_html.
"""

import io
import sys
import time
from collections.abc import Callable
from importlib import import_module
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from selectolax.lexbor import LexborHTMLParser  # noqa: E402

from extract.encoding import decode_text  # noqa: E402
from extract.html import read as html  # noqa: E402

SHAPES = ((18, 4), (26, 10), (4, 15))
STYLE = (
    "font-family:仿宋_GB2312;font-size:12.0000pt;mso-font-kerning:0.0000pt;mso-spacerun:yes;" * 3
)


def sample() -> bytes:
    """A page as a site's editor keeps what was pasted from Word."""
    parts = ['<html><head><meta charset="utf-8"></head><body>']
    for rows, columns in SHAPES:
        parts.append("<p>二、主动公开政府信息情况</p><table><tbody>")
        for r in range(rows):
            spans = [columns] if r % 4 == 0 else [1] * columns
            cells = (
                (
                    f'<td colspan="{n}" style="{STYLE}"><p style="{STYLE}"><span '
                    f'style="{STYLE}">{r * c}</span></p></td>'
                )
                for c, n in enumerate(spans)
            )
            parts.append(f"<tr>{''.join(cells)}</tr>")
        parts.append("</tbody></table>")
    return "".join([*parts, "</body></html>"]).encode()


def lexbor(data: bytes) -> object:
    """The parse alone, of bytes that are UTF-8 already."""
    return LexborHTMLParser(data)


def lexml(data: bytes) -> object:
    """lxml.html: parse, and each cell's text; spans are left as they are."""
    tree = import_module("lxml.html").document_fromstring(data.decode(errors="replace"))
    return [
        [cell.text_content() for cell in row.iterchildren("td", "th")] for row in tree.iter("tr")
    ]


def soup(data: bytes) -> object:
    """BeautifulSoup on lxml: parse, and each cell's text; spans are left as they are."""
    tree = import_module("bs4").BeautifulSoup(data.decode(errors="replace"), "lxml")
    return [[cell.get_text() for cell in row.find_all(["td", "th"])] for row in tree.find_all("tr")]


def frames(data: bytes) -> object:
    """pandas.read_html: spans expanded, prose lost, blank and text told apart only by NaN."""
    return import_module("pandas").read_html(
        io.StringIO(data.decode(errors="replace")), flavor="lxml"
    )


WAYS: tuple[tuple[str, Callable[[bytes], object], int], ...] = (
    ("lexbor, parse alone", lexbor, 20),
    ("decode_text alone", decode_text, 20),
    ("this reader", html.read, 20),
    ("lxml.html", lexml, 7),
    ("pandas.read_html", frames, 3),
    ("BeautifulSoup", soup, 3),
)


def best(way: Callable[[bytes], object], data: bytes, tries: int) -> float:
    """Least processor time of `tries`, in milliseconds."""
    times = []
    for _ in range(tries):
        start = time.process_time()
        way(data)
        times.append(time.process_time() - start)
    return min(times) * 1000


def pages() -> list[tuple[str, bytes]]:
    """The pages to read, by name."""
    given = [Path(name) for name in sys.argv[1:]] or sorted(
        (ROOT.parent / "shared" / "corpus" / "raw").glob("*.html")
    )
    return [(path.name, path.read_bytes()) for path in given] or [("made here", sample())]


def main() -> None:
    """Print the table."""
    documents = pages()
    print(
        f"| way | {' | '.join(name for name, _ in documents)} | all | times the parse "
        f"|\n|{'---|' * (len(documents) + 3)}"
    )
    floor = 0.0
    for label, way, tries in WAYS:
        try:
            spent = [best(way, data, tries) for _, data in documents]
        except ImportError as error:
            print(
                f"| {label} | not installed: {error.name or error} |{' |' * (len(documents) + 1)}"
            )
            continue
        floor = floor or sum(spent)
        print(
            f"| {label} | {' | '.join(f'{ms:.2f}' for ms in spent)} | {sum(spent):.2f} | "
            f"{sum(spent) / floor:.2f} |"
        )


if __name__ == "__main__":
    main()
