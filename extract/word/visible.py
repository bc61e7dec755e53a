"""What a person who looks at a page of Word reads, and what not: a main part's tree is changed so
that a plain walk over it meets what is seen and nothing else.

`keep_what_is_seen(root, styles)` takes the tree of a main part and, if there is one, that of the
styles; it changes the first in place and gives remarks for a person.

- Runs that are hidden, struck through, white on white or at most a point high become elements that
  no reader knows. It does not matter whether the run says so itself, or a character or paragraph
  style, or a style on which that one is based.
- Digits raised or lowered beside others become the characters for it (`¹`, `₁`): they are marks and
  join no number.
- Of a field only the result is seen, of nested fields that of the outermost. A drop-down field
  shows its choice.
- A cell that a tracked change deletes goes; a paragraph whose mark is deleted or hidden is one with
  the next.
- A picture, an embedded object, an equation that is more than a line of characters and an automatic
  number without text become UNREADABLE elements, so that their cell is not taken for a blank one.

Sources: ECMA-376 part 1, 17.3.2 (run properties), 17.7.3 (toggle properties), 17.16 (fields).
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from itertools import chain
from typing import Final, TypeVar

from lxml import etree

from extract.nested_tables import SUBSCRIPT, SUPERSCRIPT

WORD: Final = (
    "http://schemas.openxmlformats.org/wordprocessingml/2006/main",
    "http://purl.oclc.org/ooxml/wordprocessingml/main",
)
MATH: Final = (
    "http://schemas.openxmlformats.org/officeDocument/2006/math",
    "http://purl.oclc.org/ooxml/officeDocument/math",
)
ALTERNATIVES: Final = "{http://schemas.openxmlformats.org/markup-compatibility/2006}"
_Said = TypeVar("_Said", bool, int)
HIDDEN: Final = "hidden"  # the tag of what is not seen
UNREADABLE_TAG: Final = "unreadable"  # the tag of what is seen and cannot be read
_OFF: Final = frozenset({"0", "false", "off"})
_WHITE_FROM: Final = 0xF8  # of each of the three colours
_TINY_HALF_POINTS: Final = 2
_SHIFT_HALF_POINTS: Final = 2  # a smaller shift of the baseline is none to the eye

STRUCK_REMARK: Final = "text that is struck through was left out"
UNREADABLE_REMARK: Final = (
    "a picture, an object, an equation or an automatic number stands where text could be; it was "
    "not read"
)


def word_tags(names: str) -> tuple[str, ...]:
    """The tags of these elements in the transitional and the strict vocabulary."""
    return tuple(f"{{{space}}}{name}" for space in WORD for name in names.split())


def attribute(element: etree._Element, name: str) -> str | None:
    """An attribute of Word's own, in either vocabulary."""
    return element.get(f"{{{WORD[0]}}}{name}") or element.get(f"{{{WORD[1]}}}{name}")


def value_of(element: etree._Element) -> str | None:
    """The attribute `val`."""
    return attribute(element, "val")


def is_on(switch: etree._Element) -> bool:
    """Whether an element that is there or not is meant: it may say that it is off."""
    return (value_of(switch) or "") not in _OFF


TEXTS: Final = word_tags("t")
_RUNS: Final = word_tags("r")
_PARAGRAPHS: Final = word_tags("p")
_CELLS: Final = word_tags("tc")
_RUN_PROPERTIES: Final = word_tags("rPr")
_HIDING: Final = frozenset(word_tags("vanish specVanish"))
_STRIKING: Final = frozenset(word_tags("strike dstrike"))
_COLOUR: Final = frozenset(word_tags("color"))
_SIZE: Final = frozenset(word_tags("sz"))
_ALIGNED: Final = frozenset(word_tags("vertAlign"))
_SHIFTED: Final = frozenset(word_tags("position"))
_LOOKS: Final = (*_HIDING, *_STRIKING, *_COLOUR, *_SIZE, *_ALIGNED, *_SHIFTED)
_RUN_STYLE: Final = word_tags("rStyle")
_PARAGRAPH_STYLE: Final = word_tags("pStyle")
_FIELD: Final = frozenset(word_tags("fldChar"))
_DRAWINGS: Final = (*word_tags("drawing pict object"), f"{ALTERNATIVES}AlternateContent")
# what shows something that is no text
_PICTURES: Final = (
    "{*}pic",
    "{*}imagedata",
    "{*}OLEObject",
    "{*}chart",
    "{*}relIds",
    "{*}textpath",
    "{*}control",
)
_EQUATION_PARTS: Final = tuple(
    f"{{{space}}}{name}"
    for space in MATH
    for name in [
        "acc",
        "bar",
        "box",
        "borderBox",
        "d",
        "eqArr",
        "f",
        "func",
        "groupChr",
        "limLow",
        "limUpp",
        "m",
        "nary",
        "phant",
        "rad",
        "sPre",
        "sSub",
        "sSubSup",
        "sSup",
    ]
)
_MATH_TEXTS: Final = tuple(f"{{{space}}}t" for space in MATH)


@dataclass(frozen=True, slots=True)
class Look:
    """How text looks as far as it matters here; None where nothing is said of it."""

    hidden: bool | None = None
    struck_through: bool | None = None
    raised: int | None = None  # 1 above the line, -1 below, 0 on it
    shift: int | None = None  # of the baseline, in half points
    white: bool | None = None
    tiny: bool | None = None

    def over(self, below: "Look") -> "Look":
        """This look where it says something, else the one that it stands on."""
        return Look(
            _first_said(self.hidden, below.hidden),
            _first_said(self.struck_through, below.struck_through),
            _first_said(self.raised, below.raised),
            _first_said(self.shift, below.shift),
            _first_said(self.white, below.white),
            _first_said(self.tiny, below.tiny),
        )

    def beside(self, paragraph: "Look") -> "Look":
        """A character style's look over a paragraph style's: switches that both turn on are off."""
        return replace(
            self.over(paragraph),
            hidden=_toggled(self.hidden, paragraph.hidden),
            struck_through=_toggled(self.struck_through, paragraph.struck_through),
        )


def _first_said(mine: _Said | None, below: _Said | None) -> _Said | None:
    return below if mine is None else mine


def _toggled(one: bool | None, other: bool | None) -> bool | None:
    return one != other if one is not None and other is not None else _first_said(one, other)


PLAIN: Final = Look()


def keep_what_is_seen(root: etree._Element, styles: etree._Element | None) -> list[str]:
    """Change the tree as the module's text says; remarks for a person."""
    remarks = _hide_runs(root, {} if styles is None else _read_styles(styles))
    _remove_deleted_cells(root)
    _join_paragraphs(root)
    _keep_results_of_fields(root)
    return remarks + _mark_unreadable(root)


# ---- styles


@dataclass(frozen=True, slots=True)
class _Style:
    own: Look
    based_on: str


def _read_styles(sheet: etree._Element) -> dict[str, Look]:
    """The styles that change what is seen, by their id, with what they have from others."""
    stated: dict[str, _Style] = {}
    for style in sheet.iter("{*}style"):
        based_on = style.find("{*}basedOn")
        properties = style.find("{*}rPr")
        stated[attribute(style, "styleId") or ""] = _Style(
            PLAIN if properties is None else _look_of(properties),
            "" if based_on is None else value_of(based_on) or "",
        )
    whole = {name: _with_base(name, stated) for name in stated}
    return {name: look for name, look in whole.items() if look != PLAIN}


def _with_base(name: str, stated: dict[str, _Style]) -> Look:
    look = PLAIN
    passed: set[str] = set()
    while name in stated and name not in passed:
        passed.add(name)
        look = look.over(stated[name].own)
        name = stated[name].based_on
    return look


def _look_of(properties: etree._Element) -> Look:
    """What a w:rPr says itself."""
    look = PLAIN
    for child in properties:
        tag = child.tag
        if tag in _HIDING:
            look = replace(look, hidden=bool(look.hidden) or is_on(child))
        elif tag in _STRIKING:
            look = replace(look, struck_through=bool(look.struck_through) or is_on(child))
        elif tag in _ALIGNED:
            side = {"superscript": 1, "subscript": -1}.get(value_of(child) or "", 0)
            look = replace(look, raised=side)
        elif tag in _SHIFTED:
            look = replace(look, shift=_whole_number(value_of(child)) or 0)
        elif tag in _COLOUR:
            look = replace(look, white=_is_white(value_of(child)))
        elif tag in _SIZE:
            look = replace(look, tiny=_is_tiny(value_of(child)))
    return look


def _is_tiny(half_points: str | None) -> bool:
    size = _whole_number(half_points)
    return size is not None and 0 <= size <= _TINY_HALF_POINTS


def _whole_number(text: str | None) -> int | None:
    try:
        return int(text or "")
    except ValueError:
        return None


def _is_white(colour: str | None) -> bool:
    try:
        return len(colour or "") == 6 and min(bytes.fromhex(colour or "")) >= _WHITE_FROM
    except ValueError:
        return False


# ---- runs


def _hide_runs(root: etree._Element, styles: dict[str, Look]) -> list[str]:
    """Hide the runs that nobody sees, and make raised and lowered digits the characters for it."""
    remarks: list[str] = []
    for run in _runs_of_interest(root, styles):
        look = _effective_look(run, styles)
        if look.struck_through:
            remarks.append(STRUCK_REMARK)
        if look.hidden or look.struck_through or look.tiny or (look.white and _on_white(run)):
            run.tag = HIDDEN
            continue
        raised = look.raised or _side_of_shift(run, look.shift or 0, styles)
        if raised:
            for text in run.iter(*TEXTS):
                text.text = (text.text or "").translate(SUPERSCRIPT if raised > 0 else SUBSCRIPT)
    return remarks[:1]


def _runs_of_interest(root: etree._Element, styles: dict[str, Look]) -> Iterable[etree._Element]:
    """The runs of which something is said that could change what is seen, each once."""
    found: dict[etree._Element, None] = {}
    for mark in root.iter(*_LOOKS):
        if mark.tag in _COLOUR and not _is_white(value_of(mark)):
            continue
        if mark.tag in _SIZE and not _is_tiny(value_of(mark)):
            continue
        found |= dict.fromkeys(_runs_with(mark))
    for name in root.iter(*_RUN_STYLE, *_PARAGRAPH_STYLE) if styles else ():
        if value_of(name) in styles:
            found |= dict.fromkeys(_runs_with(name))
    return list(found)


def _runs_with(mark: etree._Element) -> Iterator[etree._Element]:
    """The run whose properties hold this mark; all runs of the paragraph whose style this is."""
    properties = mark.getparent()
    owner = None if properties is None else properties.getparent()
    if owner is None or properties is None:
        return
    if mark.tag in _PARAGRAPH_STYLE:
        yield from owner.iter(*_RUNS)
    elif properties.tag in _RUN_PROPERTIES and owner.tag in _RUNS:
        yield owner


def _effective_look(run: etree._Element, styles: dict[str, Look]) -> Look:
    properties = run.find("{*}rPr")
    own = PLAIN if properties is None else _look_of(properties)
    if not styles:
        return own
    by_character = _style_look(run.find("{*}rPr/{*}rStyle"), styles)
    paragraph = next(run.iterancestors(*_PARAGRAPHS), None)
    style_name = None if paragraph is None else paragraph.find("{*}pPr/{*}pStyle")
    return own.over(by_character.beside(_style_look(style_name, styles)))


def _style_look(name: etree._Element | None, styles: dict[str, Look]) -> Look:
    return PLAIN if name is None else styles.get(value_of(name) or "", PLAIN)


def _side_of_shift(run: etree._Element, shift: int, styles: dict[str, Look]) -> int:
    """1 or -1 for a run whose baseline is shifted against that of other text in its paragraph; a
    paragraph that is shifted as a whole has no marks.
    """
    paragraph = next(run.iterancestors(*_PARAGRAPHS), None)
    if abs(shift) < _SHIFT_HALF_POINTS or paragraph is None:
        return 0
    others = {
        _effective_look(other, styles).shift or 0
        for other in paragraph.iter(*_RUNS)
        if any((text.text or "").strip() for text in other.iter(*TEXTS))
    }
    if all(abs(shift - other) < _SHIFT_HALF_POINTS for other in others):
        return 0
    return 1 if shift > min(others) else -1


def _on_white(run: etree._Element) -> bool:
    """Whether nothing around a run gives it a background; a table's style may, so it counts as
    one.
    """
    for element in chain((run,), run.iterancestors()):
        name = etree.QName(element).localname
        if name == "tbl":
            return element.find("{*}tblPr/{*}tblStyle") is None
        properties = element.find(f"{{*}}{name}Pr") if name in ("r", "p", "tc") else None
        if properties is not None and _is_shaded(properties):
            return False
    return True


def _is_shaded(properties: etree._Element) -> bool:
    if properties.find("{*}highlight") is not None:
        return True
    shading = properties.find("{*}shd")
    if shading is None:
        return False
    fill, pattern = attribute(shading, "fill") or "auto", value_of(shading) or "clear"
    return (fill != "auto" and not _is_white(fill)) or pattern not in ("clear", "nil")


# ---- fields


@dataclass(slots=True)
class _OpenField:
    """A field whose end is not yet met; `instruction` is what stands before its result."""

    instruction: list[etree._Element]
    in_result: bool = False


def _keep_results_of_fields(root: etree._Element) -> None:
    """Hide what belongs to the instruction of a field, results of inner fields among it.

    A field that has no end hides nothing.
    """
    if next(root.iter(*_FIELD), None) is None:
        return
    fields: list[_OpenField] = []
    for element in list(root.iter(*_FIELD, *TEXTS, *word_tags("sym noBreakHyphen"))):
        if element.tag not in _FIELD:
            outermost = next((field for field in fields if not field.in_result), None)
            if outermost is not None:
                outermost.instruction.append(element)
            continue
        kind = attribute(element, "fldCharType")
        if kind == "begin":
            fields.append(_OpenField([]))
            _show_choice(element)
        elif kind == "separate" and fields:
            _hide_all(fields[-1].instruction)
            fields[-1].in_result = True
        elif kind == "end" and fields:
            closed = fields.pop()
            if not closed.in_result:
                _hide_all(closed.instruction)


def _hide_all(elements: Iterable[etree._Element]) -> None:
    for element in elements:
        element.tag = HIDDEN


def _show_choice(begin: etree._Element) -> None:
    """Give a drop-down field the text that it shows: its list's chosen entry."""
    choices = begin.find("{*}ffData/{*}ddList")
    if choices is None:
        return
    chosen = choices.find("{*}result")
    if chosen is None:
        chosen = choices.find("{*}default")
    index = 0 if chosen is None else _whole_number(value_of(chosen)) or 0
    entries = [value_of(entry) or "" for entry in choices.iterfind("{*}listEntry")]
    if 0 <= index < len(entries):
        begin.tag, begin.text = TEXTS[0], entries[index]


# ---- tracked changes


def _remove_deleted_cells(root: etree._Element) -> None:
    for mark in list(root.iter(*word_tags("cellDel"))):
        cell = next(mark.iterancestors(*_CELLS), None)
        row = None if cell is None else cell.getparent()
        if cell is not None and row is not None:
            row.remove(cell)


def _join_paragraphs(root: etree._Element) -> None:
    """Put what stands in a paragraph whose mark is deleted or hidden before the next one's runs."""
    for mark in list(root.iter(*word_tags("del moveFrom vanish"))):
        properties = mark.getparent()
        owner = None if properties is None else properties.getparent()
        paragraph = None if owner is None else owner.getparent()
        if (
            owner is None
            or paragraph is None
            or etree.QName(owner).localname != "pPr"
            or paragraph.tag not in _PARAGRAPHS
            or not is_on(mark)
        ):
            continue
        following = paragraph.getnext()
        holder = paragraph.getparent()
        if following is None or following.tag not in _PARAGRAPHS or holder is None:
            continue
        place = 1 if len(following) and etree.QName(following[0]).localname == "pPr" else 0
        following[place:place] = [child for child in paragraph if child is not owner]
        holder.remove(paragraph)


# ---- what cannot be read


def _mark_unreadable(root: etree._Element) -> list[str]:
    found = [
        *_pictures(root),
        *_equations(root),
        *_automatic_numbers(root),
    ]
    for element in found:
        element.tag = UNREADABLE_TAG
    return [UNREADABLE_REMARK] if found else []


def _pictures(root: etree._Element) -> Iterator[etree._Element]:
    """Drawings that show something and hold no text."""
    for drawing in list(root.iter(*_DRAWINGS)):
        if (
            next(drawing.iter(*_PICTURES), None) is not None
            and next(drawing.iter(*TEXTS), None) is None
            and next(drawing.iterancestors(*_DRAWINGS), None) is None
        ):
            yield drawing


def _equations(root: etree._Element) -> Iterator[etree._Element]:
    """Parts of equations that stand above, below or around others."""
    for part in list(root.iter(*_EQUATION_PARTS)):
        if (
            next(part.iter(*_MATH_TEXTS, *TEXTS), None) is not None
            and next(part.iterancestors(*_EQUATION_PARTS), None) is None
        ):
            yield part


def _automatic_numbers(root: etree._Element) -> Iterator[etree._Element]:
    """The numbering properties of paragraphs of a cell that hold nothing else than their number."""
    for numbering in list(root.iter(*word_tags("numPr"))):
        paragraph = next(numbering.iterancestors(*_PARAGRAPHS), None)
        properties = numbering.getparent()
        number = numbering.find("{*}numId")
        if (
            paragraph is None
            or properties is None
            or properties.getparent() is not paragraph
            or (number is not None and value_of(number) == "0")
            or next(paragraph.iterancestors(*_CELLS), None) is None
            or any((text.text or "").strip() for text in paragraph.iter(*TEXTS))
        ):
            continue
        shown = etree.SubElement(paragraph, UNREADABLE_TAG)
        yield shown
