"""What benchmarks have in common that let ours and a bare bot answer round after round."""

import gc
import statistics
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TypeVar


@dataclass(frozen=True)
class Answers:
    """How long all the answers of a phase took together, and each of them, in order of length; in seconds."""

    seconds: float
    took: Sequence[float]

    def within(self, percent: int) -> float:
        """The time in which so many were answered."""
        return self.took[max(0, len(self.took) * percent // 100 - 1)]


@dataclass
class Round:
    """One bot in one round. CPU is in milliseconds an answer, that of each kind alone too; `rate` is answers
    a second, latency in milliseconds, memory in MB."""

    cpu: float = 0.0
    rate: float = 0.0
    p50: float = 0.0
    p99: float = 0.0
    peak: float = 0.0
    kinds: dict[str, float] = field(default_factory=dict)


R = TypeVar("R", bound=Round)


@contextmanager
def undisturbed() -> Iterator[None]:
    """Let the server not stand still to look for rubbish."""
    gc.collect()
    gc.freeze()
    try:
        yield
    finally:
        gc.unfreeze()


def compare(
    ours: Sequence[R], bare: Sequence[R], further: Mapping[str, Callable[[R], float]] | None = None
) -> None:
    """Print the ratios of the medians, and the span of the ratios of single rounds; `further` are figures
    that not every benchmark has."""

    def ratio(what: Callable[[R], float]) -> str:
        middle = statistics.median(map(what, ours)) / statistics.median(map(what, bare))
        each = [what(o) / what(b) for o, b in zip(ours, bare, strict=True)]
        return f"{middle:.2f} ({min(each):.2f}–{max(each):.2f})"

    shown: dict[str, Callable[[R], float]] = {
        "CPU": lambda f: f.cpu,
        "rate": lambda f: f.rate,
        "p50": lambda f: f.p50,
        "p99": lambda f: f.p99,
        **(further or {}),
        "memory": lambda f: f.peak,
    }
    print("ours / bare, of medians (lowest–highest of a round):")
    print("  " + ", ".join(f"{name} {ratio(what)}" for name, what in shown.items()))

    def of(kind: str) -> Callable[[R], float]:
        return lambda f: f.kinds[kind]

    for kind in ours[0].kinds:
        print(f"  CPU of {kind}: {ratio(of(kind))}")
