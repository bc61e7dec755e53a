"""Every text that people meet: `say(name, lang, …)` gives an entry of `data/messages.yaml` in
Chinese (zh) or English (en), with the values for its placeholders.

An entry is named "section.key". Where the value `count` is 1 and the entry has a wording for one,
that is said in English. The file is read once, when the first word is said. Refused with file and
line (`ConfigError`): an entry without one of the languages or with an unknown key, and wordings of
one entry with different placeholders. That every name in code and templates has an entry, and every
entry is used, is held by `tests/review/test_messages.py`.

The rules bring their own words in `data/rules`.
"""

from collections.abc import Iterator, Mapping
from functools import cache
from importlib.resources import files
from string import Formatter
from typing import Annotated

from pydantic import BaseModel, ConfigDict, RootModel, StringConstraints

from data import ConfigError, ConfigFile, read, validate_file

Text = Annotated[str, StringConstraints(min_length=1)]


class Message(BaseModel):
    """One entry: what is said, in each language."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)

    zh: Text
    en: Text
    en_one: Text | None = None  # in place of `en` where {count} is 1

    def wordings(self) -> Iterator[str]:
        """All that may be said."""
        yield from (text for text in (self.zh, self.en, self.en_one) if text is not None)

    def in_language(self, lang: str, values: Mapping[str, object]) -> str:
        """The wording for these values, not yet filled in."""
        if lang == "zh":
            return self.zh
        return self.en_one if self.en_one is not None and values.get("count") == 1 else self.en


class MessagesFile(RootModel[dict[str, dict[str, Message]]]):
    """The file: section, key, entry."""


def say(name: str, lang: str, /, **values: object) -> str:
    """The entry's words in the language, with `values` for its placeholders."""
    return messages()[name].in_language(lang, values).format(**values)


@cache
def messages() -> Mapping[str, Message]:
    """All entries by name, read once and kept."""
    return parse_messages(read(files("data") / "messages.yaml"))


def parse_messages(file: ConfigFile) -> dict[str, Message]:
    """The entries of a file by name. ConfigError names file and line of what is refused."""
    found: dict[str, Message] = {}
    for section, entries in validate_file(file, MessagesFile).root.items():
        for key, message in entries.items():
            try:
                wanted = [placeholders(wording) for wording in message.wordings()]
            except ValueError as error:
                raise _refusal(file, section, key, f"{error}: write {{{{ for a brace") from error
            if any(names != wanted[0] for names in wanted):
                raise _refusal(
                    file, section, key, "the placeholders differ: name the same in every wording"
                )
            found[f"{section}.{key}"] = message
    return found


def placeholders(wording: str) -> set[str]:
    """The names of the values that a wording needs. ValueError where a brace is not closed."""
    return {name for _, name, _, _ in Formatter().parse(wording) if name is not None}


def _refusal(file: ConfigFile, section: str, key: str, why: str) -> ConfigError:
    return ConfigError(f"{file.at((section, key))}: {section}.{key}: {why}")
