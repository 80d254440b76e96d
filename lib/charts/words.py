"""What a question says about its chart, in English and Arabic: the kind that it names, or what it wants to see."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from typing import Literal, TypeVar

from lib.charts.spec import Kind

_Meaning = TypeVar("_Meaning")
Aim = Literal["trend", "share", "distribution", "matrix", "relation", "pair", "change"]


@dataclass(frozen=True)
class Said:
    """`kind` is a chart that is asked for by name, `aim` what a chart should show; None where nothing is said."""

    kind: Kind | None = None
    aim: Aim | None = None
    stacked: bool | None = None
    horizontal: bool | None = None


def heard(question: str) -> Said:
    """What the question says about its chart."""
    text = _folded(question)
    return Said(
        kind=_first(text, _KINDS),
        aim=_first(text, _AIMS),
        stacked=_either(text, _STACKED, _GROUPED),
        horizontal=_either(text, _HORIZONTAL, _VERTICAL),
    )


def _folded(text: str) -> str:
    text = text[:_LONGEST].casefold()
    return text if text.isascii() else _plain(text)


def _plain(text: str) -> str:
    """Without accents and vowel signs, and with one letter for those that Arabic writes in two ways."""
    letters = unicodedata.normalize("NFKD", text)
    return "".join(one for one in letters if not unicodedata.combining(one)).translate(_ONE_LETTER)


def _first(text: str, patterns: dict[_Meaning, re.Pattern[str]]) -> _Meaning | None:
    """That of which the text speaks first, unless it says that it is not wanted."""
    starts: dict[_Meaning, int] = {}
    for meaning, pattern in patterns.items():
        found = (one.start() for one in pattern.finditer(text) if not _NOT.search(text, 0, one.start()))
        start = next(found, None)
        if start is not None:
            starts[meaning] = start
    return min(starts, key=lambda one: starts[one], default=None)


def _either(text: str, yes: re.Pattern[str], no: re.Pattern[str]) -> bool | None:
    if yes.search(text):
        return True
    return False if no.search(text) else None


def _any(*patterns: str) -> re.Pattern[str]:
    return re.compile(_plain("|".join(patterns)))


_LONGEST = 4_000
_ONE_LETTER = str.maketrans({"ى": "ي", "ة": "ه", "ـ": "", "’": "'"})
_NOT = _any(
    r"\b(?:not|no|don't|never|without|instead of|rather than) (?:\w+ ){0,2}\Z",
    r"(?<!\w)(?:ليس|بدون|لا) (?:\w+ ){0,2}\Z",
)

_CHART = r"[- ]?(?:chart|graph|plot|diagram|visuali[sz]ation)s?\b"
_AS = r"\b(?:as|into|draw|plot|return|give me|give|show me|show|display|make|visuali[sz]e|use|using|in|by) "
_DRAW = r"\b(?:as|draw|plot|return|visuali[sz]e) (?:(?:an?|the|several|stacked|grouped|horizontal) )*"
_OPENS, _PAUSE = r"\A ?", r" ?[.:,]"
_ARABIC_CHART = r"(?:مخطط|المخطط|رسم|الرسم|شكل|منحنى)(?: (?:ال)?بياني)? (?:ال|بال|ب)?"

_KINDS: dict[Kind, re.Pattern[str]] = {
    "heatmap": _any(r"\bheat[- ]?maps?\b", r"خريطة (?:ال)?حراري"),
    "histogram": _any(r"\bhistograms?\b", r"مدرج تكراري", r"المدرج التكراري"),
    "box": _any(
        rf"\bbox(?:[- ]?and[- ]?whiskers?)?{_CHART}",
        rf"\bwhisker{_CHART}",
        rf"\bviolin{_CHART}",
        rf"{_ARABIC_CHART}صندوق",
    ),
    "scatter": _any(
        r"\bscatter(?:s|gram|grams)?\b",
        rf"\b(?:scatter|bubble|dot){_CHART}",
        rf"{_ARABIC_CHART}(?:مبعثر|نقط|انتشار|تشتت|تبعثر|فقاع)",
    ),
    "area": _any(rf"\bareas?{_CHART}", r"\bstacked areas?\b", rf"{_ARABIC_CHART}مساح"),
    "pie": _any(
        rf"\b(?:pie|do(?:ugh)?nut){_CHART}",
        rf"{_AS}an? (?:pie|do(?:ugh)?nut)\b|{_OPENS}pie{_PAUSE}",
        r"\bpies? (?:showing|that shows?)\b",
        rf"{_ARABIC_CHART}(?:دائري|فطير|قطاع)",
        r"قطاعات دائرية",
    ),
    "line": _any(
        rf"\blines?{_CHART}",
        r"\b(?:trend|spark) ?lines?\b",
        rf"\btime ?series{_CHART}",
        rf"{_DRAW}lines?\b|{_OPENS}lines?{_PAUSE}",
        rf"{_ARABIC_CHART}خط",
    ),
    "bar": _any(
        rf"\b(?:bars?|columns?|pareto){_CHART}",
        rf"{_DRAW}bars?\b|{_OPENS}bars?{_PAUSE}",
        r"\b(?:stacked|grouped|clustered|horizontal|vertical) bars?\b",
        rf"{_ARABIC_CHART}(?:أعمد|عمود|شريط|أشرط)",
        r"بالأعمدة",
    ),
    "metric": _any(
        r"\bas (?:a |one |a single |one big |a big )(?:number|figure)\b", r"\bkpis?\b", r"\bscore ?cards?\b"
    ),
    "table": _any(
        r"\b(?:as|in|into) (?:a|an? \w+) table\b", r"\btabular\b", r"\bno charts?\b", r"كجدول", r"(?:في|على شكل) جدول"
    ),
}
"""Words that name a chart and seldom anything else: "bars" may be where one drinks, "a bar chart" is a chart."""

_PERIOD = r"(?:month|year|week|day|quarter)"
_AIMS: dict[Aim, re.Pattern[str]] = {
    "change": _any(
        r"\b(?:compared (?:to|with)|versus|vs\.?|against|since|from|than) (?:the |in the )?(?:last|previous|prior) ",
        r"مقارنة (?:ب|مع )(?:ال)?\w+ (?:السابق|الماضي)",
    ),
    "trend": _any(
        r"\btrends?\b",
        rf"\bover (?:the )?(?:course of|time|{_PERIOD}s)\b",
        r"\bevol(?:ve|ved|ution)\b",
        r"\bdevelop(?:ed|ment of)\b",
        r"\b(?:change|changes|changed|grow|grew|grown|growth) (?:\w+ ){0,8}?(?:over|across|through)\b",
        r"\btime ?(?:line|series)\b",
        rf"\b{_PERIOD} (?:by|over|on) {_PERIOD}\b",
        r"اتجاه|تطور|عبر الزمن|بمرور|مع الوقت|على مدى|مر السنين",
    ),
    "share": _any(
        r"\bprop(?:or|o)tions?\b",
        r"\b(?:what|market) share\b|\bshare of\b",
        r"\bpercent(?:ages?)? of\b|\bfractions? of\b",
        r"\bparts? of (?:the|a) whole\b",
        r"\bcomposition of\b|\bbreak ?down\b|\bbroken down\b|\bsplit (?:of|between)\b",
        r"حصة|حصص|نسبة|النسبة المئوية|النسب المئوية|نسب ال",
    ),
    "distribution": _any(
        r"\bdistribut(?:ion|ions|ed)\b",
        r"\b(?:spread|frequency) of\b|\bvariation (?:of|in)\b",
        r"\boutliers?\b|\bquartiles?\b",
        r"توزيع|توزع",
    ),
    "matrix": _any(r"\b(?:\w+ )?matrix\b", r"\bcross[- ]?tab\w*", r"مصفوف"),
    "relation": _any(
        r"\bcorrelat(?:e|es|ed|ion|ions)\b",
        r"\brelationships?\b|\brelation (?:of|between)\b|\bassociation (?:with|between)\b",
        r"\bdepends? on\b",
        r"علاق|ارتباط|يرتبط",
    ),
    "pair": _any(r"\b(?:versus|vs\.?|plotted against)(?!\w)", r"مقابل"),
}

_STACKED = _any(r"\bstack(?:ed|ing)?\b", r"مكدس|متراكم|تراكمي")
_GROUPED = _any(r"\bgrouped (?:bar|column)", r"\bclustered\b", r"\bside[- ]by[- ]side\b", r"متجاور|مجمع")
_HORIZONTAL = _any(r"\bhorizontal(?:ly)?\b", r"أفقي")
_VERTICAL = _any(r"\bvertical(?:ly)?\b", rf"\bcolumns?{_CHART}", r"عمودي|رأسي")
