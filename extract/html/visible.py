"""What a person who looks at a web page reads in it, and what not.

`keep_what_is_seen(tree)` changes the tree in place and gives what a walk over it must leave
out:

- hidden: by the attribute, by an element's own style or a style sheet (`style_sheets`); what is
  struck through; the small text of ruby above a word;
- raised and lowered digits become the characters for it (`¹`, `₁`): they are marks and join no
  number;
- fields of a form in a table's cell become what they show: the text typed in, the entry chosen;
- pictures, scripts that write, drawings and embedded pages become UNREADABLE within a table's cell,
  so that it is not taken for a blank one; so does a number that a style sheet adds to a cell, and a
  cell with a digit all of which is white where nothing says that anything is filled behind it.
  White text beside other text of a cell is left out.

Where every table of a page is hidden, scripts show them one at a time, so they are read all the
same and a remark says so. Out of scope: other colours, what covers what.
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Final

from selectolax.lexbor import LexborHTMLParser, LexborNode

from extract.document import UNREADABLE
from extract.html.style_sheets import StyledLook, looks_of, with_added_text
from extract.nested_tables import SUBSCRIPT, SUPERSCRIPT

_SPEAKING: Final = "s,del,strike,sup,sub,rt,rp"
_FIELDS: Final = "input,select,textarea"
_IN_CELLS: Final = "img,script,svg,canvas,object,embed,iframe,video,math"
# kinds of input that show nothing, or nothing of the document
_SILENT_INPUTS: Final = frozenset({"hidden", "submit", "button", "reset", "image", "file"})
_TICKS: Final = frozenset({"checkbox", "radio"})
_SPACER: Final = re.compile(r"\s*[0-2](?:px)?\s*")

ALL_HIDDEN_REMARK: Final = (
    "all tables of the page are hidden until a script shows them; they were read"
)
STRIKETHROUGH_REMARK: Final = "text that is struck through was left out"
UNREADABLE_REMARK: Final = "pictures, scripts or drawings stand in cells; they were not read"


@dataclass(frozen=True, slots=True)
class SeenPage:
    """What is not seen, by `mem_id`, and what had to be decided."""

    hidden: frozenset[int]
    remarks: tuple[str, ...]


def keep_what_is_seen(tree: LexborHTMLParser) -> SeenPage:
    """Change the tree as the module's text says."""
    looks = looks_of(tree)
    named: dict[str, list[LexborNode]] = {}
    for node in tree.css(_SPEAKING):
        named.setdefault(node.tag or "", []).append(node)
    crossed = [node for tag in ("s", "del", "strike") for node in named.get(tag, ())]
    crossed += [node for node, look in looks if look.has_line_through]
    hidden = tree.css("[hidden]") + [node for node, look in looks if look.hidden]
    hidden, remarks = _without_hidden_tables(tree, hidden)
    hidden += [*crossed, *named.get("rt", ()), *named.get("rp", ())]
    _raise_digits((node, look.side) for node, look in looks if look.side and not look.hidden)
    _raise_digits((node, 1) for node in named.get("sup", ()))
    _raise_digits((node, -1) for node in named.get("sub", ()))
    hidden += _leave_out_white(looks)
    _add_unreadable(node for node in with_added_text(tree) if _is_in_cell(node))
    _show_fields(tree.css(_FIELDS))
    if crossed:
        remarks.append(STRIKETHROUGH_REMARK)
    if _mark_unreadable(tree.css(_IN_CELLS)):
        remarks.append(UNREADABLE_REMARK)
    return SeenPage(frozenset(node.mem_id for node in hidden), tuple(remarks))


_Looks = list[tuple[LexborNode, StyledLook]]


def _leave_out_white(looks: _Looks) -> list[LexborNode]:
    """The white texts that stand beside others in a cell; a white text that is all of a cell with a
    digit becomes UNREADABLE.
    """
    filled = {node.mem_id for node, look in looks if look.is_filled}
    white = [node for node, look in looks if look.is_white and not look.hidden]
    unseen = [n for n in white if _is_in_cell(n) and not _stands_on_fill(n, filled)]
    beside = [node for node in unseen if _stands_beside_text(node)]
    whole = (node for node in unseen if not _stands_beside_text(node))
    _add_unreadable(node for node in whole if any(map(str.isdigit, node.text() or "")))
    return beside


def _stands_beside_text(node: LexborNode) -> bool:
    """Whether there is other text in the cell."""
    cell = None if node.tag in ("td", "th") else _cell_of(node)
    return cell is not None and (node.text() or "").strip() != (cell.text() or "").strip()


def _stands_on_fill(node: LexborNode, filled: set[int]) -> bool:
    """Whether something is filled behind a text, so that white is seen."""
    around = (node, *ancestors_of(node))
    return any(one.mem_id in filled or one.attributes.get("bgcolor") for one in around)


def _is_in_cell(node: LexborNode) -> bool:
    return node.tag in ("td", "th") or _cell_of(node) is not None


def _add_unreadable(nodes: Iterable[LexborNode]) -> None:
    for node in nodes:
        node.insert_child(UNREADABLE)


def _without_hidden_tables(
    tree: LexborHTMLParser, hidden: list[LexborNode]
) -> tuple[list[LexborNode], list[str]]:
    """The hidden elements, less those around tables if no table is shown."""
    if not hidden:
        return [], []
    in_hidden = {table.mem_id for node in hidden for table in node.css("table")}
    if not in_hidden or not in_hidden.issuperset(table.mem_id for table in tree.css("table")):
        return hidden, []
    left = [n for n in hidden if n.tag != "table" and n.css_first("table") is None]
    return left, [ALL_HIDDEN_REMARK]


def _raise_digits(nodes: Iterable[tuple[LexborNode, int]]) -> None:
    for node, side in nodes:
        if node.tag not in ("td", "th", "tr", "table", "tbody"):  # there it means the cell
            table = SUPERSCRIPT if side > 0 else SUBSCRIPT
            node.replace_with((node.text() or "").translate(table))


def _show_fields(fields: Iterable[LexborNode]) -> None:
    for field in fields:
        shown = _shown_in(field) if _cell_of(field) is not None else ""
        if shown:
            field.replace_with(shown)


def _shown_in(field: LexborNode) -> str:
    if field.tag == "textarea":
        return field.text() or ""
    if field.tag == "select":
        entries = field.css("option")
        chosen = [entry for entry in entries if "selected" in entry.attributes]
        return next(((entry.text() or "").strip() for entry in [*chosen[-1:], *entries]), "")
    kind = (field.attributes.get("type") or "text").lower()
    if kind in _TICKS:
        return UNREADABLE
    return "" if kind in _SILENT_INPUTS else field.attributes.get("value") or ""


def _mark_unreadable(nodes: Iterable[LexborNode]) -> bool:
    shown = [node for node in nodes if _shows_something(node)]
    for node in shown:
        node.replace_with(UNREADABLE)
    return bool(shown)


def _shows_something(node: LexborNode) -> bool:
    """Whether an element of a cell shows what cannot be read. A script may, where it calls
    something and nothing else stands in the cell.
    """
    cell = _cell_of(node)
    if cell is None or node.tag != "script":
        return cell is not None and not _is_spacer(node)
    written = node.text() or ""
    return "(" in written and (cell.text() or "").replace(written, "").strip() == ""


def ancestors_of(node: LexborNode) -> Iterator[LexborNode]:
    """The elements around a node, from the inside."""
    above = node.parent
    while above is not None:
        yield above
        above = above.parent


def _cell_of(node: LexborNode) -> LexborNode | None:
    return next((above for above in ancestors_of(node) if above.tag in ("td", "th")), None)


def _is_spacer(node: LexborNode) -> bool:
    """A picture of a point or two only keeps things apart."""
    sizes = (node.attributes.get("width"), node.attributes.get("height"))
    return any(size is not None and _SPACER.fullmatch(size) for size in sizes)
