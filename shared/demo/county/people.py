"""Names, work and telephone numbers of people who do not exist."""

from __future__ import annotations

from random import Random

_SURNAMES = (
    "李王张刘陈杨赵黄周吴徐孙胡朱高林何郭马罗梁宋郑谢韩唐冯于董萧程曹袁邓许傅沈曾彭"
    "吕苏卢蒋蔡贾丁魏薛叶阎余潘杜戴夏钟汪田任姜"
)
_RARE_SURNAMES = ("单", "仇", "覃", "解", "区", "欧阳", "尉迟", "司徒")
_GIVEN = "明芳伟敏静丽强磊洋艳勇娟涛超秀霞平刚桂英华玉兰梅琳佳欣怡子涵梓轩宇晨雨思雪萱浩然天佑俊杰志国建军小春"
_RARE_GIVEN = ("㛃", "𬀩", "䶮", "𫖮", "𬱖", "犇", "喆", "昇")
"""Characters beyond the first 20,902 of Unicode or often missing from fonts and input methods, as names have them."""
_IN_PARTS = {
    "维吾尔": (("阿依古丽", "帕丽达", "古丽娜尔", "艾尼瓦尔"), ("买买提", "吐尔逊", "艾合买提", "玉素甫")),
    "彝": (("木呷", "阿支", "日火", "伍各"), ("沙马", "曲比", "阿尔", "吉克")),
}
"""Peoples whose names have two parts, with parts to put together: (first parts, second parts)."""
_ETHNICITIES = ("汉",) * 66 + ("土家",) * 12 + ("苗",) * 10 + ("侗",) * 8 + tuple(_IN_PARTS) * 2
_TRADES = ("电子厂", "服装厂", "建筑公司", "物流园", "餐饮店", "家具厂", "制鞋厂", "装修队")
_CITIES = ("演示市", "样例市", "示例市")
OCCUPATIONS = ("务农", "个体", "退休", "零工")
HEALTH = ("健康", "健康", "健康", "一般", "体弱", "残疾")
_RARE = 0.02
_ONE_CHARACTER = 0.35


class People:
    """Makes names and numbers, each telephone number once."""

    def __init__(self, random: Random) -> None:
        self._random = random
        self._phones = 0

    def ethnicity(self) -> str:
        """A people of the mainland; four in a hundred are of those whose names have two parts."""
        return self._random.choice(_ETHNICITIES)

    def surname(self) -> str:
        """A surname; one in fifty of those that are read unlike their character, or have two characters."""
        if self._random.random() < _RARE:
            return self._random.choice(_RARE_SURNAMES)
        return self._random.choice(_SURNAMES)

    def adult_name(self, surname: str | None = None) -> str:
        """The name of an adult: with the surname given, else of any people."""
        if surname is not None:
            return surname + self._given()
        return self.name_of(self.ethnicity(), self.surname())

    def name_of(self, ethnicity: str, surname: str) -> str:
        """A name as that people has it: surname and given name, or two parts with · (U+00B7, as on identity cards)."""
        if ethnicity not in _IN_PARTS:
            return surname + self._given()
        first, second = _IN_PARTS[ethnicity]
        return f"{self._random.choice(first)}·{self._random.choice(second)}"

    def phone(self) -> str:
        """A number of eleven digits under 154, a prefix that no network in the mainland has."""
        self._phones += 1
        return f"154{self._phones:08}"

    def work(self) -> str:
        """An employer with its place, in a city that does not exist."""
        return f"{self._random.choice(_CITIES)}{self._random.choice(_TRADES)}{self._random.randint(1, 99)}号"

    def _given(self) -> str:
        first = self._random.choice(_RARE_GIVEN if self._random.random() < _RARE else _GIVEN)
        return first if self._random.random() < _ONE_CHARACTER else first + self._random.choice(_GIVEN)
