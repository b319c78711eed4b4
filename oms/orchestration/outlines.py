"""What makes a map recognisable: the outline of a country and its largest towns.

Drawn by hand from where the capes and the towns along coast and border lie, to about a tenth of a degree; it shows
where one looks and says nothing of where a border runs.
"""

from __future__ import annotations

from typing import Final

Place = tuple[float, float]
"""Latitude and longitude in degrees."""

# Clockwise from the Belgian border by the sea.
_MAINLAND: Final[tuple[Place, ...]] = (
    (51.1, 2.5),  # Bray-Dunes
    (50.7, 3.2),  # Roubaix
    (50.3, 3.7),  # Bavay
    (50.1, 4.2),  # Fourmies
    (50.1, 4.8),  # Givet
    (49.8, 5.0),  # Sedan
    (49.5, 5.8),  # Longwy
    (49.4, 6.4),  # Sierck-les-Bains
    (49.2, 6.9),  # Forbach
    (49.0, 8.2),  # Lauterbourg
    (48.6, 7.8),  # Strasbourg
    (47.6, 7.6),  # Saint-Louis
    (47.5, 7.0),  # Delle
    (46.9, 6.4),  # Pontarlier
    (46.4, 6.1),  # Divonne-les-Bains
    (46.2, 6.0),  # Saint-Julien-en-Genevois
    (46.4, 6.8),  # Saint-Gingolph
    (45.9, 7.0),  # Chamonix
    (45.5, 7.1),  # Val-d’Isère
    (45.1, 6.7),  # Modane
    (44.9, 6.8),  # Montgenèvre
    (44.4, 6.9),  # Larche
    (44.1, 7.6),  # Tende
    (43.8, 7.5),  # Menton
    (43.5, 7.0),  # Cannes
    (43.2, 6.7),  # Saint-Tropez
    (43.0, 6.1),  # Giens
    (43.2, 5.4),  # Marseille
    (43.4, 4.6),  # Les Saintes-Maries-de-la-Mer
    (43.4, 3.7),  # Sète
    (43.0, 3.1),  # Narbonne-Plage
    (42.4, 3.2),  # Cerbère
    (42.4, 2.0),  # Bourg-Madame
    (42.6, 1.5),  # L’Hospitalet
    (42.8, 0.7),  # Bagnères-de-Luchon
    (42.7, 0.0),  # Gavarnie
    (43.0, -0.8),  # Larrau
    (43.3, -1.8),  # Hendaye
    (43.7, -1.4),  # Capbreton
    (44.7, -1.2),  # Arcachon
    (45.6, -1.1),  # Pointe de Grave
    (46.2, -1.2),  # La Rochelle
    (46.5, -1.8),  # Les Sables-d’Olonne
    (47.1, -2.2),  # Pornic
    (47.3, -2.5),  # Le Croisic
    (47.5, -3.1),  # Quiberon
    (47.7, -3.4),  # Lorient
    (47.8, -4.3),  # Penmarc’h
    (48.0, -4.7),  # Pointe du Raz
    (48.3, -4.8),  # Pointe Saint-Mathieu
    (48.7, -4.0),  # Roscoff
    (48.9, -3.1),  # Tréguier
    (48.5, -2.7),  # Saint-Brieuc
    (48.7, -2.0),  # Saint-Malo
    (48.6, -1.5),  # Le Mont-Saint-Michel
    (49.2, -1.6),  # Portbail
    (49.7, -1.9),  # La Hague
    (49.7, -1.3),  # Barfleur
    (49.3, -1.1),  # Isigny-sur-Mer
    (49.3, -0.2),  # Ouistreham
    (49.5, 0.1),  # Le Havre
    (49.7, 0.2),  # Étretat
    (49.9, 1.1),  # Dieppe
    (50.2, 1.6),  # Le Crotoy
    (50.7, 1.6),  # Boulogne-sur-Mer
    (51.0, 1.9),  # Calais
)
_CORSICA: Final[tuple[Place, ...]] = (
    (43.0, 9.4),  # Cap Corse
    (42.7, 9.5),  # Bastia
    (42.0, 9.5),  # Aléria
    (41.4, 9.2),  # Bonifacio
    (41.9, 8.6),  # Ajaccio
    (42.6, 8.7),  # Calvi
    (42.7, 9.3),  # Saint-Florent
)
COUNTRIES: Final = (_MAINLAND, _CORSICA)

TOWNS: Final[dict[str, Place]] = {
    "Paris": (48.9, 2.3),
    "Marseille": (43.3, 5.4),
    "Lyon": (45.8, 4.8),
    "Toulouse": (43.6, 1.4),
    "Nice": (43.7, 7.3),
    "Nantes": (47.2, -1.6),
    "Strasbourg": (48.6, 7.8),
    "Montpellier": (43.6, 3.9),
    "Bordeaux": (44.8, -0.6),
    "Lille": (50.6, 3.1),
    "Rennes": (48.1, -1.7),
    "Reims": (49.3, 4.0),
    "Le Havre": (49.5, 0.1),
    "Dijon": (47.3, 5.0),
    "Brest": (48.4, -4.5),
    "Limoges": (45.8, 1.3),
    "Clermont-Ferrand": (45.8, 3.1),
    "Tours": (47.4, 0.7),
}
"""The largest first, and those without which a region would be empty."""
