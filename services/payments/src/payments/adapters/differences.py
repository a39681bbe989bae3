"""Differences between the books, noted in the log and as metrics; the log has them all."""

from jetbridge.runtime.observability import count, logger
from payments.domain.reconciling import Kind


class LoggedDifferences:
    def found(self, kind: Kind, reference: str, charge_id: str, *, healed: bool) -> None:
        count("PaymentDifferencesHealed" if healed else "PaymentDifferencesLeft")
        logger.warning("difference", kind=kind, reference=reference, charge_id=charge_id, healed=healed)

    def not_healed(self, kind: Kind, reference: str, fault: Exception) -> None:
        logger.warning("not healed", kind=kind, reference=reference, fault=type(fault).__name__)
