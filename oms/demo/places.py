"""The demo retailer's network: two warehouses, sixty stores and a supplier at real French places."""

from __future__ import annotations

from typing import NamedTuple


class Site(NamedTuple):
    """A stock point's place. Coordinates are those of the town, to about a kilometre."""

    code: str
    name: str
    postcode: str
    latitude: float
    longitude: float
    groups: tuple[str, ...] = ()

    @property
    def line1(self) -> str:
        """A street that most French towns have: the demo's stores are nobody's."""
        return _STREETS[int(self.postcode) % len(_STREETS)]

    @property
    def city(self) -> str:
        return next((town for town in _TOWNS if town in self.name), self.name.rstrip(" 0123456789"))


_STREETS = ("12 rue de la République", "4 place du Marché", "27 rue Victor-Hugo", "8 rue de l’Église", "15 Grande Rue")
# Where a town has several stores, or its name is told with what the place is.
_TOWNS = ("Paris", "Lyon", "Orléans", "Roubaix")


FLAGSHIP, CITY, SMALL = "demo-flagships", "demo-city-stores", "demo-small-stores"
WAREHOUSE_GROUP, SUPPLIERS = "demo-warehouses", "demo-suppliers"

WAREHOUSES = (
    Site("WH-ORLEANS", "Entrepôt d’Orléans", "45770", 47.9516, 1.8650, (WAREHOUSE_GROUP,)),
    Site("WH-LYON", "Entrepôt de Lyon", "69800", 45.6967, 4.9444, (WAREHOUSE_GROUP,)),
)

SUPPLIER = Site("SUP-ROUBAIX", "Fournisseur de Roubaix", "59100", 50.6927, 3.1778, (SUPPLIERS,))

STORES = (
    Site("PAR-RIVOLI", "Paris Rivoli", "75001", 48.8606, 2.3410, (FLAGSHIP,)),
    Site("PAR-OPERA", "Paris Opéra", "75009", 48.8719, 2.3316, (FLAGSHIP,)),
    Site("PAR-RENNES", "Paris Rue de Rennes", "75006", 48.8487, 2.3286, (CITY,)),
    Site("PAR-PASSY", "Paris Passy", "75016", 48.8576, 2.2788, (CITY,)),
    Site("PAR-TERNES", "Paris Ternes", "75017", 48.8785, 2.2938, (CITY,)),
    Site("PAR-BERCY", "Paris Bercy", "75012", 48.8335, 2.3867, (CITY,)),
    Site("LA-DEFENSE", "La Défense", "92092", 48.8924, 2.2384, (FLAGSHIP,)),
    Site("VELIZY", "Vélizy", "78140", 48.7822, 2.2208, (CITY,)),
    Site("ROSNY", "Rosny", "93110", 48.8795, 2.4755, (CITY,)),
    Site("CRETEIL", "Créteil", "94000", 48.7800, 2.4573, (CITY,)),
    Site("VERSAILLES", "Versailles", "78000", 48.8035, 2.1266, (CITY,)),
    Site("LILLE", "Lille", "59800", 50.6365, 3.0635, (FLAGSHIP,)),
    Site("AMIENS", "Amiens", "80000", 49.8942, 2.2957, (CITY,)),
    Site("ARRAS", "Arras", "62000", 50.2910, 2.7775, (SMALL,)),
    Site("DUNKERQUE", "Dunkerque", "59140", 51.0344, 2.3768, (SMALL,)),
    Site("VALENCIENNES", "Valenciennes", "59300", 50.3570, 3.5235, (SMALL,)),
    Site("ROUEN", "Rouen", "76000", 49.4432, 1.0999, (CITY,)),
    Site("LE-HAVRE", "Le Havre", "76600", 49.4938, 0.1077, (SMALL,)),
    Site("CAEN", "Caen", "14000", 49.1829, -0.3707, (CITY,)),
    Site("REIMS", "Reims", "51100", 49.2583, 4.0317, (CITY,)),
    Site("TROYES", "Troyes", "10000", 48.2973, 4.0744, (SMALL,)),
    Site("METZ", "Metz", "57000", 49.1193, 6.1757, (CITY,)),
    Site("NANCY", "Nancy", "54000", 48.6921, 6.1844, (CITY,)),
    Site("STRASBOURG", "Strasbourg", "67000", 48.5734, 7.7521, (FLAGSHIP,)),
    Site("MULHOUSE", "Mulhouse", "68100", 47.7508, 7.3359, (CITY,)),
    Site("COLMAR", "Colmar", "68000", 48.0794, 7.3585, (SMALL,)),
    Site("BESANCON", "Besançon", "25000", 47.2378, 6.0241, (CITY,)),
    Site("DIJON", "Dijon", "21000", 47.3220, 5.0415, (CITY,)),
    Site("AUXERRE", "Auxerre", "89000", 47.7982, 3.5738, (SMALL,)),
    Site("ORLEANS", "Orléans", "45000", 47.9029, 1.9093, (CITY,)),
    Site("TOURS", "Tours", "37000", 47.3941, 0.6848, (CITY,)),
    Site("BOURGES", "Bourges", "18000", 47.0810, 2.3988, (SMALL,)),
    Site("LE-MANS", "Le Mans", "72000", 48.0061, 0.1996, (CITY,)),
    Site("ANGERS", "Angers", "49100", 47.4784, -0.5632, (CITY,)),
    Site("NANTES", "Nantes", "44000", 47.2184, -1.5536, (FLAGSHIP,)),
    Site("RENNES", "Rennes", "35000", 48.1113, -1.6800, (FLAGSHIP,)),
    Site("BREST", "Brest", "29200", 48.3904, -4.4861, (CITY,)),
    Site("QUIMPER", "Quimper", "29000", 47.9960, -4.0970, (SMALL,)),
    Site("VANNES", "Vannes", "56000", 47.6582, -2.7608, (SMALL,)),
    Site("LA-ROCHELLE", "La Rochelle", "17000", 46.1603, -1.1511, (CITY,)),
    Site("POITIERS", "Poitiers", "86000", 46.5802, 0.3404, (CITY,)),
    Site("LIMOGES", "Limoges", "87000", 45.8336, 1.2611, (CITY,)),
    Site("CLERMONT", "Clermont-Ferrand", "63000", 45.7772, 3.0870, (CITY,)),
    Site("BORDEAUX", "Bordeaux", "33000", 44.8412, -0.5737, (FLAGSHIP,)),
    Site("BAYONNE", "Bayonne", "64100", 43.4929, -1.4748, (SMALL,)),
    Site("PAU", "Pau", "64000", 43.2951, -0.3708, (CITY,)),
    Site("TOULOUSE", "Toulouse", "31000", 43.6045, 1.4440, (FLAGSHIP,)),
    Site("MONTAUBAN", "Montauban", "82000", 44.0176, 1.3550, (SMALL,)),
    Site("PERPIGNAN", "Perpignan", "66000", 42.6986, 2.8956, (CITY,)),
    Site("MONTPELLIER", "Montpellier", "34000", 43.6109, 3.8772, (FLAGSHIP,)),
    Site("NIMES", "Nîmes", "30000", 43.8367, 4.3601, (CITY,)),
    Site("AVIGNON", "Avignon", "84000", 43.9493, 4.8055, (CITY,)),
    Site("MARSEILLE", "Marseille", "13001", 43.2965, 5.3698, (FLAGSHIP,)),
    Site("AIX", "Aix-en-Provence", "13100", 43.5297, 5.4474, (CITY,)),
    Site("TOULON", "Toulon", "83000", 43.1242, 5.9280, (CITY,)),
    Site("NICE", "Nice", "06000", 43.7009, 7.2684, (FLAGSHIP,)),
    Site("GRENOBLE", "Grenoble", "38000", 45.1885, 5.7245, (CITY,)),
    Site("CHAMBERY", "Chambéry", "73000", 45.5646, 5.9178, (SMALL,)),
    Site("LYON-BELLECOUR", "Lyon Bellecour", "69002", 45.7578, 4.8320, (FLAGSHIP,)),
    Site("LYON-PART-DIEU", "Lyon Part-Dieu", "69003", 45.7610, 4.8575, (FLAGSHIP,)),
)

GROUPS = {
    FLAGSHIP: "Grands magasins",
    CITY: "Magasins de ville",
    SMALL: "Petits magasins",
    WAREHOUSE_GROUP: "Entrepôts",
    SUPPLIERS: "Fournisseurs",
}


def many_stores(number: int) -> tuple[Site, ...]:
    """So many stores: the sixty, then more of them around the same towns, some kilometres apart."""
    more = []
    for serial in range(len(STORES), number):
        site, ring = STORES[serial % len(STORES)], serial // len(STORES)
        north, east = ((0.05, 0.0), (0.0, 0.07), (-0.05, 0.0), (0.0, -0.07))[ring % 4]
        reach = 1 + ring // 4
        more.append(
            site._replace(
                code=f"{site.code}-{ring + 1}",
                name=f"{site.name} {ring + 1}",
                latitude=round(site.latitude + north * reach, 4),
                longitude=round(site.longitude + east * reach, 4),
            )
        )
    return (*STORES, *more)[:number]
