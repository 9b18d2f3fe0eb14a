"""What the person counted of a medicine, and what is left of it by now."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal

from phr_desktop.domain.doses import Stock
from phr_desktop.vault.connection import Database, Row

STOCK = "SELECT person, medicine, unit, left_over, counted_at, low_at, pack, expires FROM stock WHERE person = ?"
SET_STOCK = "INSERT OR REPLACE INTO stock VALUES (?, ?, ?, ?, ?, ?, ?, ?)"
STOCK_LEFT = "SELECT left_over FROM stock WHERE person = ? AND medicine = ?"
USE_STOCK = "UPDATE stock SET left_over = ? WHERE person = ? AND medicine = ?"
REMOVE_STOCK = "DELETE FROM stock WHERE person = ? AND medicine = ?"


def of_person(db: Database, person: int) -> dict[str, Stock]:
    """What is left, by the medicine's key."""
    return {row[1]: _stock(row) for row in db.rows(STOCK, (person,))}


def keep(db: Database, one: Stock) -> None:
    """What was counted, in place of an earlier count."""
    db.run(
        SET_STOCK,
        (
            one.person, one.medicine, one.unit, str(one.left), int(one.counted_at.timestamp()),
            None if one.low_at is None else str(one.low_at), None if one.pack is None else str(one.pack),
            None if one.expires is None else one.expires.isoformat(),
        ),
    )  # fmt: skip


def use(db: Database, one: Stock, amount: Decimal) -> None:
    """Takes from what is left; gives back where it is less than none. More than there was is remembered, so that giving
    it back leaves what was counted."""
    (left,) = db.rows(STOCK_LEFT, (one.person, one.medicine))[0]
    db.run(USE_STOCK, (str(Decimal(left) - amount), one.person, one.medicine))


def forget(db: Database, person: int, medicine: str) -> None:
    db.run(REMOVE_STOCK, (person, medicine))


def _stock(row: Row) -> Stock:
    return Stock(
        person=row[0], medicine=row[1], unit=row[2], left=max(Decimal(0), Decimal(row[3])),
        counted_at=datetime.fromtimestamp(row[4], UTC), low_at=_amount(row[5]), pack=_amount(row[6]),
        expires=None if row[7] is None else date.fromisoformat(row[7]),
    )  # fmt: skip


def _amount(text: str | None) -> Decimal | None:
    return None if text is None else Decimal(text)
