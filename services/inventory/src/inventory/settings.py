"""What functions are told by their environment; each reads what it needs."""

from inventory.domain.holds import TakingRule
from jetbridge.runtime.settings import Settings


class TableSettings(Settings):
    stock_table_name: str


class ApiSettings(Settings):
    allow_origin: str


class ConsumerSettings(Settings):
    dead_letters_url: str


class RedeliverySettings(Settings):
    queue_url: str


class RunSettings(Settings):
    run_retention_days: int


class ReaderSettings(Settings):
    packs_queue_url: str
    rows_per_message: int
    max_rejected_share: int


class RerunSettings(Settings):
    reader_function_name: str


class WriterSettings(Settings):
    low_stock_threshold: int


class HoldSettings(Settings):
    hold_minutes: int
    hold_rule: TakingRule


class LinkSettings(Settings):
    import_bucket: str
    max_file_bytes: int
