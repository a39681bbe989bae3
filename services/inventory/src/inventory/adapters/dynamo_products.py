"""Products in DynamoDB: all of them with their levels, page by page, and what operators decided for each.

PRODUCT#{id}  THRESHOLD   below how much it is low
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import batched
from typing import TYPE_CHECKING, Any

from inventory.adapters.dynamo_stock import BY_TIME, read_level
from inventory.adapters.level_items import shard_listing
from inventory.domain.levels import Level, Threshold
from inventory.ports import SHARDS
from jetbridge.kernel.pages import Page
from jetbridge.runtime.cursors import InvalidCursor, starting_after, to_cursor
from jetbridge.runtime.dynamodb import Row, batch_get, from_item, put_over, to_item, transact

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

_KEYS_A_CALL = 100


class ThresholdItem(Row):
    product_id: str
    units: int
    version: int

    def to_threshold(self) -> Threshold:
        return Threshold(self.product_id, self.units, self.version)


class DynamoThresholds:
    def __init__(self, client: "DynamoDBClient", table_name: str) -> None:
        self._client = client
        self._table_name = table_name

    def of(self, product_ids: Iterable[str]) -> Mapping[str, Threshold]:
        found = _read(self._client, self._table_name, [_threshold_key(each) for each in product_ids])
        decided = (ThresholdItem.model_validate(from_item(item)).to_threshold() for item in found)
        return {threshold.product_id: threshold for threshold in decided}

    def save(self, threshold: Threshold) -> None:
        values = _threshold_key(threshold.product_id) | {
            "kind": "THRESHOLD",
            "product_id": threshold.product_id,
            "units": threshold.units,
            "version": threshold.version,
        }
        transact(self._client, [put_over(self._table_name, values, "pk", threshold.version - 1)])


class DynamoProducts:
    def __init__(self, client: "DynamoDBClient", table_name: str) -> None:
        self._client = client
        self._table_name = table_name

    def page(self, *, limit: int, cursor: str | None) -> Page[Sequence[Level]]:
        places: dict[str, list[Mapping[str, Any]]] = {}
        last = None
        for place in self._places_after(cursor, limit):
            product = place["pk"]["S"]
            if product not in places and len(places) == limit:
                return Page(self._levels(places), to_cursor(last))
            places.setdefault(product, []).append(place)
            last = place
        return Page(self._levels(places), None)

    def _places_after(self, cursor: str | None, limit: int) -> Iterator[Mapping[str, Any]]:
        """Keys of levels, shard by shard; those of a product follow each other."""
        with starting_after(cursor) as start:
            first = _shard_of(start)
            yield from self._places_in(first, limit, start)
            for shard in range(first + 1, SHARDS):
                yield from self._places_in(shard, limit, {})

    def _places_in(self, shard: int, limit: int, start: dict[str, Any]) -> Iterator[Mapping[str, Any]]:
        more = True
        while more:
            found = self._client.query(
                TableName=self._table_name,
                IndexName=BY_TIME,
                KeyConditionExpression="listing = :shard",
                ExpressionAttributeValues=to_item({":shard": shard_listing(shard)}),
                Limit=4 * limit,  # a product may lie at several places
                **start,
            )
            yield from found["Items"]
            more = "LastEvaluatedKey" in found
            start = {"ExclusiveStartKey": found.get("LastEvaluatedKey")}

    def _levels(self, places: Mapping[str, Sequence[Mapping[str, Any]]]) -> list[Sequence[Level]]:
        keys = [{"pk": key["pk"]["S"], "sk": key["sk"]["S"]} for some in places.values() for key in some]
        found: dict[str, list[Level]] = {product: [] for product in places}
        for item in _read(self._client, self._table_name, keys):
            found[item["pk"]["S"]].append(read_level(item))
        return [sorted(levels, key=lambda level: level.place.location) for levels in found.values()]


def _threshold_key(product_id: str) -> dict[str, Any]:
    return {"pk": f"PRODUCT#{product_id}", "sk": "THRESHOLD"}


def _shard_of(start: Mapping[str, Any]) -> int:
    if not start:
        return 0
    listings = [shard_listing(shard) for shard in range(SHARDS)]
    listing = start["ExclusiveStartKey"].get("listing", {}).get("S")
    if listing not in listings:
        raise InvalidCursor("The cursor is not one that this list gave.")
    return listings.index(listing)


def _read(
    client: "DynamoDBClient", table_name: str, keys: Iterable[Mapping[str, Any]]
) -> Iterator[Mapping[str, Any]]:
    for some in batched(keys, _KEYS_A_CALL, strict=False):
        yield from batch_get(client, table_name, some)
