"""A rule set in its form: rules moved by keyboard and by dragging, one added, known codes picked, then saved."""

from __future__ import annotations

from django.urls import reverse
from playwright.sync_api import Locator, Page, expect

from oms.core.models import User
from oms.orchestration.models import RuleSet, RuleSetVersion
from oms.orchestration.services.rule_sets import save_draft
from stock.models import StockPointGroup
from tests.browser.conftest import PHONE, Screens, is_wider_than_the_screen, stumbles
from tests.store.people import PASSWORD

# All three rules and where they are dragged fit on it.
TALL = {"width": 1440, "height": 1700}
DOCUMENT = {"name": "Web", "rules": [{"name": "near"}, {"name": "far"}, {"name": "anywhere", "complete_only": False}]}


def written(screens: Screens) -> Page:
    """The page of a rule set of three rules, as head office sees it."""
    User.objects.create_superuser("office", password=PASSWORD)
    StockPointGroup.objects.create(code="city-stores", name="City stores")
    save_draft(code="web", document=DOCUMENT)
    page = screens.page(viewport=TALL)
    page.goto("/admin/login/")
    page.locator("[name=username]").fill("office")
    page.locator("[name=password]").fill(PASSWORD)
    page.locator("button[type=submit]").last.click()
    page.wait_for_url(lambda url: "login" not in url)
    page.goto(reverse("admin:orchestration_ruleset_change", args=[RuleSet.objects.get().pk]))
    return page


def order_of_rules(page: Page) -> list[str]:
    return page.locator("[data-halles-rule] .halles-rule-head input[type=text]").evaluate_all(
        "inputs => inputs.map(input => input.value)"
    )


def drag(page: Page, handle: Locator, over: Locator) -> None:
    """Below the middle of another rule, and let go."""
    grip, box = handle.bounding_box(), over.bounding_box()
    assert grip and box
    page.mouse.move(grip["x"] + 8, grip["y"] + 8)
    page.mouse.down()
    page.mouse.move(grip["x"] + 10, grip["y"] + 30, steps=3)
    page.mouse.move(box["x"] + 60, box["y"] + box["height"] * 0.7, steps=8)
    page.mouse.up()


def test_rules_are_moved_added_and_saved(screens: Screens) -> None:
    page = written(screens)
    assert stumbles(page) == []
    handle = page.locator("[data-halles-handle]")

    handle.nth(2).focus()
    page.keyboard.press("Alt+ArrowUp")
    assert order_of_rules(page) == ["near", "anywhere", "far"]
    expect(page.locator("[data-halles-told]")).to_have_text("Rule anywhere is now number 2 of 3.")

    drag(page, handle.nth(0), page.locator("[data-halles-rule]").nth(1))
    assert order_of_rules(page) == ["anywhere", "near", "far"]

    page.get_by_role("button", name="Add a rule").click()
    page.keyboard.type("new one")
    fresh = page.locator("[data-halles-rule]").last
    fresh.get_by_label("Add to “In one of these groups”").fill("city-stores")
    page.keyboard.press("Enter")
    expect(fresh.get_by_label("In one of these groups", exact=True)).to_have_value("city-stores")
    page.locator("[data-halles-rule]").nth(2).get_by_role("button", name="Remove this rule").click()
    page.get_by_role("button", name="Save and continue editing").click()
    page.wait_for_load_state()

    saved = RuleSetVersion.objects.get().document["rules"]
    assert [rule["name"] for rule in saved] == ["anywhere", "near", "new one"]
    assert saved[2]["filters"]["groups_any"] == ["city-stores"]
    assert saved[0]["complete_only"] is False


def test_a_mistake_keeps_what_was_typed_and_the_phone_shows_it_all(screens: Screens) -> None:
    page = written(screens)
    page.set_viewport_size(PHONE)  # type: ignore[arg-type]
    assert not is_wider_than_the_screen(page)
    page.locator("[name='applies_to.order_value.min']").fill("ten")
    page.get_by_role("button", name="Save", exact=True).click()
    page.wait_for_load_state()
    expect(page.get_by_text("must be an amount like 0.10")).to_be_visible()
    expect(page.locator("[name='applies_to.order_value.min']")).to_have_value("ten")
    assert not is_wider_than_the_screen(page)
