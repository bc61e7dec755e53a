"""What a person must look at after a night that is done, and the mail that says so.

`attention` gives a line for each source that is not good, for damaged files of the vault, and where
more than a set share of what was read could not be read. `report_night` mails these lines, and once
that a source is good again; a mail that cannot be sent is one more line. Who runs the night makes
an exit status or a state of them.
"""

from collections.abc import Sequence

from extract.crawl.outcome import SourceDone
from flows.steps.notify import NotSent, notify
from flows.steps.settings import Settings
from review import crawl_report, run_report
from review.run_report import Summary


def attention(settings: Settings, done: Sequence[SourceDone], summary: Summary) -> tuple[str, ...]:
    """A line for each thing to look at; none after a good night."""
    lines = [f"{one.source_id} is {one.state}: {one.detail}" for one in done if not one.good]
    lines += [
        f"{place}: this file of the vault was damaged or missing: the next night fetches it again"
        for place in summary.damaged
    ]
    if summary.unread > settings.most_rejected * summary.changed:
        lines.append(
            f"{summary.unread} of {summary.changed} documents that were new or read again could "
            "not be read: see table outcomes for the reasons"
        )
    return tuple(lines)


def report_night(
    settings: Settings, done: Sequence[SourceDone], summary: Summary
) -> tuple[str, ...]:
    """The same, after it was mailed."""
    lines = attention(settings, done, summary)
    recovered = [one.source_id for one in done if one.history and one.history.recovered]
    if not lines and not recovered:
        return ()
    subject = "nianbao: "
    if lines:
        subject += f"done, but look: {lines[0]}"
        subject += f" (and {len(lines) - 1} more)" if len(lines) > 1 else ""
    else:
        subject += f"good again: {', '.join(recovered)}"
    body = [*lines, *(f"{name} is good again" for name in recovered), ""]
    body += [crawl_report.in_words(done), "", run_report.in_words(summary), ""]
    try:
        notify(settings, subject, "\n".join(body))
    except NotSent as error:
        return (*lines, str(error))
    return lines


def report_failure(settings: Settings, error: BaseException) -> None:
    """Mail that a night failed; that the mail cannot be sent is logged by `notify`."""
    try:
        notify(settings, "nianbao: the night failed", f"{type(error).__name__}: {error}\n")
    except NotSent:
        return  # the failure itself is said where the night was started
