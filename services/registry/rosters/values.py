"""Words into codes: sex, grade, class, who cares for the child, which parent is away, why a number is missing."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Literal

from shared.localisation.identity import Sex
from shared.localisation.text import folded, plain

CareArrangement = Literal["parents", "one_parent", "grandparents", "relatives", "carer", "boarding", "lodging", "alone"]
ParentStatus = Literal["dead", "missing", "imprisoned", "divorced", "unable", "unknown"]
IdentityMissing = Literal["no_household_registration", "applied_for", "lost", "foreign", "not_given"]

_NOTHING = frozenset({"", "-", "--", "—", "/", "\\", "无", "0", "空", "none", "n/a", "na", "暂无", "没有"})
_LONGEST_NOTHING = 6
_NOTHING_STARTS = frozenset("无無空暂暫没沒－／＼０ｎＮ")
"""How a word for nothing can begin, beyond the Latin ones, and how long it can be with blanks around it: most cells
begin otherwise or are longer, and need no closer look."""
_YES = frozenset(
    {"是", "有", "√", "✓", "✔", "v", "y", "yes", "1", "true", "对", "外出", "在外", "留守", "留守儿童", "寄宿", "住校"}
)
_NO = frozenset(
    {"否", "不是", "×", "x", "✗", "✘", "n", "no", "false", "非", "在家", "未外出", "非留守", "不", "走读", "未"}
)
_ARRANGEMENTS: tuple[tuple[CareArrangement, re.Pattern[str]], ...] = (
    ("lodging", re.compile("校外|托管|租房|租住|寄托")),
    ("alone", re.compile("独自|独居|自我监护|单独|无人监护|独立生活|自己生活|一个人")),
    ("carer", re.compile("代管|受托|委托|临时监护|代理监护")),
    ("grandparents", re.compile("祖|爷|奶|外公|外婆|姥|隔代|婆婆|公公")),
    ("relatives", re.compile("亲戚|亲属|亲友|叔|伯|姑|舅|姨|婶|兄|姐|哥|嫂|同辈|上代")),
    ("boarding", re.compile("寄宿|住校|住读|住宿|在校|班主任|教师|老师")),
    ("parents", re.compile("父母|双亲")),
    ("one_parent", re.compile("父|母|爸|妈|单亲")),
)
_STATUSES: tuple[tuple[ParentStatus, re.Pattern[str]], ...] = (
    ("dead", re.compile("去世|死亡|亡故|已故|病故|身故|过世|丧|^亡$|^殁$")),
    ("imprisoned", re.compile("服刑|在押|监狱|坐牢|羁押|强制戒毒|强戒")),
    ("missing", re.compile("失踪|失联|出走|下落不明")),
    ("divorced", re.compile("离异|离婚|改嫁|另嫁|再婚")),
    ("unable", re.compile("残疾|重病|重残|精神|无监护能力|无能力|智力|瘫痪|丧失")),
    ("unknown", re.compile("不详|不明|未知|不清楚|不知")),
)
_MISSING: tuple[tuple[IdentityMissing, re.Pattern[str]], ...] = (
    ("no_household_registration", re.compile("未上户|无户口|没上户|没有户口|未入户|黑户|未落户|无户籍|未登记")),
    ("applied_for", re.compile("办理中|正在办|在办|申请中|待办|补办")),
    ("lost", re.compile("遗失|丢失")),
    ("foreign", re.compile("港|澳|台胞|台湾|护照|外籍|境外|国外")),
    ("not_given", re.compile("无|没|未|不详|缺|空|待补|^[-—/\\\\]+$")),
)
_DIGITS = {one: str(number) for number, one in enumerate("一二三四五六七八九", start=1)}
_STAGES = (("小学", 0), ("初中", 6), ("初", 6), ("高中", 9), ("高", 9))
_KINDERGARTEN = (("k1", re.compile("小班|小小班|托班")), ("k2", re.compile("中班")), ("k3", re.compile("大班|学前")))
_GRADE = re.compile(r"^(?:(小学|初中|高中|初|高)(?:部)?)?(1[0-2]|[1-9])(?:年级|年)?$")
_GRADE_CLASS = re.compile(
    r"^(?P<grade>(?:小学|初中|高中|初|高)?(?:1[0-2]|[1-9])(?:年级|年)?|[小中大]班)[(\[-]?(?P<class>\d{1,2}|[a-z])?[)\]]?班?$"
)
_IN_ADDRESS = re.compile(
    r"^(?:.*?[省市区县旗州])??(?P<township>[^省市区县旗州\d]{1,8}?(?:乡|镇|街道|苏木))?"
    r"(?P<village>[^省市县镇乡\d]{1,10}?(?:村|社区|居委会|嘎查))(?!民|委会?\d)"
)
_CLASS = re.compile(r"^(?:第)?[(\[]?(\d{1,3}|[a-z])[)\]]?班?$")


def is_nothing(text: str) -> bool:
    """Whether a cell says that there is nothing to say: blank, a dash, 无."""
    if len(text) > _LONGEST_NOTHING or (text[:1] >= "㐀" and text[:1] not in _NOTHING_STARTS):
        return False
    return folded(text) in _NOTHING


@lru_cache(maxsize=256)
def yes_or_no(text: str) -> bool | None:
    """是, √, 有 → True; 否, ×, 在家 → False; None for anything else."""
    word = folded(text)
    return True if word in _YES else False if word in _NO or word in _NOTHING - {""} else None


@lru_cache(maxsize=64)
def sex_in(text: str) -> Sex | None:
    """男 → `male`, 女 → `female`; None for anything else."""
    word = folded(text)
    if word in {"男", "男性", "男孩", "男生", "m", "male", "1"}:
        return "male"
    return "female" if word in {"女", "女性", "女孩", "女生", "f", "female", "2"} else None


@lru_cache(maxsize=512)
def care_arrangement_in(text: str) -> CareArrangement | None:
    """The arrangement of summary 12 (boarding, grandparents, relatives, carer, alone), lodging or parents in words."""
    word = folded(text)
    return next((code for code, pattern in _ARRANGEMENTS if pattern.search(word)), None)


@lru_cache(maxsize=256)
def parent_status_in(text: str) -> ParentStatus | None:
    """Why a parent does not look after the child, if the words say so."""
    word = folded(text)
    return next((code for code, pattern in _STATUSES if pattern.search(word)), None)


@lru_cache(maxsize=256)
def identity_missing_in(text: str) -> IdentityMissing | None:
    """Why there is no identity number, when the cell has words in place of one; None for what may be a number."""
    word = folded(text)
    if not word:
        return "not_given"
    if sum(character.isdigit() for character in word) > 5:
        return None
    return next((code for code, pattern in _MISSING if pattern.search(word)), None)


@lru_cache(maxsize=256)
def away_in(text: str) -> tuple[bool, bool] | None:
    """Which parents are away, (father, mother), from 父母双方, 父亲, 母亲外出, 均在家; None when it does not say."""
    word = folded(text)
    if re.search("均在家|都在家|无外出|未外出", word) or word in _NO or word in _NOTHING:
        return (False, False)
    if re.search("双方|父母|双亲|均|都|全部|两人", word):
        return (True, True)
    father, mother = bool(re.search("父|爸", word)), bool(re.search("母|妈", word))
    return (father, mother) if father or mother else None


@lru_cache(maxsize=512)
def grade_in(text: str) -> str | None:
    """`k1` to `k3` for kindergarten, `1` to `12` from 三年级, 初一, 高二, 7; None for anything else."""
    word = _arabic(text)
    for code, pattern in _KINDERGARTEN:
        if pattern.search(word):
            return code
    match = _GRADE.match(word)
    if not match:
        return None
    number = int(match[2]) + dict(_STAGES).get(match[1] or "小学", 0)
    return str(number) if number <= 12 else None


@lru_cache(maxsize=512)
def grade_and_class_in(text: str) -> tuple[str | None, str | None]:
    """Grade and class from one cell: 三（2）班, 七年级4班, 初一3班, 302, 大班."""
    word = _arabic(text)
    if solid := re.match(r"^([1-9])0?(\d{1,2})班?$", word) if len(word.rstrip("班")) == 3 else None:
        return solid[1], solid[2]
    match = _GRADE_CLASS.match(word)
    if match is None:
        return None, class_in(text)
    return grade_in(match["grade"]), match["class"] and (match["class"].lstrip("0") or None)


@lru_cache(maxsize=512)
def class_in(text: str) -> str | None:
    """`4` from （4）班, 四班, 4; a class with a name of its own as it is; None when blank."""
    match = _CLASS.match(_arabic(text))
    return match[1] if match else plain(text) or None


@lru_cache(maxsize=4096)
def place_in(address: str) -> tuple[str | None, str | None]:
    """Township and village as an address writes them: 示范镇溪山村10组 → (示范镇, 溪山村); None if not."""
    match = _IN_ADDRESS.match(re.sub(r"\s+", "", plain(address)))
    return (match["township"], match["village"]) if match else (None, None)


def _arabic(text: str) -> str:
    """Folded, without blanks, Chinese numerals up to 99 as digits."""
    word = re.sub(r"\s+", "", folded(text))
    word = re.sub(
        "([一二三四五六七八九]?)十([一二三四五六七八九]?)",
        lambda match: _DIGITS.get(match[1], "1") + _DIGITS.get(match[2], "0"),
        word,
    )
    return "".join(_DIGITS.get(character, character) for character in word)
