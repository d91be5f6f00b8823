"""Training helpers: small functions that you can read in a minute each.

- `budget`, `device`, `seed`: how much to compute, where, and from which random numbers.
- `batches`: a shuffled data set, batch by batch, on the device where it lies.
- `fit`, `evaluate`: the loop that every chapter would otherwise repeat, and the honest average.
- `place`, `Speed`: what a GPU needs to be fast, and a CPU is not bothered with.
- `progress_bar`: a bar in a terminal and in a notebook, nothing in the page.
"""

from dlbook.train._batches import Batches, batches
from dlbook.train._fit import History, fit
from dlbook.train._measure import Evaluation, evaluate, top1
from dlbook.train._progress import progress_bar
from dlbook.train._setting import budget, device, seed
from dlbook.train._speed import Speed, place

__all__ = [
    "Batches",
    "Evaluation",
    "History",
    "Speed",
    "batches",
    "budget",
    "device",
    "evaluate",
    "fit",
    "place",
    "progress_bar",
    "seed",
    "top1",
]
