"""What orchestration refuses, each with its stable code."""

from django.utils.translation import gettext_noop

from oms.core.errors import OmsError


class UnknownRuleSet(OmsError):
    code = "unknown_rule_set"
    status = 404
    default_detail = gettext_noop("No rule set has this code.")


class UnknownVersion(OmsError):
    code = "unknown_version"
    status = 404
    default_detail = gettext_noop("This rule set has no such version.")


class InvalidRuleSet(OmsError):
    """`errors`: messages by the path of the key they are about, `rules.0.filters.within_km`."""

    code = "invalid_rule_set"
    status = 422
    default_detail = gettext_noop("The rule set's document is not valid.")


class UnknownExample(OmsError):
    code = "unknown_example"
    status = 404
    default_detail = gettext_noop("There is no such example order.")


class ExamplesFail(OmsError):
    """`data.examples`: the names of those that do not end as they should."""

    code = "examples_fail"
    status = 409
    default_detail = gettext_noop("An example order does not end as it should: the rule set is not published.")


class NoDraft(OmsError):
    code = "no_draft"
    status = 409
    default_detail = gettext_noop("This rule set has no draft to publish.")


class UnknownCountry(OmsError):
    code = "unknown_country"
    status = 422
    default_detail = gettext_noop("The destination's country is not an ISO 3166 code.")


class NoCapacityLeft(OmsError):
    """`data.stock_points`: the codes of the points that take no more orders on that day."""

    code = "no_capacity_left"
    status = 409
    default_detail = gettext_noop("A stock point takes no more orders today.")


class UnreadablePromise(OmsError):
    """`errors["promise_token"]` says so, too."""

    code = "bad_promise_token"
    status = 422
    default_detail = gettext_noop("This is not a promise's token.")

    def __init__(self, detail: str = "") -> None:
        super().__init__(detail, errors={"promise_token": [detail or self.default_detail]})
