"""Passages as reports have them, each with the figures that a person reads in it.

All are made up. Beside a passage stand the counts that it states of the year reported on (2022), as
`metric=value` without their table's prefix `requests.` where it is one of applications; a passage
with none counts other things. Scopes, rates and parts are left out here.
"""

from typing import Final

PASSAGES: Final[tuple[tuple[str, str], ...]] = (
    # what came in
    ("2022年，我局依申请公开3次。", "handled=3"),
    ("全年政府信息公开申请为零。", "received=0"),
    ("今年共接收到公民提交的申请公开件65件。", "received=65"),
    ("本年新收政府信息公开申请24件，上年结转3件。", "received=24 carried_in=3"),
    ("政府信息公开申请由2021年的18件下降到11件。", "received=11"),
    ("收到群众提出的政府信息公开申请七件，均在法定期限内答复。", "received=7 all_done=0"),
    ("我街道2022年度受理公民、法人和其他组织提出的政府信息公开申请5件。", "received=5"),
    ("全年受理依申请公开共2项。", "received=2"),
    ("受理网上依申请公开1件。", ""),  # a part: how many came otherwise is not said
    ("2022年我委共登记政府信息公开申请33件。", "received=33"),
    ("本年度，共收到政府信息公开申请为16件。", "received=16"),
    ("全县共收到信息公开申请208件，较上年增加31件。", "received=208"),
    ("2022年度，全局累计收到政府信息公开申请一百零三件。", "received=103"),
    ("我镇本年度新增政府信息公开申请4件，无上年结转。", "received=4 carried_in=0"),
    ("本单位2022年没有收到过政府信息公开申请。", "received=0"),
    ("2022年未接到公民、法人和其他组织要求公开政府信息的申请。", "received=0"),
    ("年内无人向我局提出政府信息公开申请。", "received=0"),
    ("本年度依申请公开政府信息0件。", ""),
    ("2022年，我中心收到政府信息公开申请数为0。", "received=0"),
    ("依申请公开方面，全年共收到申请19件。", "received=19"),
    ("全年办理依申请公开件37件，答复率100%。", "handled=37"),
    ("2022年共办理政府信息公开申请52件。", "handled=52"),
    ("共收到、办理政府信息公开申请8件。", "handled=8"),
    ("政府信息公开申请数量共计14件。", "received=14"),
    ("本年收到的政府信息公开申请总数为26件。", "received=26"),
    ("2022年，收到自然人提出的政府信息公开申请6件，法人提出的2件。", ""),
    # what was carried
    ("上年结转政府信息公开申请2件，本年新收9件。", "carried_in=2 received=9"),
    ("共收到政府信息公开申请30件，其余2件结转至下一年度。", "received=30 carried_out=2"),
    (
        "收到政府信息公开申请12件，已答复11件，剩余1件结转下年度办理。",
        "received=12 answered=11 carried_out=1",
    ),
    ("办理依申请公开85件，下年度继续办理81件。", "handled=85 carried_out=81"),
    ("全年收到政府信息公开申请10件，无结转下年度继续办理的申请。", "received=10 carried_out=0"),
    ("收到政府信息公开申请17件，另有3件按规定转入2023年继续办理。", "received=17 carried_out=3"),
    ("2021年度结转的政府信息公开申请5件，均已办结。", "carried_in=5"),
    ("本年度政府信息公开申请没有上年度结转，也没有结转下年度。", "carried_in=0 carried_out=0"),
    ("上一年度结转到本年的政府信息公开申请为4件。", "carried_in=4"),
    ("收到政府信息公开申请6件，未结转至下年度。", "received=6 carried_out=0"),
    ("结转下年度继续办理的政府信息公开申请0件。", "carried_out=0"),
    ("年末尚有1件政府信息公开申请结转下年度。", "carried_out=1"),
    ("收到政府信息公开申请9件（其中上年结转1件）。", "received=9 carried_in=1"),
    # results
    (
        "收到政府信息公开申请7件，全部予以公开，无上年结转。",
        "received=7 all_granted=0 carried_in=0",
    ),
    ("共答复政府信息公开申请28件，其中97件准予公开。", "answered=28 granted=97"),
    ("政府信息公开申请答复1068份。", "answered=1068"),
    (
        "对收到的政府信息公开申请，予以公开21件，部分公开4件，不予公开6件，无法提供9件。",
        "granted=21 partial=4 denied=6 unable=9",
    ),
    (
        "受理政府信息公开申请15件，其中包括：予以公开8件、无法提供5件、不予处理2件。",
        "received=15 granted=8 unable=5 not_processed=2",
    ),
    (
        "政府信息公开申请办理结果为：予以公开3件，不予公开0件，其他处理1件。",
        "granted=3 denied=0 other=1",
    ),
    ("按照政府信息公开申请办理程序，依法不予公开的2件。", "denied=2"),
    ("政府信息公开申请中，因本机关不掌握相关信息无法提供的有11件。", ""),  # one reason of three
    ("全部政府信息公开申请22件均已按时办结。", "all_done=0 answered=22"),
    ("收到政府信息公开申请3件，均按期答复。", "received=3 all_done=0"),
    ("收到政府信息公开申请40件，已全部按时办结。", "received=40 all_done=0"),
    ("政府信息公开申请按时办结率100%。", ""),
    ("收到政府信息公开申请13件，均予以答复。", "received=13 all_done=0"),
    ("办结政府信息公开申请31件。", "answered=31"),
    (
        "作出政府信息公开申请答复25件，其中同意公开12件，部分公开3件。",
        "answered=25 granted=12 partial=3",
    ),
    ("共答复申请公开件18件。", "answered=18"),
    (
        "收到政府信息公开申请2件，予以公开1件，部分公开1件，无不予公开情形。",
        "received=2 granted=1 partial=1 denied=0",
    ),
    (
        "依法答复政府信息公开申请6件，其中属于予以公开的4件，属于部分公开的2件。",
        "answered=6 granted=4 partial=2",
    ),
    ("政府信息公开申请予以公开或部分公开共19件。", "granted_partial=19"),
    # reviews and lawsuits
    ("因政府信息依申请公开引起行政复议2件。", "D.review.total=2"),
    ("全年发生政府信息公开行政复议1件，结果维持1件。", "D.review.total=1 D.review.upheld=1"),
    ("未发生因政府信息公开申请引起的行政复议和行政诉讼。", "D.review.total=0 D.litigation.total=0"),
    (
        "涉及政府信息公开的行政复议5件，其中维持3件，纠正1件，尚未审结1件。",
        "D.review.total=5 D.review.upheld=3 D.review.corrected=1 D.review.pending=1",
    ),
    ("政府信息公开类行政诉讼案件3件。", "D.litigation.total=3"),
    ("因政府信息公开被提起行政诉讼4起。", "D.litigation.total=4"),
    ("无因政府信息公开引发的行政复议、行政诉讼案件。", "D.review.total=0 D.litigation.total=0"),
    ("本年度政府信息公开行政复议为0件，行政诉讼为0件。", "D.review.total=0 D.litigation.total=0"),
    (
        "因政府信息公开被申请行政复议7起，其中结果维持6起，其他结果1起。",
        "D.review.total=7 D.review.upheld=6 D.review.other=1",
    ),
    ("政府信息公开未经复议直接起诉2件，复议后起诉1件。", "D.direct.total=2 D.after_review.total=1"),
    ("没有发生因政府信息公开工作被申请行政复议的情况。", "D.review.total=0"),
    ("2022年政府信息公开行政复议、行政诉讼均为零。", "D.review.total=0 D.litigation.total=0"),
    ("我局审理政府信息公开行政复议案件12件。", ""),
    # table 二
    (
        "政府信息公开方面，制发行政规范性文件17件，废止30件。",
        "P.normative.issued=17 P.normative.repealed=30",
    ),
    ("截至2022年底，现行有效规章12件。", "P.regulations.in_force=12"),
    ("全年新制定规章2件、行政规范性文件9件。", "P.regulations.issued=2 P.normative.issued=9"),
    ("2022年印发规范性文件6份，现行有效45份。", "P.normative.issued=6 P.normative.in_force=45"),
    (
        "本年制发规章0件，废止规章1件，现行有效规章33件。",
        "P.regulations.issued=0 P.regulations.repealed=1 P.regulations.in_force=33",
    ),
    ("本年度没有制发行政规范性文件。", "P.normative.issued=0"),
    ("现行有效行政规范性文件为28件。", "P.normative.in_force=28"),
    (
        "全年作出行政许可决定803件、行政处罚决定51件、行政强制决定0件。",
        "P.licence.decisions=803 P.penalty.decisions=51 P.coercion.decisions=0",
    ),
    ("主动公开规范性文件12件。", ""),
    ("备案审查规范性文件44件。", ""),
    ("报送规范性文件备案7件，清理规范性文件120件。", ""),
    ("公开行政许可信息2条、行政处罚信息803条。", ""),
    # fees
    ("本年度收取信息处理费320元。", "F.collected=320"),
    ("2022年未收取信息处理费。", "F.collected=0"),
    ("共发出收费通知3件，实际收取信息处理费1200元。", "F.notices=3 F.collected=1200"),
    ("我局本年度收取信息处理费共计0元。", "F.collected=0"),
    # other things
    ("上半年收到政府信息公开申请5件。", ""),
    ("主动公开政府信息1203条，依申请公开栏目更新11条。", ""),
    ("收到群众来信申请救助12件。", ""),
    ("答复网民留言89条，受理咨询热线电话6次。", ""),
    ("2021年收到政府信息公开申请9件。", ""),
    ("收到政府信息公开申请近百件。", ""),
    ("为37名群众提供政府信息公开申请咨询服务。", ""),
    ("举办政府信息公开培训2次，培训120人次。", ""),
    ("建议提案办理结果公开率100%，办结人大代表建议15件。", ""),
    ("公开政府信息公开指南、申请流程等3件。", ""),
)
