"""A bar that shows how far long work is, where tqdm is installed."""

import contextlib
from typing import Any, Callable, Iterator, Optional, TypeVar

Report = TypeVar("Report")
Callback = Callable[[Report], Optional[bool]]


@contextlib.contextmanager
def shown(
    asked: bool,
    callback: Optional[Callback[Report]],
    place: Callable[[Report], "tuple[int, int]"],
    words: Callable[[Report], str],
) -> Iterator[Optional[Callback[Report]]]:
    """The callback, or one that moves a bar too: `place` says how far of how much, `words` what stands behind."""
    try:
        import tqdm
    except ImportError:
        asked = False
    if not asked:
        yield callback
        return
    bar: Any = tqdm.tqdm()

    def show(report: Report) -> Optional[bool]:
        at, bar.total = place(report)
        bar.set_postfix_str(words(report), refresh=False)
        bar.update(at - bar.n)
        return callback(report) if callback else None

    with bar:
        yield show
