from django.utils.translation import get_language


def language() -> str:
    """The reader's, as far as the rooms' own sentences know it."""
    return "fr" if (get_language() or "").startswith("fr") else "en"
