"""Results as a notebook shows them."""

from trainer.results.forms import html
from trainer.results.grid import grid
from trainer.results.rows import Result


class Results(list[Result]):
    """A list of results, which a notebook shows as the table that `trainer results` prints."""

    def _repr_html_(self) -> str:
        return html(grid(self))
