"""The price list: which orders it refuses, and how operators keep it."""

from dataclasses import replace

import pytest

from jetbridge.kernel.errors import ConcurrentUpdate, KeyReused
from jetbridge.kernel.money import Money
from orders.domain.orders import Item, Order
from orders.domain.products import PriceChanged, PriceList, Product, ProductNotFound, UnknownProduct
from orders.use_cases.orders import place_order
from orders.use_cases.products import get_product, put_product
from tests.fakes.orders import MemoryOrders, MemoryProducts
from tests.unit.orders.test_use_cases import an_order

LAMP = Product("lamp", "A lamp", Money(5025, "USD"))
DEARER = replace(LAMP, price=Money(5026, "USD"))
CHAIR = Item("chair", 1, Money(100, "USD"))


def placed(order: Order, products: MemoryProducts, rule: PriceList, orders: MemoryOrders) -> Order:
    return place_order(order, orders=orders, products=products, rule=rule)


@pytest.mark.parametrize("rule", PriceList)
def test_an_order_at_the_listed_price_is_placed(rule: PriceList) -> None:
    orders = MemoryOrders()
    assert placed(an_order(), MemoryProducts(LAMP), rule, orders) == orders.get("order-1")


@pytest.mark.parametrize("rule", PriceList)
def test_an_order_at_another_price_is_told_the_current_one_and_not_placed(rule: PriceList) -> None:
    orders = MemoryOrders()
    with pytest.raises(PriceChanged) as refused:
        placed(an_order(), MemoryProducts(DEARER), rule, orders)
    assert refused.value.current == {0: Money(5026, "USD")}
    assert len(orders) == 0


def test_a_price_in_another_currency_is_another_price() -> None:
    with pytest.raises(PriceChanged):
        placed(
            an_order(),
            MemoryProducts(replace(LAMP, price=Money(5025, "EUR"))),
            PriceList.OPTIONAL,
            MemoryOrders(),
        )


def test_a_product_without_a_price_is_refused_only_where_prices_are_required() -> None:
    order = replace(an_order(), items=(*an_order().items, CHAIR))
    placed(order, MemoryProducts(LAMP), PriceList.OPTIONAL, MemoryOrders())
    orders = MemoryOrders()
    with pytest.raises(UnknownProduct) as refused:
        placed(order, MemoryProducts(LAMP), PriceList.REQUIRED, orders)
    assert refused.value.positions == (1,)
    assert len(orders) == 0


@pytest.mark.parametrize("products", [MemoryProducts(DEARER), MemoryProducts()])
def test_an_order_that_was_placed_before_the_price_changed_is_found_again(products: MemoryProducts) -> None:
    """Its first attempt died after the write, before the answer."""
    orders = MemoryOrders(an_order())
    assert placed(an_order(), products, PriceList.REQUIRED, orders) == an_order()


def test_another_order_under_a_used_key_stays_one_whatever_it_costs() -> None:
    with pytest.raises(KeyReused):
        placed(an_order(quantity=3), MemoryProducts(DEARER), PriceList.REQUIRED, MemoryOrders(an_order()))


def test_a_product_is_created_changed_and_left_alone_when_nothing_changes() -> None:
    products = MemoryProducts()
    assert put_product(LAMP, products=products) == LAMP
    assert put_product(LAMP, products=products).version == 1
    changed = put_product(DEARER, products=products)
    assert changed == replace(DEARER, version=2) == get_product("lamp", products=products)


def test_of_two_operators_at_once_one_is_told_so() -> None:
    products = MemoryProducts(LAMP)

    def dearer_meanwhile() -> None:
        products.before_save = lambda: None
        put_product(DEARER, products=products)

    products.before_save = dearer_meanwhile
    with pytest.raises(ConcurrentUpdate):
        put_product(replace(LAMP, name="Another lamp"), products=products)
    assert get_product("lamp", products=products) == replace(DEARER, version=2)


def test_an_unlisted_product_is_not_found() -> None:
    with pytest.raises(ProductNotFound):
        get_product("lamp", products=MemoryProducts())
