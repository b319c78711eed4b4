"""Parcels to print: one ordinary request, and fifty recipients that are not."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import Any

from orders.carriers.protocol import Address, LabelRequest

SENDER = Address("Halles Lyon Part-Dieu", "17 rue du Docteur Bouchut", "69003", "Lyon", "FR", line2="Quai B")
RECIPIENT = Address("Camille Martin", "12 rue des Lilas", "75011", "Paris", "FR", phone="+33 6 12 34 56 78")
REQUEST = LabelRequest(
    reference="0c8f6f0e-7f0b-4a55-9c3c-0d8f1d0f4217",
    serial=4217,
    sender=SENDER,
    recipient=RECIPIENT,
    service="express",
    weight_g=1250,
    order_number="H26-0000421",
    stock_point="LYON-PD",
    ships_on=date(2026, 11, 23),
    language="fr",
    parcel_index=1,
    parcel_count=2,
)


def a_request(**changes: Any) -> LabelRequest:
    return replace(REQUEST, **changes)


RECIPIENTS = [
    Address(name, line1, postcode, city, country, line2=line2, phone=phone)
    for name, line1, line2, postcode, city, country, phone in [
        ("Éloïse Œuvrard-Lefèvre", "12 bis avenue de l'Hôpital Général", "", "75011", "Paris", "FR", ""),
        ("Noël Çelik", "3 impasse du Maître-d'Œuvre", "Bât. C, 3ᵉ étage", "69001", "Lyon", "FR", "+33 6 12 34 56 78"),
        ("Zoé L'Haÿ", "1 place de l'Église", "", "94240", "L'Haÿ-les-Roses", "FR", ""),
        ("M. Ÿ", "Lieu-dit « Le Bout »", "", "23000", "Saint-Sulpice-le-Guérétois", "FR", ""),
        ("Ô", "1 rue A", "", "01000", "Y", "FR", ""),
        (
            "Jean-Baptiste de La Rochefoucauld-Montmorency",
            "248 boulevard Saint-Germain",
            "",
            "75007",
            "Paris",
            "FR",
            "",
        ),
        ("Mairie", "Place", "", "51290", "Saint-Remy-en-Bouzemont-Saint-Genest-et-Isson", "FR", ""),
        ("Anne (accueil) [RDC]", "Zone \\Nord\\ (lot 4)", "code {12^34~56_78}", "13001", "Marseille", "FR", ""),
        (
            "Société " + "Anonyme " * 10,
            "Résidence " + "des Hauts " * 8,
            "Escalier " + "B " * 30,
            "33000",
            "Bordeaux",
            "FR",
            "",
        ),
        ("W" * 60, "X" * 90, "Y" * 90, "59000", "Z" * 50, "FR", "0320000000"),
        ("Ana Muñoz Íñiguez", "Calle de Alcalá 45, 3º dcha.", "", "28014", "Madrid", "ES", "+34 600 000 000"),
        ("João Gonçalves", "Rua das Flores 12", "2.º Esq.", "1200-195", "Lisboa", "PT", ""),
        ("Jürgen Groß", "Königsallee 1", "Hinterhaus, 2. OG", "40212", "Düsseldorf", "DE", ""),
        ("Österreichische Post", "Straße des Ersten Mai 106", "", "1020", "Wien", "AT", ""),
        ("Zürcher Käse AG", "Bahnhofstrasse 7", "", "8001", "Zürich", "CH", ""),
        ("Bjørn Ærø Ålesund", "Karl Johans gate 1", "", "0154", "Oslo", "NO", ""),
        ("Þórður Ægisson", "Laugavegur 22", "", "101", "Reykjavík", "IS", ""),
        ("Mäkinen Öljy Oy", "Mannerheimintie 3", "", "00100", "Helsinki", "FI", ""),
        ("Niccolò D'Alò", "Via dell'Università 8", "Scala A, int. 12", "20122", "Milano", "IT", "+39 333 1234567"),
        ("Jan van 't Hoff", "Prinsengracht 263-H", "", "1016 GV", "Amsterdam", "NL", ""),
        ("Seán Ó Súilleabháin", "14 St Stephen's Green", "", "D02 X285", "Dublin", "IE", ""),
        ("Dr. A. & B. O'Neill <c/o>", "Flat 3, 221b Baker Street", "", "NW1 6XE", "London", "GB", "+44 20 7946 0000"),
        ("Łukasz Żółć", "ul. Świętokrzyska 14/5", "", "00-050", "Warszawa", "PL", ""),
        ("Žofie Příšerná", "Náměstí Míru 9", "", "120 00", "Praha 2", "CZ", ""),
        ("Ľubomír Šťastný", "Hviezdoslavovo nám. 2", "", "811 02", "Bratislava", "SK", ""),
        ("Őrsi Ágnes Űrhajós", "Andrássy út 60.", "", "1062", "Budapest", "HU", ""),
        ("Ștefan Țîrlea", "Strada Știrbei Vodă 10", "", "010106", "București", "RO", ""),
        ("Đorđe Čučković", "Trg bana Jelačića 1", "", "10000", "Zagreb", "HR", ""),
        ("İbrahim Güneş", "İstiklal Caddesi No: 12", "Kat 3", "34433", "İstanbul", "TR", ""),
        ("Ģirts Ķēniņš", "Brīvības iela 32", "", "LV-1010", "Rīga", "LV", ""),
        ("Žydrūnas Ąžuolas", "Gedimino pr. 9", "", "01103", "Vilnius", "LT", ""),
        ("Ġużeppi Ħal", "Triq ir-Repubblika", "", "VLT 1117", "Il-Belt Valletta", "MT", ""),
        ("Παπαδόπουλος Γιώργος", "Ερμού 15", "", "105 63", "Αθήνα", "GR", ""),
        ("Иван Щербаков", "ул. Ленина, д. 5, кв. 12", "", "101000", "Москва", "RU", ""),
        ("Їжакевич Ґалина", "вул. Хрещатик 22", "", "01001", "Київ", "UA", ""),
        ("Георги Търновски", "бул. Витоша 1", "", "1000", "София", "BG", ""),
        ("山田 太郎", "千代田区千代田1-1", "", "100-0001", "東京都", "JP", ""),
        ("さくら カフェ", "ひらがな通り２３", "", "〒530-0001", "大阪", "JP", ""),
        ("王小明", "长安街1号", "", "100006", "北京", "CN", ""),
        ("김철수", "세종대로 110", "", "04524", "서울", "KR", ""),
        ("דוד כהן", "רחוב הרצל 5", "", "6688208", "תל אביב", "IL", ""),
        ("محمد العربي", "شارع التحرير ٥", "", "11511", "القاهرة", "EG", ""),
        ("राज कुमार", "महात्मा गांधी मार्ग १२", "", "110001", "नई दिल्ली", "IN", ""),
        ("สมชาย ใจดี", "ถนนสุขุมวิท 21", "", "10110", "กรุงเทพ", "TH", ""),
        ("Nguyễn Thị Hương", "12 Phố Huế", "", "100000", "Hà Nội", "VN", ""),
        ("Emoji 😀🎁 Fan", "Rue du 🐈 n° ½", "", "31000", "Toulouse", "FR", ""),
        ("Tab\tand\nnewline", "non breaking  spaces", "soft\u00adhyphen, zero\u200bwidth", "44000", "Nantes", "FR", ""),
        ("ﬁne ligature & №5 ™ €10", "１２３ Full-width", "①②③", "67000", "Strasbourg", "FR", ""),
        ("^XA^FO0,0^GB800,1200,800^FS", "~JA ^FD_5E^FS", "\\& >: >5", "06000", "Nice", "FR", ""),
        ("e\u0301 composed, a\u030a too", "n\u0303", "", "", "Monaco", "MC", ""),
    ]
]
