"""A mail before it is laid out."""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Article:
    quantity: int
    name: str
    details: str = ""
    amount: str = ""


@dataclass(frozen=True, slots=True)
class Part:
    """Articles that go the same way, under a sentence that says which."""

    said: str
    articles: tuple[Article, ...]


@dataclass(frozen=True, slots=True)
class Fact:
    label: str
    value: str


@dataclass(frozen=True, slots=True)
class Link:
    label: str
    url: str


@dataclass(frozen=True, slots=True)
class Mail:
    """In the customer's language, without markup. `code` is a pickup code, `qr` what its QR code says.

    Articles that go different ways are told as `parts`, all others as `articles`.
    """

    subject: str
    heading: str
    paragraphs: tuple[str, ...]
    articles: tuple[Article, ...] = ()
    parts: tuple[Part, ...] = ()
    facts: tuple[Fact, ...] = ()
    link: Link | None = None
    code: str = ""
    qr: str = ""
    closing: tuple[str, ...] = field(default=())

    @property
    def listed(self) -> tuple[Part, ...]:
        """Every list of articles it has, as it is laid out."""
        alone = (Part("", self.articles),) if self.articles else ()
        return (*alone, *self.parts)
