"""What the command line says of a report, in Chinese and English; the rules bring their own words
in `data/rules`.
"""

from typing import Final

from extract.document import Reason

Both = dict[str, str]  # language -> words


def _both(zh: str, en: str) -> Both:
    return {"zh": zh, "en": en}


LEVELS: Final = {
    "error": _both("错误", "Errors"),
    "warning": _both("提醒", "Warnings"),
    "info": _both("说明", "For information"),
}
COUNTS: Final = _both(
    "错误 {error}，提醒 {warning}，说明 {info}",
    "errors {error}, warnings {warning}, for information {info}",
)
CLEAN: Final = _both("没有发现问题。", "Nothing to object to.")
YEAR: Final = _both("{agency} {year} 年度报告", "{agency}, report on {year}")
NO_YEAR: Final = _both("{agency}，年度不明", "{agency}, year not known")
UNKNOWN_AGENCY: Final = _both("机关不明", "agency not known")
NOT_IN_FULL: Final = _both("{name}（全称不明）", "{name} (full name not known)")
FORMS: Final = _both("{format} 文件；格式：{tables}", "{format} file; form: {tables}")
EDITION: Final = _both("{edition} 版（{tables}）", "edition of {edition} ({tables})")
NOT_FOUND: Final = _both("没有找到：{tables}", "not found: {tables}")
COMPARED: Final = _both("正文核对了 {count} 个数", "Figures of the prose compared: {count}")
NO_LAST_YEAR: Final = _both(
    "未提供上年报告，未核对结转数",
    "last year's report was not given: carried-over cases not compared",
)
UNREADABLE: Final = _both("不能读取", "cannot be read")
DRAFT_COUNTS: Final = _both("错误 {error}，提醒 {warning}", "errors {error}, warnings {warning}")
DRAFTS: Final = _both(
    "共 {count} 份：有错误 {errors} 份，不能读取 {unreadable} 份，没有错误 {clean} 份",
    "Drafts {count}: with errors {errors}, cannot be read {unreadable}, without errors {clean}",
)
COLUMNS: Final = {  # of the table of several drafts
    "file": _both("文件", "file"),
    "agency": _both("机关", "agency"),
    "year": _both("年度", "year"),
    "verdict": _both("结论", "verdict"),
    "errors": _both("错误", "errors"),
    "warnings": _both("提醒", "warnings"),
    "infos": _both("说明", "for information"),
    "most_important": _both("最要紧的一处", "the most important place"),
    "level": _both("级别", "level"),
    "rule": _both("规则", "rule"),
    "message": _both("内容", "finding"),
    "cells": _both("单元格", "cells"),
}
LEVEL_NAMES: Final = {  # of one finding
    "error": _both("错误", "Error"),
    "warning": _both("提醒", "Warning"),
    "info": _both("说明", "For information"),
}
LIKELY_VALUE: Final = _both("很可能应为 {implied}。", "Should probably be {implied}.")
SHEETS: Final = {"drafts": _both("各份报告", "drafts"), "findings": _both("检查结果", "findings")}
VERDICTS: Final = {
    "clean": _both("没有错误", "no error"),
    "errors": _both("有错误", "errors"),
    "unreadable": _both("不能读取", "cannot be read"),
}
WHOLE_REPORT: Final = _both("整份报告", "The report as a whole")
ONE_CAUSE: Final = _both("以下 {count} 处出于同一原因：", "These {count} have one cause:")
MORE: Final = _both(
    "还有 {count} 处同类问题，全部见 --json [{rule}]",
    "and {count} more of this kind, all of them with --json [{rule}]",
)
LIKELY: Final = _both("很可能是：{cells}", "Likely: {cells}")
POSSIBLE: Final = _both("可能是以下之一：", "One of these may be wrong:")
EQUAL: Final = _both(
    "以下各格都可能有误，凭合计无法区分：",
    "Any one of these may be wrong; the sums cannot tell which:",
)
NOT_LOCATED: Final = _both("错处太多，未能找出是哪一格。", "Too much is wrong to tell which cell.")
AND: Final = _both("；", "; ")
FURTHER_CELLS: Final = _both("另外 {count} 格", "{count} more cells")
SUSPECT: Final = _both(
    "“{name}”印为 {printed}，应为 {implied}（{kind}）",
    "{name}: printed {printed}, should be {implied} ({kind})",
)
SUSPECT_BLANK: Final = _both(
    "“{name}”空白，应为 {implied}（{kind}）", "{name}: blank, should be {implied} ({kind})"
)
RELATIONS: Final = {"<=": _both("≤ ", "at most "), ">=": _both("≥ ", "at least ")}
KINDS: Final = {  # kinds of slips, as in `transform.localize.cost`
    "blank": _both("漏填", "not filled in"),
    "left_out": _both("漏填", "not filled in"),
    "sign": _both("正负号", "sign"),
    "digit": _both("一个数字有误", "one digit"),
    "transposed": _both("数字颠倒", "digits exchanged"),
    "digit_lost": _both("少了一位", "a digit lost"),
    "digit_added": _both("多了一位", "a digit too many"),
    "near_total": _both("总计没有跟着改", "a total not brought up to date"),
    "omitted": _both("填成了 0", "0 in place of a number"),
    "stray": _both("多填的数", "a number where none belongs"),
    "other": _both("数不对", "another number"),
    "moved_column": _both("填错列", "in the wrong column"),
    "moved_row": _both("填错行", "in the wrong row"),
    "swapped": _both("两格互换", "two cells exchanged"),
    "shifted_row": _both("整行错位", "a row shifted"),
    "split_number": _both("一个数分在两格", "one number in two cells"),
    "rows_exchanged": _both("两行互换", "two rows exchanged"),
    "late_change": _both("改了一处，别处没有跟着改", "changed here and not there"),
    "totals_left": _both("总计漏填", "totals not filled in"),
    "carried_twice": _both("新收含上年结转", "what was carried in counted as received"),
    "carry_forgotten": _both("漏填结转下年度", "carried forward not filled in"),
    "line_repeated": _both("重复填了另一行", "another line repeated"),
    "stale_sums": _both("总计没有跟着改", "totals not brought up to date"),
}
NO_REPORT: Final = _both("不能作为年度报告读取：{reason}", "cannot be read as a report: {reason}")
TABLES: Final = {
    "proactive": _both("表二", "II"),
    "requests": _both("表三", "III"),
    "disputes": _both("表四", "IV"),
    "statistics": _both("统计表", "statistics"),
    "fees": _both("收费表", "fees"),
}

REASONS: Final = {
    Reason.EMPTY_FILE: _both("文件是空的", "the file is empty"),
    Reason.UNKNOWN_FORMAT: _both(
        "不认识的文件格式，请另存为以下格式之一：{formats}",
        "unknown format; save it as one of {formats}",
    ),
    Reason.READER_MISSING: _both(
        "尚不能读取这种格式，请另存为以下格式之一：{formats}",
        "no reader for this format; save it as one of {formats}",
    ),
    Reason.ENCRYPTED: _both(
        "文件有密码，请去掉密码后再试", "it needs a password; save it without one"
    ),
    Reason.DAMAGED: _both(
        "文件已损坏或不完整，请重新保存或下载",
        "it is damaged or cut off; save or download it again",
    ),
    Reason.BAD_ENCODING: _both(
        "文字编码无法识别，或已成乱码", "its text is in no known encoding, or garbled"
    ),
    Reason.TOO_LARGE: _both("文件或表格过大", "it is too large"),
    Reason.ARCHIVE_GUARD: _both(
        "压缩包结构异常，为安全起见不予打开", "its archive is built to harm and was not opened"
    ),
    Reason.XML_GUARD: _both(
        "XML 结构异常，为安全起见不予打开", "its XML is built to harm and was not read"
    ),
    Reason.BLOCKED_PAGE: _both(
        "这是防火墙或出错页面，不是报告，请重新下载",
        "this is a firewall's or error page and no report; download it again",
    ),
    Reason.NEEDS_BROWSER: _both(
        "内容由脚本生成，请在浏览器中打开后另存",
        "its content is made by script; open it in a browser and save it from there",
    ),
    Reason.NO_TABLES: _both(
        "没有表格；若表格是图片，请改为可编辑的表格",
        "it has no table; put pictures of tables in as tables",
    ),
    Reason.NO_CELLS: _both(
        "表格文字连在一起，分不出单元格",
        "the text of its tables is run together, so that cells cannot be told apart",
    ),
    Reason.NOT_A_REPORT: _both(
        "有表格，但都不是年度报告的表格", "it has tables, but none of the form"
    ),
    Reason.MISSING_TABLES: _both("缺少规定的表格", "tables of the form are missing"),
    Reason.TIME_LIMIT: _both("读取超时", "reading it took too long"),
    Reason.MEMORY_LIMIT: _both("读取所需内存过多", "reading it took too much memory"),
    Reason.READER_CRASHED: _both("读取程序出错", "the reader broke"),
    Reason.UNREADABLE: _both("文件无法打开", "the file cannot be opened"),
}

# A cell's story
PRINTED: Final = _both("原文“{text}”，在{place}", "printed “{text}”, {place}")
BLANK: Final = _both("原文空白，在{place}", "printed as a blank, {place}")
ABSENT: Final = _both("文中没有这一格", "the document lacks this cell")
PLACE: Final = _both(
    "第 {table} 个表第 {row} 行第 {col} 列",
    "table {table}, row {row}, column {col} of the document",
)
PAGE: Final = _both("第 {page} 页", "page {page}, ")
READ: Final = _both(
    "读作：{state} {value}（读取程序 {reader}，可信度 {confidence:g}）",
    "read as: {state} {value} (reader {reader}, confidence {confidence:g})",
)
CORRECTED: Final = _both(
    "已更正：原读作 {read}，应为“{meant}”。{reason}（{by}，{on}）",
    "corrected: read as {read}, but it says “{meant}”. {reason} ({by}, {on})",
)
MISPRINT: Final = _both(
    "已确认原文有误，正确数为 {meant}。{reason}（{by}，{on}）",
    "confirmed as wrong in the document, where {meant} belongs. {reason} ({by}, {on})",
)
MISPRINT_ALONE: Final = _both(
    "已确认原文有误。{reason}（{by}，{on}）",
    "confirmed as wrong in the document. {reason} ({by}, {on})",
)
STALE: Final = _both(
    "更正不再适用，未采用：{reason}（{by}，{on}）",
    "a correction no longer fits and was not applied: {reason} ({by}, {on})",
)
DECIDED: Final = _both("{reason}（{by}，{on}）", "{reason} ({by}, {on})")
SECOND_SAME: Final = _both(
    "第二次读取：相同（读取程序 {reader}）", "second reading: the same (reader {reader})"
)
SECOND_DIFFERS: Final = _both(
    "第二次读取：“{meant}”，第一次：“{printed}”（读取程序 {reader}）",
    "second reading: “{meant}”, where the first has “{printed}” (reader {reader})",
)
SECOND_UNCONFIRMED: Final = _both(
    "第二次读取：未得到同样的内容（读取程序 {reader}）",
    "second reading: does not confirm it (reader {reader})",
)
SECOND_FAILED: Final = _both("第二次读取失败：{why}", "second reading failed: {why}")
NO_SECOND: Final = _both("没有第二次读取", "not read a second time")
PROVED: Final = _both("各等式证明应为 {value}（{rules}）", "the rules prove {value} ({rules})")
BETWEEN: Final = _both(
    "各等式证明在 {low} 与 {high} 之间（{rules}）",
    "the rules prove a value from {low} to {high} ({rules})",
)
AT_LEAST: Final = _both(
    "各等式证明不少于 {low}（{rules}）", "the rules prove at least {low} ({rules})"
)
AT_MOST: Final = _both(
    "各等式证明不超过 {high}（{rules}）", "the rules prove at most {high} ({rules})"
)
ASSUMED: Final = _both(
    "可当作 0：与各等式都不矛盾，但未得证明",
    "may be taken as 0: no rule contradicts it, none proves it",
)
SUSPECTED: Final = _both("可能有误：", "It may be wrong:")
EXPLANATION: Final = _both(
    "  {sure}第 {rank} 种解释（成因 {cause}）：{cells}{margin}",
    "  {sure}explanation {rank} of cause {cause}: {cells}{margin}",
)
SURE: Final = _both("很可能，", "likely, ")
MARGIN: Final = _both("；比下一种解释有利 {margin:g}", "; better than the next by {margin:g}")
AS_LIKELY: Final = _both("；与下一种解释不分先后", "; no likelier than the next")
SUMS: Final = _both("所在的等式：", "It stands in:")
NO_SUM: Final = _both("不在任何等式之中。", "It stands in no sum.")
SIDES: Final = {"left": _both("左", "left "), "right": _both("右", "right")}
FINDINGS: Final = _both("检查结果：", "Findings:")
NO_FINDING: Final = _both("没有关于这一格的检查结果。", "No finding names this cell.")
STATES: Final = {
    "number": _both("数字", "number"),
    "zero": _both("零", "zero"),
    "blank": _both("空白", "blank"),
    "marker": _both("符号", "mark"),
    "text": _both("文字", "text"),
    "absent": _both("缺失", "absent"),
    "holds": _both("成立", "holds"),
    "holds_if_blank_is_zero": _both("空白当作 0 才成立", "holds if blank is 0"),
    "fails": _both("不成立", "fails"),
    "total_blank": _both("总计空白", "the total is blank"),
    "not_assessable": _both("无法核对", "cannot be checked"),
    "readings_disagree": _both("两次读取不一致", "two readings disagree"),
}
