"""The API of orders bounds what it takes, and says when to come again."""

from checks.templates import service

(API,) = service("orders").resources("Serverless::Api").values()


def test_the_stage_is_throttled_by_parameters() -> None:
    (settings,) = API["MethodSettings"]
    assert (settings["HttpMethod"], settings["ResourcePath"]) == ("*", "/*")
    assert settings["ThrottlingRateLimit"] == {"Ref": "RequestRate"}
    assert settings["ThrottlingBurstLimit"] == {"Ref": "RequestBurst"}


def test_429_and_503_of_the_gateway_say_when_to_come_again_and_are_readable_by_browsers() -> None:
    statuses = {"THROTTLED": 429, "INTEGRATION_FAILURE": 503}
    for kind, status in statuses.items():
        response = API["GatewayResponses"][kind]
        headers = response["ResponseParameters"]["Headers"]
        assert response["StatusCode"] == status
        assert int(headers["Retry-After"].strip("'")) >= 1
        assert headers.keys() >= {"Access-Control-Allow-Origin", "Content-Type"}
