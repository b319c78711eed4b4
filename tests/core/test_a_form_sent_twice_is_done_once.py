"""Fault 36: a tablet that loses the reply sends its form again, and gets the same answer."""

from __future__ import annotations

import uuid
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest
from django.contrib import messages
from django.contrib.messages.storage.session import SessionStorage
from django.contrib.sessions.backends.db import SessionStore
from django.db import connection
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.test import RequestFactory

from oms.core.models import PersonsAction, User
from oms.core.views import ACTION_KEY, ReplayableMixin
from tests.factories.network import unique

KEY = "0d9e0a2f-2a4b-4b36-9a57-9c8f5b6f2f10"
done: list[str] = []


class Doing(ReplayableMixin):
    def post(self, request: HttpRequest) -> HttpResponse:
        what = request.POST["what"]
        if what == "refused":
            return HttpResponse("look again", status=200)
        if what == "broken":
            raise RuntimeError("broken")
        done.append(what)
        messages.success(request, f"{what} is done")
        return HttpResponseRedirect(f"/{what}/{len(done)}/")


@pytest.fixture(autouse=True)
def _nothing_done() -> None:
    done.clear()


@pytest.fixture
def user(db: None) -> User:
    return User.objects.create_user(unique("person"))


def send(user: User, what: str, key: str = KEY, *, path: str = "/do/") -> tuple[int, str, list[str]]:
    request = RequestFactory().post(path, {"what": what, ACTION_KEY: key})
    request.user = user
    request.session = SessionStore()
    request._messages = SessionStorage(request)  # type: ignore[attr-defined]
    response = Doing.as_view()(request)
    request._messages.update(response)  # type: ignore[attr-defined]
    return response.status_code, response.get("Location", ""), [str(each) for each in SessionStorage(request)]


def test_however_long_the_next_pages_address_is(user: User) -> None:
    first = send(user, "x" * 3000)
    assert first[1] == f"/{'x' * 3000}/1/"
    assert send(user, "x" * 3000) == first


def test_the_replay_goes_to_the_same_page_and_says_the_same(user: User) -> None:
    first = send(user, "sale")
    assert first == (302, "/sale/1/", ["sale is done"])
    assert send(user, "sale") == first
    assert done == ["sale"]


def test_another_key_does_it_again(user: User) -> None:
    send(user, "sale")
    assert send(user, "sale", str(uuid.uuid4()))[1] == "/sale/2/"


def test_the_same_key_of_somebody_else_is_another_one(user: User) -> None:
    send(user, "sale")
    assert send(User.objects.create_user(unique("person")), "sale")[1] == "/sale/2/"


@pytest.mark.parametrize(("what", "path"), [("gift", "/do/"), ("sale", "/elsewhere/")])
def test_other_contents_under_the_same_key_are_refused(user: User, what: str, path: str) -> None:
    send(user, "sale")
    assert send(user, what, path=path)[0] == 422
    assert done == ["sale"]


def test_a_refused_form_may_be_sent_again_corrected(user: User) -> None:
    assert send(user, "refused")[0] == 200
    assert send(user, "sale")[1] == "/sale/1/"


def test_what_broke_may_be_tried_again(user: User) -> None:
    with pytest.raises(RuntimeError):
        send(user, "broken")
    assert not PersonsAction.objects.exists()


def test_a_form_without_a_key_is_done_each_time(user: User) -> None:
    send(user, "sale", "")
    assert send(user, "sale", "")[1] == "/sale/2/"


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize(("keys", "times"), [((KEY, KEY), 1), ((KEY, str(uuid.uuid4())), 2)])
def test_a_double_click_is_one(keys: tuple[str, str], times: int) -> None:
    """The second row is the negative control: without a common key both are done."""
    user = User.objects.create_user(unique("person"))
    together = Barrier(2)

    def click(key: str) -> str:
        try:
            together.wait(timeout=20)
            return send(user, "sale", key)[1]
        finally:
            connection.close()

    with ThreadPoolExecutor(2) as pool:
        locations = set(pool.map(click, keys))
    assert (len(done), len(locations)) == (times, times)
