"""An answer with all that is needed to show it to others and to prove it."""

from __future__ import annotations

from dataclasses import dataclass

from lib.asking.checks.finding import Finding
from lib.charts.reduced import Reduced
from lib.charts.spec import Spec
from lib.engine.result import Result


@dataclass(frozen=True)
class TableMark:
    """A table as it was when its data was read. `columns` is how many it has, `fingerprint` that of its content.

    A table that is too large to be read within the limits of a query has an empty fingerprint.

    `reader` is the engine's own reader ("csv", "parquet") that makes the same table of the same file, empty where none
    does; `types` are the columns' names and types.
    """

    name: str
    file: str
    rows: int
    columns: int
    fingerprint: str
    reader: str = ""
    types: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True)
class Exhibit:
    """One answer.

    `question` is empty for SQL that was written by hand, `standalone` what was asked in place of a follow-up.
    `assumptions` are sentences: how the SQL was mended and translated, how many answers agreed. `findings` are None
    when the answer was not checked. `model` is empty where a person wrote the SQL, `engine` is a name with a version,
    `dialect` that of the SQL,
    `read` when the data was read in seconds since 1970. `reduced` is what the chart is drawn from where the result's
    rows are too few or too many. All texts are text and not Markdown.
    """

    question: str
    sql: str
    result: Result
    spec: Spec
    title: str = ""
    note: str = ""
    standalone: str = ""
    assumptions: tuple[str, ...] = ()
    findings: tuple[Finding, ...] | None = None
    model: str = ""
    engine: str = ""
    tables: tuple[TableMark, ...] = ()
    read: float = 0.0
    reduced: Reduced | None = None
    dialect: str = "duckdb"

    @property
    def heading(self) -> str:
        """What it is called where it has no title of its own."""
        return self.title or self.standalone or self.question or self.spec.reason.rstrip(".") or "SQL written by hand"
