"""All events, by name. Schemas, samples and docs/events.md are made from this list."""

from jetbridge.contracts import bookings, inventory, orders, payments
from jetbridge.contracts.envelope import EventData

EVENTS: dict[str, type[EventData]] = {
    event.__name__: event
    for event in (
        orders.OrderPlaced,
        orders.OrderAwaitingPayment,
        orders.OrderConfirmed,
        orders.OrderCancelled,
        inventory.StockReserved,
        inventory.StockRejected,
        inventory.StockReleased,
        inventory.StockHoldExpired,
        inventory.StockRanLow,
        inventory.StockOversold,
        inventory.StockFileImported,
        inventory.StockFileFailed,
        payments.PaymentCaptured,
        payments.PaymentDeclined,
        payments.PaymentRefunded,
        payments.PaymentVoided,
        bookings.BookingAwaitingPayment,
        bookings.BookingConfirmed,
        bookings.BookingFailed,
        bookings.BookingCancelled,
        bookings.BookingRefundRequested,
    )
}
