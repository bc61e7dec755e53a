"""Which optional layers of a PDF are off when it is opened.

`find_layers_off(data)` gives the names that its catalog switches off (ISO 32000-1, 8.11.4); pdfium
tells of a text only the name of its layer. A name that another layer that is on has, too, is left
out. Only files that can have layers are parsed, by pdfminer. Out of scope: layers that depend on
use, zoom or language, and memberships of several layers.
"""

from io import BytesIO
from typing import Any

from pdfminer.pdfdocument import PDFDocument
from pdfminer.pdfexceptions import PDFException
from pdfminer.pdfparser import PDFParser
from pdfminer.pdftypes import dict_value, list_value, resolve1
from pdfminer.psexceptions import PSException
from pdfminer.utils import decode_text


def find_layers_off(data: bytes) -> frozenset[str]:
    """The names of the layers that are off; none for a file that pdfminer cannot parse."""
    if b"/OCProperties" not in data and b"/ObjStm" not in data:
        return frozenset()
    try:
        catalog = PDFDocument(PDFParser(BytesIO(data))).catalog
        if "OCProperties" not in catalog:
            return frozenset()
        return _names_off(dict_value(catalog["OCProperties"]))
    except (PSException, PDFException, ValueError, KeyError, TypeError):
        return frozenset()


def _names_off(properties: dict[str, Any]) -> frozenset[str]:
    layers = {ref.objid: _name(ref) for ref in list_value(properties.get("OCGs", []))}
    usual = dict_value(properties.get("D", {}))
    switched = {key: {r.objid for r in list_value(usual.get(key, []))} for key in ("ON", "OFF")}
    off = set(layers) if str(usual.get("BaseState")).strip("/'") == "OFF" else set()
    off = (off - switched["ON"]) | switched["OFF"]
    on = {name for number, name in layers.items() if number not in off}
    return frozenset(layers[number] for number in off if number in layers) - on - {""}


def _name(reference: Any) -> str:
    name = resolve1(dict_value(reference).get("Name", b""))
    return decode_text(name) if isinstance(name, bytes) else ""
