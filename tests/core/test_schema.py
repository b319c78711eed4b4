"""The served OpenAPI document tells what every operation has in common."""

import pytest
import yaml
from drf_spectacular.validation import validate_schema

pytestmark = [pytest.mark.django_db, pytest.mark.urls("tests.core.urls")]


@pytest.fixture
def document(client):
    return yaml.safe_load(client.get("/api/v1/schema/").content)


def operation(document, path, method):
    return document["paths"][f"/api/v1{path}"][method]


def test_it_is_valid(document):
    validate_schema(document)


def test_every_operation_answers_problems(document):
    problem = {"$ref": "#/components/schemas/Problem"}
    post = operation(document, "/things/", "post")
    assert set(post["responses"]) == {"201", "400", "401", "403", "404", "406", "409", "413", "415", "422"}
    for status, response in post["responses"].items():
        if status != "201":
            assert response["content"] == {"application/problem+json": {"schema": problem}}
    assert set(operation(document, "/things/", "get")["responses"]) == {"200", "400", "401", "403", "404", "406", "422"}


def test_the_problem_has_its_fields(document):
    problem = document["components"]["schemas"]["Problem"]
    assert set(problem["required"]) == {"type", "title", "status", "code", "detail"}
    assert set(problem["properties"]) == {"type", "title", "status", "code", "detail", "errors", "data"}


def test_the_idempotency_key_is_a_header_of_idempotent_posts_alone(document):
    def headers(method):
        return [
            parameter["name"]
            for parameter in operation(document, "/things/", method).get("parameters", [])
            if parameter["in"] == "header"
        ]

    assert (headers("post"), headers("get")) == (["Idempotency-Key"], [])


def test_a_bulk_put_takes_rows_and_answers_its_result(document):
    put = operation(document, "/thing-rows/", "put")
    assert put["requestBody"]["content"]["application/json"]["schema"] == {
        "type": "array",
        "items": {"$ref": "#/components/schemas/ThingRowRequest"},
    }
    assert put["responses"]["200"]["content"]["application/json"]["schema"] == {
        "$ref": "#/components/schemas/BulkResult"
    }


def test_a_list_has_its_cursor(document):
    names = {parameter["name"] for parameter in operation(document, "/entries/", "get")["parameters"]}
    assert {"cursor", "page_size"} <= names


def test_the_key_is_the_security_of_every_operation_but_the_signed_ones(document):
    assert document["components"]["securitySchemes"] == {"bearer": {"type": "http", "scheme": "bearer"}}
    assert operation(document, "/things/", "post")["security"] == [{"bearer": []}]
    assert operation(document, "/carriers/{carrier}/events/", "post").get("security", [{}]) == [{}]
