"""The time zones that are a few taps away. Every other one can be typed."""

from dataclasses import dataclass

from bot.domain.languages import Bilingual, Language


@dataclass(frozen=True, slots=True)
class City:
    """A zone of the tz database by the city that people know it by."""

    zone: str
    name: Bilingual


def _cities(*told: tuple[str, str, str]) -> tuple[City, ...]:
    return tuple(City(zone, Bilingual(en, zh)) for zone, en, zh in told)


UTC = City("UTC", Bilingual("UTC", "UTC"))

REGIONS: dict[str, tuple[City, ...]] = {
    "asia": _cities(
        ("Asia/Shanghai", "Shanghai", "上海"),
        ("Asia/Hong_Kong", "Hong Kong", "香港"),
        ("Asia/Taipei", "Taipei", "台北"),
        ("Asia/Singapore", "Singapore", "新加坡"),
        ("Asia/Tokyo", "Tokyo", "东京"),
        ("Asia/Seoul", "Seoul", "首尔"),
        ("Asia/Kuala_Lumpur", "Kuala Lumpur", "吉隆坡"),
        ("Asia/Bangkok", "Bangkok", "曼谷"),
        ("Asia/Ho_Chi_Minh", "Ho Chi Minh", "胡志明市"),
        ("Asia/Jakarta", "Jakarta", "雅加达"),
        ("Asia/Manila", "Manila", "马尼拉"),
        ("Asia/Kolkata", "India", "印度"),
        ("Asia/Karachi", "Karachi", "卡拉奇"),
        ("Asia/Dhaka", "Dhaka", "达卡"),
        ("Asia/Kathmandu", "Kathmandu", "加德满都"),
        ("Asia/Dubai", "Dubai", "迪拜"),
        ("Asia/Tehran", "Tehran", "德黑兰"),
        ("Asia/Riyadh", "Riyadh", "利雅得"),
        ("Asia/Jerusalem", "Jerusalem", "耶路撒冷"),
        ("Asia/Almaty", "Almaty", "阿拉木图"),
        ("Asia/Tashkent", "Tashkent", "塔什干"),
        ("Asia/Urumqi", "Urumqi", "乌鲁木齐"),
    ),
    "europe": _cities(
        ("Europe/London", "London", "伦敦"),
        ("Europe/Berlin", "Berlin", "柏林"),
        ("Europe/Paris", "Paris", "巴黎"),
        ("Europe/Madrid", "Madrid", "马德里"),
        ("Europe/Rome", "Rome", "罗马"),
        ("Europe/Amsterdam", "Amsterdam", "阿姆斯特丹"),
        ("Europe/Zurich", "Zurich", "苏黎世"),
        ("Europe/Lisbon", "Lisbon", "里斯本"),
        ("Europe/Warsaw", "Warsaw", "华沙"),
        ("Europe/Stockholm", "Stockholm", "斯德哥尔摩"),
        ("Europe/Athens", "Athens", "雅典"),
        ("Europe/Helsinki", "Helsinki", "赫尔辛基"),
        ("Europe/Kyiv", "Kyiv", "基辅"),
        ("Europe/Istanbul", "Istanbul", "伊斯坦布尔"),
        ("Europe/Moscow", "Moscow", "莫斯科"),
    ),
    "america": _cities(
        ("America/New_York", "New York", "纽约"),
        ("America/Chicago", "Chicago", "芝加哥"),
        ("America/Denver", "Denver", "丹佛"),
        ("America/Los_Angeles", "Los Angeles", "洛杉矶"),
        ("America/Toronto", "Toronto", "多伦多"),
        ("America/Vancouver", "Vancouver", "温哥华"),
        ("America/Mexico_City", "Mexico City", "墨西哥城"),
        ("America/Bogota", "Bogotá", "波哥大"),
        ("America/Lima", "Lima", "利马"),
        ("America/Sao_Paulo", "São Paulo", "圣保罗"),
        ("America/Argentina/Buenos_Aires", "Buenos Aires", "布宜诺斯艾利斯"),
        ("America/Santiago", "Santiago", "圣地亚哥"),
    ),
    "africa": _cities(
        ("Africa/Lagos", "Lagos", "拉各斯"),
        ("Africa/Cairo", "Cairo", "开罗"),
        ("Africa/Johannesburg", "Johannesburg", "约翰内斯堡"),
        ("Africa/Nairobi", "Nairobi", "内罗毕"),
        ("Africa/Casablanca", "Casablanca", "卡萨布兰卡"),
        ("Africa/Accra", "Accra", "阿克拉"),
        ("Africa/Addis_Ababa", "Addis Ababa", "亚的斯亚贝巴"),
        ("Africa/Algiers", "Algiers", "阿尔及尔"),
        ("Africa/Tunis", "Tunis", "突尼斯"),
    ),
    "pacific": _cities(
        ("Australia/Sydney", "Sydney", "悉尼"),
        ("Australia/Melbourne", "Melbourne", "墨尔本"),
        ("Australia/Brisbane", "Brisbane", "布里斯班"),
        ("Australia/Adelaide", "Adelaide", "阿德莱德"),
        ("Australia/Perth", "Perth", "珀斯"),
        ("Pacific/Auckland", "Auckland", "奥克兰"),
        ("Pacific/Honolulu", "Honolulu", "火奴鲁鲁"),
        ("Pacific/Guam", "Guam", "关岛"),
    ),
}
"""The cities of each part of the world, the most asked for first. Its name is the text `region.<part>`."""

_LIKELY = {
    Language.EN: ("Europe/London", "America/New_York", "America/Los_Angeles"),
    Language.ZH: ("Asia/Shanghai", "Asia/Taipei", "Asia/Singapore"),
}


def likely(language: Language) -> tuple[City, ...]:
    """The cities in which somebody who reads a language most often lives, the likeliest first."""
    known = {city.zone: city for cities in REGIONS.values() for city in cities}
    return tuple(known[zone] for zone in _LIKELY[language])
