"""The page of a sourcing run: why each stock point won, lost or was excluded, in money and in words."""

from decimal import ROUND_HALF_UP, Decimal

import pytest
from django.test import Client
from django.urls import reverse

from oms.core.models import User
from oms.orchestration.models import CapacityUse, Postcode, SourcingRun
from oms.orchestration.queries.reasons import why
from oms.orchestration.queries.runs import StoredRun
from oms.orchestration.services.capacity import take_capacity
from oms.orchestration.services.planning import plan_basket
from oms.orchestration.services.recording import save_run
from oms.orchestration.services.rule_sets import publish, save_draft
from oms.sourcing.misses import misses
from stock.models import ChannelMember, StockPointMember
from tests.orchestration.builders import a_basket, a_channel, a_document, a_point, a_variant, lies
from tests.orchestration.test_rule_sets_in_the_admin import signed_in

pytestmark = pytest.mark.django_db


@pytest.fixture
def run():
    depot, far = a_point("depot", handling_cost="1.20"), a_point("marseille", lat=43.3, lon=5.4)
    a_point("shop", kind="store")
    a_point("empty")
    shirt, hat = a_variant("SHIRT"), a_variant("HAT")
    for point in (depot, far):
        lies(shirt, point, 5)
    document = a_document()
    document["rules"] = [
        {"name": "only on request", "calendar": {"weekdays": [1], "from": "00:00", "to": "00:01"}},
        {"name": "warehouses", "filters": {"kinds": ["warehouse"]}, "complete_only": False},
        {"name": "the rest"},
    ]
    save_draft(code="web-home", document=document)
    publish(code="web-home")
    basket = a_basket(a_channel(), (shirt, 2), (hat, 1), reference="H26-7")
    save_run(run=plan_basket(basket=basket, trigger="order.placed").run)
    return SourcingRun.objects.get()


def page(run: SourcingRun) -> str:
    return reverse("admin:orchestration_sourcingrun_change", args=[run.pk])


def shown(client: Client, run: SourcingRun, language: str = "en") -> str:
    client.cookies["django_language"] = language
    answer = client.get(page(run))
    assert answer.status_code == 200
    return answer.content.decode()


def test_each_stock_point_is_ranked_with_its_costs_or_told_apart_with_its_reason(run):
    text = shown(signed_in("view_sourcingrun"), run)
    assert text.index("depot: chosen, 2 of 3 units for") < text.index("marseille: could serve 2 of 3 units for")
    assert "Rejected, the rule wants another kind of stock point. (1)" in text
    assert "Rejected, it has none of the articles. (1)" in text
    for column in ("Transport", "Handling", "Carbon"):
        assert f'<th scope="col">{column}</th>' in text
    assert "by the rule “warehouses” of web-home" in text
    assert "<strong>only on request</strong>: not in force at that moment" in text
    assert "<strong>the rest</strong>: not needed" in text
    assert "1 × HAT" in text


def test_the_same_in_french(run):
    text = shown(signed_in("view_sourcingrun"), run, "fr")
    assert "depot\u00a0: retenu, 2 unités sur 3" in text
    assert "Écarté, il n’a aucun des articles. (1)" in text
    assert '<th scope="col">Préparation</th>' in text
    assert "<strong>the rest</strong>\u00a0: inutile" in text


def decided(document, points, *, mode="home"):
    """The run of one basket of a shirt, decided by these rules among these points."""
    shirt = a_variant("SHIRT")
    for point in points:
        lies(shirt, point, 5)
    save_draft(code="web-home", document=document)
    publish(code="web-home")
    basket = a_basket(a_channel(), (shirt, 1), reference="H26-8")
    save_run(run=plan_basket(basket=basket, trigger="rerouted").run)
    return SourcingRun.objects.get()


@pytest.mark.parametrize(("language", "told"), [("en", "up to 1.3 % less"), ("fr", "jusqu’à 1,3\xa0% de moins")])
def test_a_search_that_was_cut_short_says_how_much_it_may_have_missed(run, language, told):
    assert "cut short" not in shown(signed_in("view_sourcingrun"), run)
    run.plan["gap"] = "0.0126"
    run.save()
    client = Client()
    client.force_login(User.objects.get())
    assert told in shown(client, run, language)


def test_a_filter_is_told_with_its_limit_and_what_each_stock_point_has():
    document = a_document()
    document["rules"] = [{"name": "near", "filters": {"within_km": 300}}]
    run = decided(document, [a_point("depot"), a_point("marseille", lat=43.3, lon=5.4)])
    kilometres = misses(StoredRun(run).facts, StoredRun(run).rules, StoredRun(run).result)["marseille"].found
    client = signed_in("view_sourcingrun")
    assert "Rejected, it is too far away for the rule: at most 300 km. (1)" in shown(client, run)
    assert f"marseille ({kilometres:.0f} km)" in shown(client, run)
    french = shown(client, run, "fr")
    assert "Écarté, il est trop loin pour la règle\xa0: au plus 300 km. (1)" in french


def test_amounts_days_and_words_are_the_reader_s():
    document = a_document()
    document["rules"] = [{"name": "any"}]
    run = decided(document, [a_point("depot", handling_cost="1.20"), a_point("marseille", lat=43.3, lon=5.4)])
    result = StoredRun(run).result
    total, day = result.total.quantize(Decimal("0.01"), ROUND_HALF_UP), result.promised_on
    client = signed_in("view_sourcingrun")
    assert f"depot: chosen, 1 of 1 unit for {total} EUR" in shown(client, run)
    assert "after a stock point gave it up" in shown(client, run)
    french = shown(client, run, "fr")
    told = f"depot\u00a0: retenu, 1 unité sur 1 pour {str(total).replace('.', ',')} EUR, promis pour le {day:%d/%m/%Y}."
    assert told in french
    assert "après le refus d’un point de stock" in french
    assert "<dd>Livraison à domicile</dd>" in french
    assert "halles-map-chosen" in french


def test_those_that_came_closest_are_told_what_they_missed_by_whatever_their_codes(monkeypatch):
    monkeypatch.setattr("oms.orchestration.queries.reasons._EXPLAINED_LOSERS", 1)
    document = a_document()
    document["rules"] = [{"name": "any"}]
    points = [a_point("zz-best"), a_point("zz-close", handling_cost="0.30"), a_point("aa-far", lat=43.3, lon=5.4)]
    told = {each.stock_point: each.to_win for each in why(decided(document, points), "en").ranked}
    assert told == {"zz-best": "", "zz-close": "−0.30", "aa-far": ""}


def test_it_takes_as_few_queries_with_many_stock_points(django_assert_max_num_queries):
    document = a_document()
    document["rules"] = [{"name": "any"}]
    points = [a_point(f"p{number}", lat=48 - number / 10) for number in range(30)]
    run = decided(document, points)
    client = signed_in("view_sourcingrun")
    client.get(page(run))
    with django_assert_max_num_queries(20):
        assert client.get(page(run)).status_code == 200


def test_runs_are_filtered_by_what_made_them(run):
    client = signed_in("view_sourcingrun")
    address = reverse("admin:orchestration_sourcingrun_changelist")
    listed = client.get(address)
    assert "because a person chose" in listed.content.decode()
    assert [each.pk for each in client.get(address, {"trigger": "by_hand"}).context["cl"].result_list] == []
    SourcingRun.objects.update(trigger="by_hand")
    assert [each.pk for each in client.get(address, {"trigger": "by_hand"}).context["cl"].result_list] == [run.pk]


def test_it_cannot_be_changed(run):
    client = signed_in("view_sourcingrun", "change_sourcingrun", "delete_sourcingrun", is_superuser=True)
    assert client.post(page(run), {"outcome": "kept"}).status_code == 403
    assert client.post(reverse("admin:orchestration_sourcingrun_delete", args=[run.pk])).status_code == 403
    assert SourcingRun.objects.get().outcome == "planned"


def test_runs_are_found_by_their_order(run):
    client = signed_in("view_sourcingrun")
    address = reverse("admin:orchestration_sourcingrun_changelist")
    assert [each.pk for each in client.get(address, {"q": "H26-7"}).context["cl"].result_list] == [run.pk]
    assert list(client.get(address, {"q": "H26"}).context["cl"].result_list) == []


def test_a_member_sees_the_runs_of_its_channels_only(run):
    mine, other = signed_in("view_sourcingrun", name="a"), signed_in("view_sourcingrun", name="b")
    in_a_shop = signed_in("view_sourcingrun", name="c", role="store_manager")
    ChannelMember.objects.create(user_id=mine.session["_auth_user_id"], channel_id=run.channel_id)
    ChannelMember.objects.create(user_id=other.session["_auth_user_id"], channel=a_channel("other"))
    StockPointMember.objects.create(user_id=in_a_shop.session["_auth_user_id"], stock_point=a_point("theirs"))
    assert mine.get(page(run)).status_code == 200
    for client in (other, in_a_shop):
        assert client.get(page(run)).status_code == 404


def test_the_list_takes_few_queries_however_many_runs(run, django_assert_max_num_queries):
    client = signed_in("view_sourcingrun")
    facts = {field.attname: getattr(run, field.attname) for field in SourcingRun._meta.fields if field.attname != "id"}
    SourcingRun.objects.bulk_create([SourcingRun(**facts) for _ in range(60)])
    address = reverse("admin:orchestration_sourcingrun_changelist")
    client.get(address)
    with django_assert_max_num_queries(12):
        assert client.get(address).status_code == 200


def test_capacity_and_postcodes_have_their_lists(run):
    client = signed_in(is_superuser=True)
    take_capacity(stock_point_ids=[a_point("small", daily_order_capacity=3).pk])
    assert CapacityUse.objects.count() == 1
    for name in ("capacityuse", "runoutcome", "postcode"):
        assert client.get(reverse(f"admin:orchestration_{name}_changelist")).status_code == 200


def test_a_postcode_is_written_in_one_spelling():
    client = signed_in(is_superuser=True)
    address = reverse("admin:orchestration_postcode_add")
    row = {"country": "gb", "postcode": "sw1a 1aa", "latitude": "51.5", "longitude": "-0.14"}
    assert client.post(address, row).status_code == 302
    assert list(Postcode.objects.values_list("country", "postcode", "latitude")) == [("GB", "SW1A1AA", 51.5)]
    assert client.post(address, {**row, "country": "ZZ"}).status_code == 200
    assert Postcode.objects.count() == 1
