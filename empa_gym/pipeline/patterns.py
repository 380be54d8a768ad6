"""Rules for identifying detail that has a form: addresses, mail, links, dates, numbers. English, and some of others.

They err towards finding: a number that looks like one of a telephone is taken for one. What the rules cannot
know, such as which numbers a country hands out and which check digits are right, an optional detector adds
(:mod:`empa_gym.pipeline.pii`).
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from empa_gym.pipeline.details import Detail, Found

_CAP = r"[A-Z\u00c0-\u00de][\w'\u2019-]*"
_MONTH = (
    r"(?:jan(?:uary)?|feb(?:ruary)?|mar(?:ch)?|apr(?:il)?|may|june?|july?|aug(?:ust)?|sept?(?:ember)?|oct(?:ober)?|"
    r"nov(?:ember)?|dec(?:ember)?)\.?"
)
_DAY = r"[0-3]?\d(?:st|nd|rd|th)?"
_DAY_OF_MONTH = rf"(?:(?:the\s+)?{_DAY}\s+(?:of\s+)?{_MONTH}|{_MONTH}\s+(?:the\s+)?{_DAY})"
_WHOLE_DATE = rf"(?:{_DAY_OF_MONTH},?\s+(?:19|20)\d\d|[0-3]?\d([./-])[0-3]?\d\1(?:19|20)?\d\d|(?:19|20)\d\d-\d\d-\d\d)"
_BIRTH = r"(?:born|birthday|birth|d\.?o\.?b\.?)\b[\s:,]*(?:(?:is|was|on|in|the|it's|falls)\s+){0,3}"

_STREET = (
    r"(?:Street|St|Road|Rd|Avenue|Ave|Lane|Ln|Drive|Dr|Court|Ct|Boulevard|Blvd|Way|Place|Pl|Terrace|Close|Square|Sq|"
    r"Crescent|Cres|Gardens|Grove|Hill|Row|Mews|Parkway|Pkwy|Highway|Hwy|Circle|Cir|Rise|Walk|Quay|View|Park)"
)
_NO_STREET = r"(?!(?:minutes?|min|hours?|km|kilometres?|miles?|blocks?|years?|days?|weeks?|people|cars?|more|other)\b)"
_HOME = r"(?:(?:flat|apt|apartment|unit|suite|room)\.?\s*#?\w{1,5},?\s+)?"
_TAIL = (
    r"(?:,?\s*(?:flat|apt|apartment|unit|suite|#)\.?\s*#?\w{1,5})?"
    rf"(?:,\s*(?:in\s+)?{_CAP}(?:\s+{_CAP})?)?"
    r"(?:,?\s*(?:[A-Z]{2}\s+)?\d{5}(?:-\d{4})?\b)?"
)
_OPENING = r"(?!(?:The|A|An|My|This|That|Our|His|Her|Their|On|In|At|One|No|From)\s)"
_INSTITUTION = (
    r"(?:School|Academy|College|University|Hospital|Infirmary|Clinic|Hospice|Church|Surgery|Nursery|Kindergarten)"
)
_NO_INSTITUTION = r"(?!(?:The|A|An|My|This|Our|High|Middle|Primary|Grammar|Sunday|Medical|Law|Art|In|At|I|General)\s)"
_NUMBERED = (
    r"(?:account|acct|case|patient|passport|policy|licen[cs]e|membership|member|customer|reference|student|employee|"
    r"insurance|tax|sort code|national insurance|nhs|social security|ssn|iban|card|badge|file|claim|registration)"
)
_DIGIT_WORD = r"(?:zero|oh|one|two|three|four|five|six|seven|eight|nine|double|triple)"
_TLD = r"(?:com|org|net|info|edu|gov|app|dev|biz|online|co\.uk|org\.uk|ac\.uk|gov\.uk|com\.au|com\.cn|cn|de|eu)"

_RULES: tuple[tuple[Detail, str, int], ...] = (
    (Detail.EMAIL, r"[\w.+'-]{1,64}@[\w-]+(?:\.[\w-]+)+", 0),
    (Detail.EMAIL, r"\b[\w.+-]{1,64}\s{0,3}[(\[]\s*at\s*[)\]]\s*[\w-]+(?:\s*(?:[(\[]\s*dot\s*[)\]]|\.)\s*\w+)+", re.I),
    (Detail.EMAIL, r"\b[\w.+-]{1,64}\s{1,3}at\s+[\w-]+(?:(?:\s+dot\s+\w+)+|\.(?:com|org|net|de|uk|edu)\b)", re.I),
    (Detail.LINK, r"\b(?:https?://|www\.)\S+[^\s.,;:!?)\]'\"\u2019\u201d]", re.I),
    (Detail.LINK, rf"\b(?:[\w-]{{1,63}}\.){{1,6}}{_TLD}\b(?:/\S*)?", re.I),
    (Detail.HANDLE, r"(?<![\w.])@\w[\w.]{1,29}\b", 0),
    (Detail.ADDRESS, rf"\b{_HOME}\d{{1,5}}[A-Za-z]?(?:[-/]\d+)?,?\s+(?:{_CAP}\s+){{1,3}}{_STREET}\b\.?{_TAIL}", 0),
    (Detail.ADDRESS, rf"\b{_HOME}\d{{1,5}}\s+{_NO_STREET}\w+\s+(?:\w+\s+)?(?:street|avenue|lane|road|blvd)\b", re.I),
    (Detail.ADDRESS, rf"\b{_OPENING}(?:{_CAP}\s+){{1,2}}(?:Street|Road|Avenue|Lane|Boulevard|Crescent)\b{_TAIL}", 0),
    (Detail.ADDRESS, r"\b[A-Z\u00c4\u00d6\u00dc]\w+(?:stra(?:\u00df|ss)e|str\.|weg|platz|gasse|allee)\s+\d+\w?\b", 0),
    (Detail.ADDRESS, rf"\b\d{{1,4}},?\s+(?:rue|boulevard|chemin)\s+(?:d[eu]s?\s+|la\s+)*{_CAP}", re.I),
    (Detail.ADDRESS, rf"\b(?:Calle|Avenida|Via|Rua)\s+(?:\w+\s+)?{_CAP},?\s+\d+", 0),
    (Detail.ADDRESS, r"(?:[\u4e00-\u9fff]{2,6}[\u7701\u5e02\u533a\u53bf])*[\u4e00-\u9fff]{1,6}(?:[\u8def\u8857\u5df7\u5f04]|\u5927\u9053)\d+\u53f7(?:\d+[\u680b\u697c\u5355\u5143\u5ba4\u53f7]+)*", 0),  # noqa: E501
    (Detail.ADDRESS, r"\bp\.?\s?o\.?\s+box\s+\d+", re.I),
    (Detail.ADDRESS, r"\b[A-Z]{1,2}\d[A-Z\d]?\s?\d[A-Z]{2}\b|\b[A-Z]\d[A-Z]\s?\d[A-Z]\d\b|\b[A-Z]{2}\s+\d{5}\b", 0),
    (Detail.ADDRESS, r"\b(?:zip(?:\s*code)?|post\s?code)\s*(?:is|:)?\s*\w*\d\w*(?:\s\d\w\w)?\b", re.I),
    (Detail.PLACE, rf"\b{_NO_INSTITUTION}(?:St\.?\s+)?{_CAP}(?:\s+(?:{_CAP}|of)){{0,3}}\s+{_INSTITUTION}\b", 0),
    (Detail.DATE, rf"\b{_WHOLE_DATE}\b", re.I),
    (Detail.NUMBER, r"\b[A-Z]{2}\d{2}(?:[ -]?[A-Z0-9]{4}){2,7}(?:[ -]?[A-Z0-9]{1,3})?\b", 0),
    (Detail.NUMBER, r"\b\d{3}-\d{2}-\d{4}\b|\b(?:\d{4}[ -]){3}\d{1,7}\b|(?<!\d)(?:\d{1,3}\.){3}\d{1,3}(?!\d)", 0),
    (Detail.NUMBER, r"(?<![\d.,])\d{7,}(?![\d.]*%)[A-Za-z]?\b", 0),
    (Detail.NUMBER, r"\b[A-Z]{1,3}[ -]?\d{5,}[A-Z]?\b|\b[A-Z]{2}\s?(?:\d\d\s?){3}[A-D]\b", 0),
    (Detail.PHONE, r"\+\d[\d ()./-]{6,}\d|(?<!\d)\(\d{2,5}\)[ -]?\d{2,4}[-. ]?\d{3,4}\b", 0),
    (Detail.PHONE, r"(?<![\d.,-])\d{3}[-. ]\d{3}[-. ]\d{4}\b|(?<![\d.,-])\d{3}-\d{4}\b", 0),
    (Detail.PHONE, r"(?<![\d.,-])0\d{1,4}(?:[ /-]\d{2,}){1,4}\b", 0),
    (Detail.PHONE, rf"\b{_DIGIT_WORD}(?:[\s,-]+{_DIGIT_WORD}){{6,}}\b", re.I),
)  # fmt: skip
_COMPILED = [(detail, re.compile(rule, flags)) for detail, rule, flags in _RULES]
_BORN = re.compile(rf"\b{_BIRTH}({_DAY_OF_MONTH}(?:,?\s+\d{{4}})?|[0-3]?\d[./-][0-3]?\d)", re.I)
_NAMED_NUMBER = re.compile(
    rf"\b{_NUMBERED}\b(?:\s+(?:number|no|id|nr|code))?\.?\s*(?:is|was|:|#)?\s*(?=[A-Z0-9 -]{{0,30}}\d{{3}})"
    r"([A-Z0-9]+(?:[ -][A-Z0-9]*\d[A-Z0-9]*)*)",
    re.I,
)
_CALLED_NUMBER = re.compile(
    r"\b(?:call|phone|text|ring|mobile|cell|whatsapp|number|tel)\b\.?[^\d\n.!?]{0,24}((?:\+|\b)\d(?:[ ()./-]?\d){6,})",
    re.I,
)
_GROUPED = ((Detail.DATE, _BORN), (Detail.NUMBER, _NAMED_NUMBER), (Detail.PHONE, _CALLED_NUMBER))


def by_rules(text: str) -> Iterator[Found]:
    """The details that the rules find in a text; the places may overlap.

    >>> text = "I live at 14 Elm Road and my mail is a.b@example.org."
    >>> sorted({text[one.start : one.end] for one in by_rules(text)})
    ['14 Elm Road', 'Elm Road', 'a.b@example.org', 'example.org']
    """
    for detail, rule in _COMPILED:
        yield from (Found(detail, *match.span()) for match in rule.finditer(text))
    for detail, rule in _GROUPED:
        yield from (Found(detail, *match.span(1)) for match in rule.finditer(text))
