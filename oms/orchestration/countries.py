"""Where a country lies and what its clock says, for destinations known by no more than their country.

Source: written by hand from general geography. A point is the rough middle of the country's main
territory, rounded to half a degree (small islands to a tenth); a zone is the one most of its people
live in. Good enough to rank stock points when a postcode is unknown, and always marked as degraded.
"""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Country:
    """Latitude and longitude in degrees; `timezone` as the IANA database names it."""

    latitude: float
    longitude: float
    timezone: str


_TABLE = """
AD 42.5 1.5 Europe/Andorra
AE 24 54 Asia/Dubai
AF 33 65 Asia/Kabul
AG 17.1 -61.8 America/Antigua
AI 18.2 -63.1 America/Anguilla
AL 41 20 Europe/Tirane
AM 40 45 Asia/Yerevan
AO -12.5 18.5 Africa/Luanda
AQ -80 0 Antarctica/McMurdo
AR -34 -64 America/Argentina/Buenos_Aires
AS -14.3 -170.7 Pacific/Pago_Pago
AT 47.5 13.5 Europe/Vienna
AU -27 134 Australia/Sydney
AW 12.5 -70 America/Aruba
AX 60.2 20 Europe/Mariehamn
AZ 40.5 47.5 Asia/Baku
BA 44 18 Europe/Sarajevo
BB 13.2 -59.5 America/Barbados
BD 24 90 Asia/Dhaka
BE 50.5 4.5 Europe/Brussels
BF 13 -2 Africa/Ouagadougou
BG 43 25 Europe/Sofia
BH 26 50.5 Asia/Bahrain
BI -3.5 30 Africa/Bujumbura
BJ 9.5 2.5 Africa/Porto-Novo
BL 17.9 -62.8 America/St_Barthelemy
BM 32.3 -64.8 Atlantic/Bermuda
BN 4.5 114.5 Asia/Brunei
BO -17 -65 America/La_Paz
BQ 12.2 -68.3 America/Kralendijk
BR -10 -55 America/Sao_Paulo
BS 24 -76 America/Nassau
BT 27.5 90.5 Asia/Thimphu
BV -54.4 3.4 Europe/Oslo
BW -22 24 Africa/Gaborone
BY 53 28 Europe/Minsk
BZ 17 -88.5 America/Belize
CA 56 -100 America/Toronto
CC -12.2 96.9 Indian/Cocos
CD -3 23.5 Africa/Kinshasa
CF 7 21 Africa/Bangui
CG -1 15 Africa/Brazzaville
CH 47 8 Europe/Zurich
CI 7.5 -5.5 Africa/Abidjan
CK -21.2 -159.8 Pacific/Rarotonga
CL -33 -71 America/Santiago
CM 6 12.5 Africa/Douala
CN 35 105 Asia/Shanghai
CO 4 -73 America/Bogota
CR 10 -84 America/Costa_Rica
CU 21.5 -79.5 America/Havana
CV 15.5 -24 Atlantic/Cape_Verde
CW 12.2 -69 America/Curacao
CX -10.5 105.7 Indian/Christmas
CY 35 33 Asia/Nicosia
CZ 50 15.5 Europe/Prague
DE 51 10.5 Europe/Berlin
DJ 11.5 42.5 Africa/Djibouti
DK 56 10 Europe/Copenhagen
DM 15.4 -61.4 America/Dominica
DO 19 -70.5 America/Santo_Domingo
DZ 34 3 Africa/Algiers
EC -1.5 -78.5 America/Guayaquil
EE 58.5 25.5 Europe/Tallinn
EG 28 31 Africa/Cairo
EH 24.5 -13 Africa/El_Aaiun
ER 15 39 Africa/Asmara
ES 40 -3.5 Europe/Madrid
ET 8.5 39.5 Africa/Addis_Ababa
FI 63 26 Europe/Helsinki
FJ -18 178 Pacific/Fiji
FK -51.7 -59.2 Atlantic/Stanley
FM 6.9 158.2 Pacific/Pohnpei
FO 62 -7 Atlantic/Faroe
FR 46.5 2.5 Europe/Paris
GA -1 11.5 Africa/Libreville
GB 53 -1.5 Europe/London
GD 12.1 -61.7 America/Grenada
GE 42 43.5 Asia/Tbilisi
GF 4 -53 America/Cayenne
GG 49.5 -2.5 Europe/Guernsey
GH 8 -1 Africa/Accra
GI 36.1 -5.4 Europe/Gibraltar
GL 67 -50 America/Nuuk
GM 13.5 -15.5 Africa/Banjul
GN 10.5 -11 Africa/Conakry
GP 16.2 -61.5 America/Guadeloupe
GQ 2 10 Africa/Malabo
GR 39 22.5 Europe/Athens
GS -54.4 -36.6 Atlantic/South_Georgia
GT 15.5 -90.5 America/Guatemala
GU 13.4 144.8 Pacific/Guam
GW 12 -15 Africa/Bissau
GY 5 -58.5 America/Guyana
HK 22.3 114.2 Asia/Hong_Kong
HM -53.1 73.5 Indian/Kerguelen
HN 15 -86.5 America/Tegucigalpa
HR 45.5 16 Europe/Zagreb
HT 19 -72.5 America/Port-au-Prince
HU 47 19.5 Europe/Budapest
ID -6 110 Asia/Jakarta
IE 53 -7.5 Europe/Dublin
IL 31.5 35 Asia/Jerusalem
IM 54.2 -4.5 Europe/Isle_of_Man
IN 21 78 Asia/Kolkata
IO -7.3 72.4 Indian/Chagos
IQ 33 44 Asia/Baghdad
IR 32.5 53.5 Asia/Tehran
IS 65 -18.5 Atlantic/Reykjavik
IT 43 12.5 Europe/Rome
JE 49.2 -2.1 Europe/Jersey
JM 18.2 -77.3 America/Jamaica
JO 31.5 36.5 Asia/Amman
JP 36 138 Asia/Tokyo
KE 0 37.5 Africa/Nairobi
KG 41.5 75 Asia/Bishkek
KH 12.5 105 Asia/Phnom_Penh
KI 1.4 173 Pacific/Tarawa
KM -12 43.9 Indian/Comoro
KN 17.3 -62.7 America/St_Kitts
KP 40 127 Asia/Pyongyang
KR 36.5 127.5 Asia/Seoul
KW 29.5 47.5 Asia/Kuwait
KY 19.3 -81.3 America/Cayman
KZ 48 67 Asia/Almaty
LA 18.5 103.5 Asia/Vientiane
LB 34 36 Asia/Beirut
LC 13.9 -61 America/St_Lucia
LI 47.2 9.5 Europe/Vaduz
LK 7.5 80.5 Asia/Colombo
LR 6.5 -9.5 Africa/Monrovia
LS -29.5 28.5 Africa/Maseru
LT 55.5 24 Europe/Vilnius
LU 49.8 6.1 Europe/Luxembourg
LV 57 25 Europe/Riga
LY 31 17 Africa/Tripoli
MA 32.5 -6.5 Africa/Casablanca
MC 43.7 7.4 Europe/Monaco
MD 47 28.5 Europe/Chisinau
ME 42.5 19.5 Europe/Podgorica
MF 18.1 -63.1 America/Marigot
MG -19 47 Indian/Antananarivo
MH 7.1 171.2 Pacific/Majuro
MK 41.5 21.5 Europe/Skopje
ML 15 -6 Africa/Bamako
MM 21 96 Asia/Yangon
MN 46.5 105 Asia/Ulaanbaatar
MO 22.2 113.5 Asia/Macau
MP 15.2 145.7 Pacific/Saipan
MQ 14.7 -61 America/Martinique
MR 19 -12 Africa/Nouakchott
MS 16.7 -62.2 America/Montserrat
MT 35.9 14.4 Europe/Malta
MU -20.3 57.6 Indian/Mauritius
MV 4 73.5 Indian/Maldives
MW -13.5 34 Africa/Blantyre
MX 23 -102 America/Mexico_City
MY 3.5 102 Asia/Kuala_Lumpur
MZ -18 35 Africa/Maputo
NA -22 17 Africa/Windhoek
NC -21.5 165.5 Pacific/Noumea
NE 16 8 Africa/Niamey
NF -29 168 Pacific/Norfolk
NG 9.5 8 Africa/Lagos
NI 13 -85 America/Managua
NL 52.5 5.5 Europe/Amsterdam
NO 62 10 Europe/Oslo
NP 28 84 Asia/Kathmandu
NR -0.5 166.9 Pacific/Nauru
NU -19 -169.9 Pacific/Niue
NZ -41 174 Pacific/Auckland
OM 21 57 Asia/Muscat
PA 9 -80 America/Panama
PE -10 -76 America/Lima
PF -17.6 -149.5 Pacific/Tahiti
PG -6 147 Pacific/Port_Moresby
PH 13 122 Asia/Manila
PK 30 70 Asia/Karachi
PL 52 19.5 Europe/Warsaw
PM 46.9 -56.3 America/Miquelon
PN -25.1 -130.1 Pacific/Pitcairn
PR 18.2 -66.5 America/Puerto_Rico
PS 32 35.2 Asia/Hebron
PT 39.5 -8 Europe/Lisbon
PW 7.5 134.6 Pacific/Palau
PY -23.5 -58 America/Asuncion
QA 25.5 51.2 Asia/Qatar
RE -21.1 55.5 Indian/Reunion
RO 46 25 Europe/Bucharest
RS 44 21 Europe/Belgrade
RU 56 40 Europe/Moscow
RW -2 30 Africa/Kigali
SA 25 45 Asia/Riyadh
SB -9 160 Pacific/Guadalcanal
SC -4.6 55.5 Indian/Mahe
SD 15 31 Africa/Khartoum
SE 60 15.5 Europe/Stockholm
SG 1.4 103.8 Asia/Singapore
SH -16 -5.7 Atlantic/St_Helena
SI 46 15 Europe/Ljubljana
SJ 78 16 Arctic/Longyearbyen
SK 48.5 19.5 Europe/Bratislava
SL 8.5 -11.5 Africa/Freetown
SM 43.9 12.5 Europe/San_Marino
SN 14 -14.5 Africa/Dakar
SO 6 47 Africa/Mogadishu
SR 4 -56 America/Paramaribo
SS 7.5 30 Africa/Juba
ST 0.3 6.7 Africa/Sao_Tome
SV 13.8 -89 America/El_Salvador
SX 18 -63.1 America/Lower_Princes
SY 35 38 Asia/Damascus
SZ -26.5 31.5 Africa/Mbabane
TC 21.8 -71.8 America/Grand_Turk
TD 15 19 Africa/Ndjamena
TF -49.3 69.5 Indian/Kerguelen
TG 8 1 Africa/Lome
TH 15 100.5 Asia/Bangkok
TJ 39 71 Asia/Dushanbe
TK -9.2 -171.8 Pacific/Fakaofo
TL -8.8 126 Asia/Dili
TM 39 59.5 Asia/Ashgabat
TN 35 9.5 Africa/Tunis
TO -21.2 -175.2 Pacific/Tongatapu
TR 39 35 Europe/Istanbul
TT 10.5 -61.3 America/Port_of_Spain
TV -8.5 179.2 Pacific/Funafuti
TW 23.8 121 Asia/Taipei
TZ -6 35 Africa/Dar_es_Salaam
UA 49 32 Europe/Kyiv
UG 1 32 Africa/Kampala
UM 19.3 166.6 Pacific/Wake
US 39 -95 America/New_York
UY -33 -56 America/Montevideo
UZ 41 65 Asia/Tashkent
VA 41.9 12.5 Europe/Vatican
VC 13.2 -61.2 America/St_Vincent
VE 8 -66 America/Caracas
VG 18.4 -64.6 America/Tortola
VI 18 -64.8 America/St_Thomas
VN 16 107 Asia/Ho_Chi_Minh
VU -16 167 Pacific/Efate
WF -13.3 -176.2 Pacific/Wallis
WS -13.7 -172.2 Pacific/Apia
XK 42.5 21 Europe/Belgrade
YE 15.5 47.5 Asia/Aden
YT -12.8 45.1 Indian/Mayotte
ZA -29 25 Africa/Johannesburg
ZM -14 28 Africa/Lusaka
ZW -19 29.5 Africa/Harare
"""


def _parsed(table: str) -> dict[str, Country]:
    countries = {}
    for row in table.split("\n"):
        if row:
            code, latitude, longitude, timezone = row.split(" ")
            countries[code] = Country(float(latitude), float(longitude), timezone)
    return countries


COUNTRIES: dict[str, Country] = _parsed(_TABLE)
