"""Garments as outlines in a square of 120: what the pictures are drawn with.

`body` is filled with the article's colour, `shade` with a darker one, `lines` are stitched on top.
"""

from __future__ import annotations

from typing import NamedTuple


class Silhouette(NamedTuple):
    body: str
    shade: str = ""
    lines: str = ""


COAT = Silhouette(
    body="M47 20 L33 26 L20 74 L31 77 L37 56 L35 108 L85 108 L83 56 L89 77 L100 74 L87 26 L73 20 L60 32 Z",
    shade="M47 20 L60 32 L73 20 L69 18 L60 24 L51 18 Z M57 46 L60 32 L44 25 L42 40 Z M63 46 L60 32 L76 25 L78 40 Z",
    lines="M60 46 V108 M41 80 H52 M68 80 H79 M64 58 h1 M64 72 h1 M64 86 h1",
)
TRENCH = Silhouette(
    body="M47 18 L32 25 L20 72 L31 75 L38 54 L34 110 L86 110 L82 54 L89 75 L100 72 L88 25 L73 18 L60 30 Z",
    shade=(
        "M36 66 H84 V73 H36 Z M47 18 L60 30 L73 18 L69 16 L60 22 L51 16 Z M44 24 L60 30 L50 44 Z M76 24 L60 30 L70 44 Z"
    ),
    lines=(
        "M66 44 V66 M66 73 V110 M54 50 h1 M54 60 h1 M71 50 h1 M71 60 h1 M54 84 h1 M71 84 h1 M39 86 L48 84 M81 86 L72 84"
    ),
)
JACKET = Silhouette(
    body=(
        "M46 24 L31 31 L20 80 L31 83 L37 62 L37 94 Q48 97 59 93 L61 93 Q72 97 83 94 L83 62 L89 83 L100 80 "
        "L89 31 L74 24 L60 56 Z"
    ),
    shade="M46 24 L60 56 L52 44 L42 40 Z M74 24 L60 56 L68 44 L78 40 Z",
    lines="M60 56 V93 M42 76 H53 M67 76 H78 M64 66 h1 M64 78 h1 M71 50 H79",
)
DRESS = Silhouette(
    body=(
        "M48 16 L44 34 Q46 46 44 54 L28 108 Q60 116 92 108 L76 54 Q74 46 76 34 L72 16 L68 16 L67 28 "
        "Q60 34 53 28 L52 16 Z"
    ),
    shade="M44 54 Q60 59 76 54 L77 59 Q60 64 42 59 Z",
    lines="M52 66 L44 108 M60 68 V110 M68 66 L76 108",
)
SHIRT = Silhouette(
    body="M47 22 L32 28 L20 76 L31 79 L38 56 L37 100 Q60 106 83 100 L82 56 L89 79 L100 76 L88 28 L73 22 L60 33 Z",
    shade=(
        "M47 22 L60 33 L52 42 L43 26 Z M73 22 L60 33 L68 42 L77 26 Z M21 71 L33 74 L31 79 L20 76 Z M99 71 "
        "L87 74 L89 79 L100 76 Z"
    ),
    lines="M60 34 V103 M63 46 h1 M63 60 h1 M63 74 h1 M63 88 h1 M69 54 H79 V63 H69 Z",
)
BLOUSE = Silhouette(
    body=(
        "M48 24 Q40 26 34 30 Q22 50 22 74 Q27 79 35 76 Q38 66 39 58 L36 98 Q60 104 84 98 L81 58 Q82 66 85 76 "
        "Q93 79 98 74 Q98 50 86 30 Q80 26 72 24 Q60 38 48 24 Z"
    ),
    shade=(
        "M48 24 Q60 38 72 24 L74 28 Q60 45 46 28 Z M22 70 L35 73 L35 77 Q27 79 22 75 Z M98 70 L85 73 L85 77 "
        "Q93 79 98 75 Z"
    ),
    lines="M52 42 Q50 70 48 100 M60 45 V101 M68 42 Q70 70 72 100",
)
JUMPER = Silhouette(
    body="M46 24 L31 31 L18 78 L30 82 L38 58 L37 98 H83 L82 58 L90 82 L102 78 L89 31 L74 24 Q60 36 46 24 Z",
    shade=(
        "M46 24 Q60 36 74 24 L76 28 Q60 42 44 28 Z M37 91 H83 V98 H37 Z M20 73 L31 77 L30 82 L18 78 Z "
        "M100 73 L89 77 L90 82 L102 78 Z"
    ),
    lines="M42 91 V98 M48 91 V98 M54 91 V98 M60 91 V98 M66 91 V98 M72 91 V98 M78 91 V98",
)
CARDIGAN = Silhouette(
    body="M46 24 L31 31 L18 78 L30 82 L38 58 L36 98 H84 L82 58 L90 82 L102 78 L89 31 L74 24 L60 62 Z",
    shade=(
        "M46 24 L60 62 V98 H56 V66 L43 26 Z M74 24 L60 62 V98 H64 V66 L77 26 Z M20 73 L31 77 L30 82 L18 78 Z "
        "M100 73 L89 77 L90 82 L102 78 Z"
    ),
    lines="M60 62 V98 M62 70 h1 M62 80 h1 M62 90 h1 M40 82 H51 M69 82 H80",
)
TROUSERS = Silhouette(
    body="M42 16 H78 L88 108 H69 L60 48 L51 108 H32 Z",
    shade="M42 16 H78 L79 23 H41 Z",
    lines="M60 23 V48 M47 30 L41 104 M73 30 L79 104 M46 24 L42 34 M74 24 L78 34",
)
JEANS = Silhouette(
    body="M40 16 H80 L86 106 H67 L60 50 L53 106 H34 Z",
    shade="M40 16 H80 L80.5 22 H39.5 Z M34.5 100 H53.7 L53 106 H34 Z M66.3 100 H85.5 L86 106 H67 Z",
    lines="M60 22 V50 M60 40 Q66 38 65 22 M42 24 Q48 34 55 24 M78 24 Q72 34 65 24 M46 16 V22 M74 16 V22",
)
SKIRT = Silhouette(
    body="M43 22 H77 L94 98 Q60 108 26 98 Z",
    shade="M43 22 H77 L78.5 30 H41.5 Z",
    lines="M50 30 L40 100 M60 30 V103 M70 30 L80 100",
)
DERBY = Silhouette(
    body="M22 46 Q34 54 46 48 Q54 62 72 66 Q98 70 100 82 L100 86 H20 Q17 64 22 46 Z",
    shade="M18 86 H102 V92 H62 L60 88 H42 V94 H18 Z",
    lines="M46 48 Q44 62 52 68 M72 66 Q68 76 76 84 M54 58 L48 64 M60 62 L54 68 M66 65 L60 71",
)
TRAINER = Silhouette(
    body="M22 44 Q32 54 44 46 L52 44 Q62 62 80 66 Q100 70 102 82 H20 Q16 62 22 44 Z",
    shade="M17 82 H103 Q105 92 98 94 H24 Q16 94 17 82 Z",
    lines="M54 50 L46 56 M59 56 L51 62 M65 61 L57 67 M24 66 Q40 74 58 78 M86 68 Q84 76 90 81",
)
BOOT = Silhouette(
    body="M36 20 H68 L66 58 Q92 64 96 84 H34 Q38 52 36 20 Z",
    shade="M33 84 H97 V92 H64 L60 87 H48 V98 H33 Z",
    lines="M36.5 27 H67.5 M56 34 Q62 46 57 60 M66 58 Q60 66 56 74",
)
BAG = Silhouette(
    body="M26 50 H94 L100 100 Q60 106 20 100 Z",
    shade="M26 50 H94 L95.6 64 Q60 82 24.4 64 Z",
    lines="M44 50 Q44 20 60 20 Q76 20 76 50 M56 74 H64 V80 H56 Z",
)
TOTE = Silhouette(
    body="M30 44 H90 L86 106 H34 Z",
    shade="M30 44 H90 L89.5 51 H30.5 Z",
    lines="M44 56 V44 Q44 14 60 14 Q76 14 76 44 V56 M36 98 H84",
)
SCARF = Silhouette(
    body="M40 20 Q60 34 80 20 L86 30 Q76 42 66 44 L78 104 H56 L52 52 Q40 44 34 30 Z",
    shade="M34 30 Q60 50 86 30 Q76 42 66 44 L60 47 Q44 44 34 30 Z M56.6 92 H75.6 L78 104 H56 Z",
    lines="M60 94 L60 110 M66 94 L67 110 M72 94 L74 110 M57 80 H73",
)
BEANIE = Silhouette(
    body="M28 76 Q28 32 60 32 Q92 32 92 76 Z",
    shade="M24 74 H96 Q98 84 96 92 H24 Q22 84 24 74 Z M52 26 A8 8 0 1 1 68 26 A8 8 0 1 1 52 26 Z",
    lines="M44 74 Q44 48 54 34 M60 74 V34 M76 74 Q76 48 66 34 M36 76 V91 M48 76 V91 M60 76 V91 M72 76 V91 M84 76 V91",
)
BELT = Silhouette(
    body="M60 34 A34 24 0 1 0 94 58 L86 58 A26 17 0 1 1 60 41 L98 46 L100 38 Z",
    shade="M62 30 H78 V50 H62 Z M67 35 V45 H73 V35 Z",
    lines="M84 41 h1 M90 42 h1 M70 40 H82",
)
UMBRELLA = Silhouette(
    body="M60 22 Q100 26 106 66 Q96 58 86 66 Q73 58 60 66 Q47 58 34 66 Q24 58 14 66 Q20 26 60 22 Z",
    shade="M60 22 Q82 34 86 66 Q73 58 60 66 Q47 58 34 66 Q38 34 60 22 Z",
    lines="M60 22 V16 M60 64 V98 Q60 106 68 106 Q76 106 76 98 M60 22 V64",
)
HANGER = Silhouette(
    body="M60 46 L104 80 Q108 88 98 88 H22 Q12 88 16 80 Z M60 58 L34 79 H86 Z",
    lines="M60 46 V38 Q70 34 67 26 Q60 18 53 26",
)

BY_NAME = {
    "Manteau": COAT,
    "Trench": TRENCH,
    "Veste": JACKET,
    "Robe": DRESS,
    "Chemise": SHIRT,
    "Blouse": BLOUSE,
    "Pull": JUMPER,
    "Cardigan": CARDIGAN,
    "Pantalon": TROUSERS,
    "Jean": JEANS,
    "Jupe": SKIRT,
    "Derbies": DERBY,
    "Baskets": TRAINER,
    "Bottines": BOOT,
    "Sac": BAG,
    "Cabas": TOTE,
    "Écharpe": SCARF,
    "Bonnet": BEANIE,
    "Ceinture": BELT,
    "Parapluie": UMBRELLA,
}
BY_CATEGORY = {
    "coats": COAT,
    "jackets": JACKET,
    "dresses": DRESS,
    "shirts": SHIRT,
    "knitwear": JUMPER,
    "trousers": TROUSERS,
    "skirts": SKIRT,
    "shoes": DERBY,
    "bags": BAG,
    "accessories": SCARF,
}
WOVEN = frozenset({COAT, JACKET, DRESS, SHIRT, BLOUSE, JUMPER, CARDIGAN, TROUSERS, SKIRT, TOTE, SCARF, UMBRELLA})
