"""What a file of `data/forms/` may hold: pydantic models, one for each part, every unknown key
refused. `transform.form.forms` makes the forms of them.

A file is an edition (`edition`, `first_year`, …) or adds tables to editions (`adds_to`).
"""

from typing import Literal

from pydantic import BaseModel, ConfigDict

Kind = Literal["data", "header"]
Number = Literal["int", "signed_int", "decimal"]


class FormFilePart(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)


class RowEntry(FormFilePart):
    id: str
    label: str
    label_en: str
    aliases: list[str] = []
    parent: str | None = None
    kind: Kind = "data"
    unit: str | None = None
    number: Number | None = None
    basis: str | None = None
    # the cell of another edition, written table|row|column, that means the same
    comparable: str | None = None
    evidence: Literal["template", "report", "confirmed", "recalled"] | None = (
        None  # how the label is known; for the reader of the file
    )
    optional: bool = False


class ColumnEntry(FormFilePart):
    id: str
    label: str
    label_en: str
    aliases: list[str] = []
    parent: str | None = None
    kind: Literal["data", "header", "label", "unit"] = "data"
    type: Number = "int"
    unit: str | None = None
    optional: bool = False


class BlockEntry(FormFilePart):
    id: str
    caption: str | None = None
    caption_en: str | None = None
    columns: list[ColumnEntry]
    rows: list[RowEntry]


class TableEntry(FormFilePart):
    same_as: str | None = None
    label: str | None = None
    label_en: str | None = None
    aliases: list[str] = []
    optional: bool = False
    notes: list[str] = []
    corners: list[str] = []
    fingerprints: list[str] = []
    blocks: list[BlockEntry] = []
    replace: list[RowEntry] = []
    remove: list[str] = []


class SectionEntry(FormFilePart):
    id: str
    label: str
    label_en: str
    kind: Literal["text", "table"]
    table: str | None = None
    aliases: list[str] = []


class FormFile(FormFilePart):
    edition: str | None = None
    adds_to: list[str] = []
    title: str
    title_en: str
    authority: str | None = None
    first_year: int | None = None
    last_year: int | None = None
    prescribed_from: int | None = None  # none: a form in use that nobody must follow
    sections_same_as: str | None = None
    sections: list[SectionEntry] = []
    tables: dict[str, TableEntry]
