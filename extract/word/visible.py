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

Source: ECMA-376 part 1, 17.16 (fields).
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import chain
from typing import Final

from lxml import etree

from extract.nested_tables import SUBSCRIPT, SUPERSCRIPT
from extract.word.look import (
    LOOK_TAGS,
    PLAIN,
    Look,
    is_of_interest,
    is_white,
    look_of,
    read_styles,
    whole_number,
)
from extract.word.vocabulary import (
    ALTERNATIVES,
    MATH,
    TEXTS,
    attribute,
    is_on,
    used_in,
    value_of,
    word_tags,
)

HIDDEN: Final = "hidden"  # the tag of what is not seen
UNREADABLE_TAG: Final = "unreadable"  # the tag of what is seen and cannot be read
_SHIFT_HALF_POINTS: Final = 2  # a smaller shift of the baseline is none to the eye

STRIKETHROUGH_REMARK: Final = "text that is struck through was left out"
UNREADABLE_REMARK: Final = (
    "a picture, an object, an equation or an automatic number stands where text could be; it was "
    "not read"
)


_RUNS: Final = word_tags("r")
_PARAGRAPHS: Final = word_tags("p")
_PARAGRAPH_PROPERTIES: Final = word_tags("pPr")
_CELLS: Final = word_tags("tc")
_RUN_PROPERTIES: Final = word_tags("rPr")
_RUN_STYLE: Final = word_tags("rStyle")
_PARAGRAPH_STYLE: Final = word_tags("pStyle")
STYLE_NAMES: Final = (*_RUN_STYLE, *_PARAGRAPH_STYLE)
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
_PICTURE_KINDS: Final = frozenset({"picture", "chart", "diagram", "ole"})  # ends of their names
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
_SELDOM: Final = (
    *word_tags("cellDel del moveFrom vanish fldChar numPr"),
    *_DRAWINGS,
    *(f"{{{space}}}oMath" for space in MATH),
)
_MATH_TEXTS: Final = tuple(f"{{{space}}}t" for space in MATH)


def keep_what_is_seen(root: etree._Element, styles: etree._Element | None) -> list[str]:
    """Change the tree as the module's text says; remarks for a person."""
    remarks = _hide_runs(root, {} if styles is None else read_styles(styles))
    held = {
        element.tag for element in root.iter(*used_in(root, _SELDOM))
    }  # one search for all that is seldom
    if not held:
        return remarks
    _remove_deleted_cells(root)
    _join_paragraphs(root)
    _keep_results_of_fields(root)
    return remarks + _mark_unreadable(root)


# ---- runs


def _hide_runs(root: etree._Element, styles: dict[str, Look]) -> list[str]:
    """Hide the runs that nobody sees, and make raised and lowered digits the characters for it."""
    strikes = False
    for run in _runs_of_interest(root, styles):
        look = _effective_look(run, styles)
        strikes |= bool(look.has_line_through)
        if look.hidden or look.has_line_through or look.tiny or (look.white and _on_white(run)):
            run.tag = HIDDEN
        else:
            _raise_digits(run, look.raised or _side_of_shift(run, look.shift or 0, styles))
    return [STRIKETHROUGH_REMARK] if strikes else []


def _raise_digits(run: etree._Element, side: int) -> None:
    for text in run.iter(*TEXTS) if side else ():
        text.text = (text.text or "").translate(SUPERSCRIPT if side > 0 else SUBSCRIPT)


def _runs_of_interest(root: etree._Element, styles: dict[str, Look]) -> Iterable[etree._Element]:
    """The runs of which something is said that could change what is seen, each once."""
    found: dict[etree._Element, None] = {}
    for mark in filter(is_of_interest, root.iter(*used_in(root, LOOK_TAGS))):
        found |= dict.fromkeys(_runs_with(mark))
    for name in root.iter(*STYLE_NAMES) if styles else ():
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
    own = PLAIN if properties is None else look_of(properties)
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
    return (fill != "auto" and not is_white(fill)) or pattern not in ("clear", "nil")


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
        if element.tag in _FIELD:
            fields = _pass_field_mark(fields, element)
            continue
        outermost = next((field for field in fields if not field.in_result), None)
        if outermost is not None:
            outermost.instruction.append(element)


def _pass_field_mark(fields: list[_OpenField], mark: etree._Element) -> list[_OpenField]:
    """The open fields behind a mark; an instruction that ends with it is hidden."""
    kind = attribute(mark, "fldCharType")
    if kind == "begin":
        _show_choice(mark)
        return [*fields, _OpenField([])]
    if not fields or kind not in ("separate", "end"):
        return fields
    innermost = fields[-1]
    if not innermost.in_result:
        _hide_all(innermost.instruction)
    innermost.in_result = True
    return fields if kind == "separate" else fields[:-1]


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
    index = 0 if chosen is None else whole_number(value_of(chosen)) or 0
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
        paragraph = _paragraph_marked(mark) if is_on(mark) else None
        if paragraph is not None:
            _join_to_next(paragraph)


def _join_to_next(paragraph: etree._Element) -> None:
    following, holder = paragraph.getnext(), paragraph.getparent()
    if following is None or holder is None or following.tag not in _PARAGRAPHS:
        return
    place = 1 if len(following) and following[0].tag in _PARAGRAPH_PROPERTIES else 0
    following[place:place] = [
        child for child in paragraph if child.tag not in _PARAGRAPH_PROPERTIES
    ]
    holder.remove(paragraph)


def _paragraph_marked(mark: etree._Element) -> etree._Element | None:
    """The paragraph to whose own mark these properties belong; None for those of a run."""
    properties = mark.getparent()
    owner = None if properties is None else properties.getparent()
    if owner is None or owner.tag not in _PARAGRAPH_PROPERTIES:
        return None
    return owner.getparent()


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
            _shows_picture(drawing)
            and next(drawing.iter(*TEXTS), None) is None
            and next(drawing.iterancestors(*_DRAWINGS), None) is None
        ):
            yield drawing


def _shows_picture(drawing: etree._Element) -> bool:
    if next(drawing.iter(*_PICTURES), None) is not None:
        return True
    kinds = [data.get("uri", "") for data in drawing.iter("{*}graphicData")]
    return any(kind.rpartition("/")[2] in _PICTURE_KINDS for kind in kinds)


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
