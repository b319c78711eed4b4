"""The demo retailer's catalogue: 400 products in sizes and colours, the same for every seed of the stock."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import count, islice, product

from stdnum import ean

LETTERS = ("S", "M", "L")
SHOES = ("38", "39", "40", "41", "42")
ONE_SIZE = ("",)

# Category: name of the family, price in euros, weight in grams, sizes, colours offered.
FAMILIES: tuple[tuple[str, str, str, int, tuple[str, ...], int], ...] = (
    ("Manteaux", "Manteau", "189.00", 1400, LETTERS, 2),
    ("Manteaux", "Trench", "159.00", 1100, LETTERS, 2),
    ("Vestes", "Veste", "119.00", 800, LETTERS, 2),
    ("Robes", "Robe", "89.00", 450, LETTERS, 2),
    ("Chemises", "Chemise", "59.00", 250, LETTERS, 2),
    ("Chemises", "Blouse", "55.00", 220, LETTERS, 2),
    ("Maille", "Pull", "69.00", 400, LETTERS, 2),
    ("Maille", "Cardigan", "75.00", 420, LETTERS, 2),
    ("Pantalons", "Pantalon", "79.00", 550, LETTERS, 2),
    ("Pantalons", "Jean", "85.00", 650, LETTERS, 2),
    ("Jupes", "Jupe", "65.00", 350, LETTERS, 2),
    ("Chaussures", "Derbies", "129.00", 1100, SHOES, 1),
    ("Chaussures", "Baskets", "99.00", 900, SHOES, 1),
    ("Chaussures", "Bottines", "149.00", 1300, SHOES, 1),
    ("Sacs", "Sac", "139.00", 700, ONE_SIZE, 3),
    ("Sacs", "Cabas", "95.00", 500, ONE_SIZE, 3),
    ("Accessoires", "Écharpe", "39.00", 180, ONE_SIZE, 3),
    ("Accessoires", "Bonnet", "25.00", 90, ONE_SIZE, 3),
    ("Accessoires", "Ceinture", "45.00", 220, LETTERS, 1),
    ("Accessoires", "Parapluie", "35.00", 380, ONE_SIZE, 4),
)

PLACES = (
    "Montorgueil", "Canebière", "Bellecour", "Graslin", "Capitole", "Petite France", "Vieux Port", "Croix-Rousse",
    "Marais", "Batignolles", "Esplanade", "Chartrons", "Euralille", "Stanislas", "Masséna", "Clairmarais",
    "Montmartre", "Odéon", "Saint-Michel", "Grand Place",
)  # fmt: skip
COLOURS = ("Noir", "Écru", "Marine", "Camel", "Rouge", "Vert sapin", "Gris chiné", "Bordeaux")
BRANDS = ("Halles", "Atelier Nord", "Quai Sud")


@dataclass(frozen=True, slots=True)
class Article:
    """One variant, in the fields of the public contract."""

    sku: str
    gtin: str
    product_code: str
    product_name: str
    brand: str
    category: str
    size: str
    colour: str
    price: str
    weight_g: int

    def as_row(self) -> dict[str, object]:
        return {
            "sku": self.sku,
            "gtin": self.gtin,
            "product": {
                "code": self.product_code,
                "name": self.product_name,
                "brand": self.brand,
                "category": self.category,
            },
            "size": self.size,
            "colour": self.colour,
            "price": self.price,
            "currency": "EUR",
            "weight_g": self.weight_g,
            "is_active": True,
        }


def gtin(serial: int) -> str:
    """A thirteen-digit number in the range kept for use inside a company (prefix 20), with its check digit."""
    digits = f"20{serial:010d}"
    return digits + ean.calc_check_digit(digits)


def articles(products: int = 400) -> Iterator[Article]:
    """Every variant of the first `products` products, family by family within each name.

    After 400 products the names begin again, with the number of the collection.
    """
    serial = 0
    named = ((collection, place, family) for collection in count(1) for place in PLACES for family in FAMILIES)
    for number, (collection, place, family) in enumerate(islice(named, products), start=1):
        category, name, price, weight_g, sizes, colour_count = family
        place = place if collection == 1 else f"{place} {collection}"
        colours = [COLOURS[(number + shift) % len(COLOURS)] for shift in range(colour_count)]
        for colour, size in product(colours, sizes):
            serial += 1
            suffix = f"-{size}" if size else ""
            yield Article(
                sku=f"D{number:04d}-{COLOURS.index(colour) + 1}{suffix}",
                gtin=gtin(serial),
                product_code=f"D{number:04d}",
                product_name=f"{name} {place}",
                brand=BRANDS[number % len(BRANDS)],
                category=category,
                size=size,
                colour=colour,
                price=price,
                weight_g=weight_g,
            )
