"""Stock on the embedded AWS: readers that hand over, runs again, ledgers, and that nothing is oversold."""

from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from random import Random
from typing import Any
from urllib.parse import quote
from uuid import uuid4

import pytest

from sandbox.api import expect, upload, wait_for
from sandbox.deployment import Deployment
from tests.e2e.clients import Clients

pytestmark = pytest.mark.e2e

PRICE = {"name": "Blanket", "price": "19.00"}
HEADER = "product_id,location,quantity,update_date\n"


def imported(clients: Clients, text: str) -> Any:
    offer = expect(
        201, clients.as_operator("POST", "inventory", "/inventory/imports", {"fileName": "stock.csv"})
    )
    upload(offer["upload"]["url"], offer["upload"]["fields"], text.encode())
    return clients.ended("inventory", f"/inventory/imports/{offer['importId']}", operator=True)


def settled(clients: Clients, product: str) -> tuple[int, int, int]:
    """The product's level when nothing is held any more."""
    return wait_for(lambda: clients.level(product), lambda level: level[1] == 0, seconds=30)


def test_a_file_that_is_too_long_for_one_reader_is_read_by_several(
    deployment: Deployment, clients: Clients
) -> None:
    reader = deployment.function("inventory.handlers.stock_files.handler")["FunctionName"]
    # Readers hand over a minute before their time is over: these after each call to the queue.
    deployment.client("lambda").update_function_configuration(FunctionName=reader, Timeout=60)
    try:
        rows = "".join(f'"SEAM-{n}\n",LHR,{n},2026-11-20\nSEAM-{n},L/R,1,2026-11-20\n' for n in range(2500))
        run = imported(
            clients, HEADER + rows.replace(",L/R,1,", ",LHR,x,", 100).replace(",L/R,1,", ",JFK,2,")
        )
    finally:
        deployment.client("lambda").update_function_configuration(FunctionName=reader, Timeout=900)
    assert (run["status"], run["progress"]) == ("SUCCEEDED", 100), run
    assert (run["rowsRead"], run["rowsWritten"], run["rowsRejected"]) == (5000, 4900, 100)
    assert clients.level("SEAM-2499") == (2501, 0, 2501)


def test_an_import_is_run_again_on_purpose_and_changes_nothing(clients: Clients) -> None:
    run = imported(clients, f"{HEADER}AGAIN-1,ZRH,5,2026-11-20\nAGAIN-2,ZRH,6,2026-11-20\n")
    path = f"/inventory/imports/{run['importId']}"
    assert clients.as_customer("POST", "inventory", f"{path}/rerun").status == 403
    again = expect(202, clients.as_operator("POST", "inventory", f"{path}/rerun"))
    assert again["links"]["rerunOf"] == path
    ended = clients.ended("inventory", again["links"]["self"], operator=True)
    assert (ended["status"], ended["rowsUnchanged"], ended["rowsWritten"]) == ("SUCCEEDED", 2, 0)


def test_an_order_is_held_where_it_prefers_if_the_stage_says_so(
    deployment: Deployment, clients: Clients
) -> None:
    product = f"NEAR-{uuid4().hex[:8]}"
    imported(clients, f"{HEADER}{product},ZRH,9,2026-11-20\n{product},JFK,3,2026-11-20\n")
    wish = {
        "items": [{"productId": product, "price": "2.50", "quantity": 2}],
        "preferredLocation": "JFK",
    }

    def left_after_an_order() -> dict[str, int]:
        order_id = expect(202, clients.as_customer("POST", "orders", "/orders", wish))["orderId"]
        assert clients.order(order_id)["status"] == "CONFIRMED"
        settled(clients, product)
        seen = expect(200, clients.as_customer("GET", "inventory", f"/inventory/{product}"))
        return {level["location"]: level["onHand"] for level in seen["levels"]}

    assert left_after_an_order() == {"ZRH": 7, "JFK": 3}
    functions = deployment.client("lambda")
    function = deployment.function("inventory.handlers.placed_orders.handler")
    name, variables = function["FunctionName"], function["Environment"]["Variables"]
    # As a deploy with HoldRule=preferred-location-first would.
    ruled = {"Variables": variables | {"HOLD_RULE": "preferred-location-first"}}
    functions.update_function_configuration(FunctionName=name, Environment=ruled)
    try:
        assert left_after_an_order() == {"ZRH": 7, "JFK": 1}
        assert left_after_an_order() == {"ZRH": 6, "JFK": 0}
    finally:
        functions.update_function_configuration(FunctionName=name, Environment={"Variables": variables})


def test_a_ledger_tells_what_an_order_did(clients: Clients) -> None:
    product = clients.stock(9)
    assert clients.order(clients.place(product, 2))["status"] == "CONFIRMED"
    wait_for(lambda: clients.level(product), lambda level: level == (7, 0, 7), seconds=30)
    ledger = expect(200, clients.as_operator("GET", "inventory", f"/inventory/{product}/ledger"))
    assert [each["reason"] for each in ledger["entries"]] == ["sale", "hold", "count"]
    assert sum(each["onHandChange"] for each in ledger["entries"]) == 7


def test_a_product_of_any_name_is_shown_listed_and_given_a_threshold(clients: Clients) -> None:
    name = f'Blanket "XL"/2 🧳 100% {uuid4().hex[:8]}'
    quoted, path = name.replace('"', '""'), f"/inventory/{quote(name, safe='')}"
    run = imported(clients, f'{HEADER}"{quoted}",ZRH,5,2026-11-20\n"{quoted}",LHR,9,2026-11-20\n')
    assert run["rowsWritten"] == 2
    assert clients.level(quote(name, safe="")) == (14, 0, 14)
    ledger = expect(200, clients.as_operator("GET", "inventory", f"{path}/ledger"))
    assert (ledger["productId"], len(ledger["entries"])) == (name, 2)
    decided = clients.as_operator("PUT", "inventory", f"{path}/threshold", {"threshold": 6})
    assert [level["low"] for level in expect(200, decided)["levels"]] == [False, True]
    assert clients.as_customer("GET", "inventory", "/inventory").status == 403
    assert clients.as_customer("PUT", "inventory", f"{path}/threshold", {"threshold": 7}).status == 403
    found: list[str] = []
    cursor: str | None = ""
    while cursor is not None:
        page = expect(200, clients.as_operator("GET", "inventory", f"/inventory?limit=50{cursor}"))
        found += [product["productId"] for product in page["products"]]
        cursor = f"&cursor={page['nextCursor']}" if "nextCursor" in page else None
    assert found.count(name) == 1
    assert len(found) == len(set(found))
    expect(200, clients.as_operator("PUT", "orders", f"/products/{quote(name, safe='')}", PRICE))
    shown = clients.as_customer("GET", "orders", f"/products/{quote(name, safe='')}")
    assert expect(200, shown)["productId"] == name


def test_operators_reconcile_without_a_function_between_and_customers_do_not(
    deployment: Deployment, clients: Clients
) -> None:
    path, machines = "/inventory/reconciliations", deployment.client("stepfunctions")
    (machine,) = (
        each["stateMachineArn"]
        for each in machines.list_state_machines()["stateMachines"]
        if "ReconcileStock" in each["name"]
    )
    assert clients.as_customer("POST", "inventory", path).status == 403
    order, unread = {"stateMachineArn": machine, "input": "{}"}, {"Content-Type": "text/plain"}
    assert clients.as_customer("POST", "inventory", path, order, headers=unread).status == 415
    begun = expect(202, clients.as_operator("POST", "inventory", path))
    execution = f"{machine.replace(':stateMachine:', ':execution:')}:{begun['reconciliationId']}"
    ended = wait_for(
        lambda: machines.describe_execution(executionArn=execution),
        lambda seen: seen["status"] != "RUNNING",
        seconds=60,
    )
    assert ended["status"] == "SUCCEEDED", ended
    assert '"different":0' in ended["output"].replace(" ", "")
    assert len(machines.list_executions(stateMachineArn=machine)["executions"]) == 1


def test_two_hundred_orders_at_once_sell_no_unit_twice(clients: Clients) -> None:
    """Of one to three products out of twenty, with stock for about half of what is wanted."""
    chance, loaded = Random(20), 15  # noqa: S311 - the same orders each time
    products = [f"RACE-{uuid4().hex[:8]}" for _ in range(20)]
    file = HEADER + "".join(f"{product},ZRH,{loaded},2026-11-20\n" for product in products)
    assert imported(clients, file)["rowsWritten"] == len(products)
    wanted = [
        {product: chance.randint(1, 2) for product in chance.sample(products, chance.randint(1, 3))}
        for _ in range(200)
    ]
    with ThreadPoolExecutor(16) as shop:
        placed = list(shop.map(clients.place_all, wanted))
    # One who waits leaves the cores to the work; those that were placed last end last.
    ended = [clients.order(order_id, seconds=120) for order_id in reversed(placed)][::-1]
    sold = Counter[str]()
    for lines, order in zip(wanted, ended, strict=True):
        assert order["status"] in {"CONFIRMED", "REJECTED"}
        sold.update(lines if order["status"] == "CONFIRMED" else {})
    for product in products:
        assert settled(clients, product) == (loaded - sold[product], 0, loaded - sold[product])
    assert sum(sold.values()) > loaded * len(products) // 2  # what was refused was refused for want of stock
    assert any(order["status"] == "REJECTED" for order in ended)
