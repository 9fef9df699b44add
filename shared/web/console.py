"""Command lines that speak as the services do: a refusal is one JSON object with a stable `code` and its sentence."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from functools import wraps

from shared.db.engine import UnfitDatabase
from shared.errors import DomainError
from shared.web.catalog import FALLBACK, shell_catalog


def refused_as_json(main: Callable[[list[str]], int]) -> Callable[[list[str]], int]:
    """A command's main that prints refusals as `{"code": …, "detail": …}` and returns 1 for them."""

    @wraps(main)
    def guarded(argv: list[str]) -> int:
        try:
            return main(argv)
        except DomainError as error:
            refuse(error.code, sentence(error))
        except BrokenPipeError:
            raise  # nobody reads on: run.py ends quietly
        except OSError as error:
            refuse("file_problem", str(error))
        except (UnfitDatabase, ValueError) as error:
            print(error, file=sys.stderr)
        return 1

    return guarded


def refuse(code: str, detail: str) -> None:
    """Print a refusal."""
    print(json.dumps({"code": code, "detail": detail}, ensure_ascii=False))


def sentence(error: DomainError) -> str:
    """What the catalogue says of a refusal; the bare code where it says nothing."""
    try:
        return shell_catalog().refusal(FALLBACK, error)
    except KeyError:
        return str(error)
