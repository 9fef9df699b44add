"""The declarative base of every table, with the naming convention that keeps both engines' constraints alike."""

from __future__ import annotations

from typing import Any, ClassVar

from sqlalchemy import BigInteger, Integer, MetaData
from sqlalchemy.orm import DeclarativeBase
from sqlalchemy.types import Text

SEQ = BigInteger().with_variant(Integer(), "sqlite")
"""A row's place in its table, and its key. Called INTEGER it is what SQLite keeps rows by, without an index."""


class Base(DeclarativeBase):
    """Base of all models. Integers are 64 bits wide, texts are unbounded unless a CHECK says otherwise."""

    metadata = MetaData(
        naming_convention={
            "pk": "pk_%(table_name)s",
            "uq": "uq_%(table_name)s_%(column_0_N_name)s",
            "ix": "ix_%(table_name)s_%(column_0_N_name)s",
            "fk": "fk_%(table_name)s_%(column_0_name)s_%(referred_table_name)s",
            "ck": "ck_%(table_name)s_%(constraint_name)s",
        }
    )
    type_annotation_map: ClassVar[dict[Any, Any]] = {int: BigInteger(), str: Text()}
