"""Languages as people write them, to ISO 639-1 codes."""

import re
import unicodedata
from collections.abc import Mapping
from typing import Final

# The two-letter codes of ISO 639-1 with their English names; a slash separates names of one language.
_NAMES: Final = """
aa Afar|ab Abkhazian|ae Avestan|af Afrikaans|ak Akan|am Amharic|an Aragonese|ar Arabic|as Assamese|av Avaric
ay Aymara|az Azerbaijani|ba Bashkir|be Belarusian|bg Bulgarian|bi Bislama|bm Bambara|bn Bengali/Bangla
bo Tibetan|br Breton|bs Bosnian|ca Catalan/Valencian|ce Chechen|ch Chamorro|co Corsican|cr Cree|cs Czech
cu Church Slavic|cv Chuvash|cy Welsh|da Danish|de German/Deutsch|dv Divehi/Maldivian|dz Dzongkha|ee Ewe
el Greek|en English|eo Esperanto|es Spanish/Castilian/Español|et Estonian|eu Basque|fa Persian/Farsi|ff Fulah
fi Finnish/Suomi|fj Fijian|fo Faroese|fr French/Français|fy Western Frisian|ga Irish/Gaeilge
gd Scottish Gaelic/Gaelic|gl Galician|gn Guarani|gu Gujarati|gv Manx|ha Hausa|he Hebrew|hi Hindi|ho Hiri Motu
hr Croatian|ht Haitian/Haitian Creole|hu Hungarian/Magyar|hy Armenian|hz Herero|ia Interlingua|id Indonesian
ie Interlingue|ig Igbo|ii Sichuan Yi|ik Inupiaq|io Ido|is Icelandic|it Italian/Italiano|iu Inuktitut
ja Japanese|jv Javanese|ka Georgian|kg Kongo|ki Kikuyu|kj Kuanyama|kk Kazakh|kl Kalaallisut/Greenlandic
km Khmer|kn Kannada|ko Korean|kr Kanuri|ks Kashmiri|ku Kurdish|kv Komi|kw Cornish|ky Kirghiz/Kyrgyz|la Latin
lb Luxembourgish|lg Ganda/Luganda|li Limburgish|ln Lingala|lo Lao|lt Lithuanian|lu Luba-Katanga|lv Latvian
mg Malagasy|mh Marshallese|mi Maori|mk Macedonian|ml Malayalam|mn Mongolian|mr Marathi|ms Malay|mt Maltese
my Burmese|na Nauru|nb Norwegian Bokmal|nd North Ndebele|ne Nepali|ng Ndonga|nl Dutch/Flemish/Nederlands
nn Norwegian Nynorsk|no Norwegian/Norsk|nr South Ndebele|nv Navajo|ny Chichewa/Nyanja|oc Occitan|oj Ojibwa
om Oromo|or Oriya/Odia|os Ossetian|pa Punjabi|pi Pali|pl Polish/Polski|ps Pashto
pt Portuguese/Português|qu Quechua|rm Romansh|rn Rundi|ro Romanian/Moldovan|ru Russian|rw Kinyarwanda
sa Sanskrit|sc Sardinian|sd Sindhi|se Northern Sami|sg Sango|si Sinhala|sk Slovak|sl Slovenian|sm Samoan
sn Shona|so Somali|sq Albanian|sr Serbian|ss Swati|st Southern Sotho/Sesotho|su Sundanese|sv Swedish/Svenska
sw Swahili/Kiswahili|ta Tamil|te Telugu|tg Tajik|th Thai|ti Tigrinya|tk Turkmen|tl Tagalog/Filipino|tn Tswana
to Tonga|tr Turkish/Türkçe|ts Tsonga|tt Tatar|tw Twi|ty Tahitian|ug Uighur/Uyghur|uk Ukrainian|ur Urdu
uz Uzbek|ve Venda|vi Vietnamese|vo Volapük|wa Walloon|wo Wolof|xh Xhosa|yi Yiddish|yo Yoruba|za Zhuang
zh Chinese/Mandarin|zu Zulu
"""
_REGION: Final = re.compile(r"([a-z]{2})[-_][a-z]{2,4}")


def _plain(text: str) -> str:
    """Case, accents and surplus space taken away."""
    letters = unicodedata.normalize("NFKD", text.casefold())
    return " ".join("".join(letter for letter in letters if not unicodedata.combining(letter)).split())


def _read_table() -> dict[str, list[str]]:
    entries = (entry.split(" ", 1) for entry in _NAMES.strip().replace("\n", "|").split("|"))
    return {code: names.split("/") for code, names in entries}


def _codes_of(table: Mapping[str, list[str]]) -> dict[str, str]:
    codes: dict[str, str] = {}
    for code, names in table.items():
        codes[code] = code
        codes.update((_plain(name), code) for name in names)
    return codes


_TABLE: Final = _read_table()
CODES: Final = _codes_of(_TABLE)
"""Every code and every plain name to its code."""

LANGUAGE_CODES: Final = frozenset(CODES.values())


def language_code(text: str) -> str | None:
    """The ISO 639-1 code of a code, a regional tag such as pt-BR, or a name; None when it is none of them."""
    plain = _plain(text)
    region = _REGION.fullmatch(plain)
    return CODES.get(region[1] if region else plain)


def language_name(code: str) -> str:
    """The English name of an ISO 639-1 code, or what was given when it is none."""
    return _TABLE[code][0] if code in _TABLE else code


def known_names() -> list[str]:
    """Plain names that a misspelt one can be compared with."""
    return [name for name in CODES if len(name) > 2]
