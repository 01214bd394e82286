"""The datasets of the catalogue as a script makes them: generators in their own words, textbook data as loaded.

Generators are carried over as they stand in `mltui.data`, so that a script can never make other points than a run.
What is loaded from a library or a file has a line or two of its own here.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

from mltui.core.errors import InputError
from mltui.data import physics
from mltui.data.bundled import bundled
from mltui.data.card import Dataset
from mltui.export.carried import carried
from mltui.export.script import Script, text

Options = Mapping[str, object]
_LOADED = {"iris": "", "wine": "", "breast_cancer": "", "digits": "", "diabetes": "scaled=False, "}
"""By the name of a dataset of scikit-learn, what its loader takes beside."""


def make(script: Script, dataset: Dataset, options: Options, weighted: bool = False) -> None:
    """Write what makes ``x``, shape (rows, inputs), and ``y``, shape (rows,): codes of classes, or values.

    Args:
        options: all of the dataset's.
        weighted: whether its rows have weights of their own; then there is ``weight``, shape (rows,), too.

    Raises:
        InputError: for a dataset that has no words for a script.
    """
    script.need("numpy", alias="np")
    if dataset.name in _LOADED:
        _load(script, dataset.name)
    elif dataset.points is not None:
        _generate(script, dataset.points, options, weighted)
    elif dataset.name == "dalitz":
        _dalitz(script, options)
    else:
        raise InputError(
            f"mltui code cannot write the dataset {dataset.name} yet; it writes the others of mltui data list, and "
            "files",
            key="data.dataset",
        )


def _load(script: Script, name: str) -> None:
    script.need("sklearn.datasets", f"load_{name}")
    script.add(f"x, y = load_{name}({_LOADED[name]}return_X_y=True)")
    if name == "breast_cancer":
        script.add("y = 1 - y  # scikit-learn numbers malignant 0; here it is 1, because it is what one looks for")


def _generate(script: Script, points: Callable[..., object], options: Options, weighted: bool) -> None:
    script.add("")
    script.block(carried(points))
    script.add("")
    script.add(f"rng = np.random.default_rng({options['seed']})")
    given = [f"{name}={text(value)}" for name, value in options.items() if name != "seed"]
    names = "x, y, weight" if weighted else "x, y"
    script.enclosed(f"{names} = {points.__name__}(", [*given, "rng=rng"], ")")
    script.add("order = rng.permutation(len(y))")
    script.add(f"{names} = {', '.join(f'{name}[order]' for name in names.split(', '))}")


def _dalitz(script: Script, options: Options) -> None:
    script.need("uproot")
    path = bundled("dalitz") / "dalitz.root"
    script.add(f'tree = uproot.open({text(str(path))})["tree"].arrays(library="np")')
    names = [text(name) for name in physics.FEATURES]
    script.enclosed("x = np.column_stack([tree[name] for name in [", names, "]]).astype(float)")
    script.add('y = tree["labels"].astype(int)')
    if options["samples"] != physics.ROWS:
        script.add(
            f"rows = np.sort(np.random.default_rng({options['seed']}).permutation(len(y))[:{options['samples']}])",
            "x, y = x[rows], y[rows]",
        )
