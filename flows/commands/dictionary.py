"""`nianbao dictionary`: the data dictionary of the warehouse."""

from flows.commands.exit_status import DONE
from flows.commands.output import print_text


def dictionary() -> int:
    """Print the data dictionary of the warehouse (Markdown)."""
    from load.dictionary import dictionary as text
    from load.warehouse import memory

    with memory(comments=True) as con:
        print_text(text(con), end="")
    return DONE
