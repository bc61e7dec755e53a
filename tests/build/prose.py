"""Prose for generated reports: six short sections of made-up sentences, no report's own words.

The only figures in them are those of the tables themselves (new requests, carried in), so that
nothing contradicts.
"""

from collections.abc import Mapping
from random import Random
from typing import Final

_AIMS: Final = ("全面推进", "稳步推进", "扎实推进", "持续推进")
_MEANS: Final = ("门户网站", "政务新媒体", "便民服务窗口", "公告栏和查阅点")
_LACKS: Final = (
    "公开内容的时效有待加强",
    "解读材料的形式还比较单一",
    "栏目的更新还不够及时",
    "经办人员的业务培训还要加强",
)
_STEPS: Final = ("细化责任分工", "完善审核流程", "定期检查栏目", "组织业务学习")


def sections(
    agency: str, year: int, figures: Mapping[tuple[str, str, str], str], rng: Random
) -> tuple[str, ...]:
    """Six sections, paragraphs parted by a line break; the first names agency and year."""
    means = rng.sample(_MEANS, 2)
    opening = (
        f"{year}年，"
        f"{agency}依照《中华人民共和国政府信息公开条例》{rng.choice(_AIMS)}政府信息公开工作。"
        "\n"
        f"本报告所列数据的统计期限自{year}年1月1日起，至{year}年12月31日止。\n"
        f"主动公开方面，通过{means[0]}和{means[1]}发布群众关心的事项。"
    )
    new, carried = (figures.get(("requests", row, "total"), "") for row in ("new", "carried_in"))
    if new.isdigit() and carried.isdigit():
        opening += f"\n依申请公开方面，本年新收政府信息公开申请{new}件，上年结转{carried}件。"
    lack, step = rng.choice(_LACKS), rng.choice(_STEPS)
    return (
        opening,
        "",
        "",
        "",
        f"工作中还存在不足，主要是{lack}。下一步将{step}，逐项改进。",
        "信息处理费的收取依照国家有关规定执行，无其他需要报告的事项。",
    )
