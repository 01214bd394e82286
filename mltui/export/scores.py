"""The end of a script: scores of rows, and what they are worth, by the names that mltui uses."""

from __future__ import annotations

from mltui.export.facts import Facts
from mltui.export.script import Script

EFFICIENCIES = ("0.01", "0.10", "0.30")


def write_score(script: Script, facts: Facts, outputs: str, *, to_processor: bool, shifted: bool) -> None:
    """Write ``score(x)``: what the network says of inputs, in double precision.

    Args:
        outputs: the code of the network's raw outputs for ``x``.
        to_processor: whether they lie elsewhere.
        shifted: whether a regression's are about a mean.
    """
    raw = f"{outputs}{'.cpu()' if to_processor else ''}.double()"
    script.add("")
    script.add("@torch.no_grad()")
    with script.indented("def score(x):"):
        if not facts.classes:
            column = "" if facts.several else "[:, 0]"
            script.add(
                '"""The value of each row, of several targets a column for each, in its own unit."""'
                if facts.several
                else '"""The value of each row, in its own unit."""'
            )
            script.add(f"return {raw}{column}.numpy() * spread{' + mean' if shifted else ''}")
        elif facts.classes == 2:
            script.add(f'"""The probability of each row to be {facts.table.classes[1]}."""')
            script.add(f"return torch.sigmoid({raw}[:, 0]).numpy()")
        else:
            script.add('"""The probability of each class, a row of them for each row."""')
            script.add(f"return torch.softmax({raw}, dim=1).numpy()")
    script.add("")


def write_metrics(script: Script, facts: Facts) -> None:
    """Write ``metrics(y, p)``, or with weights ``metrics(y, p, w)``: numbers by name."""
    weighted = facts.weighted
    negative = facts.table.weights is not None and bool((facts.table.weights < 0).any())
    script.add("")
    if negative and facts.classes:
        _curve(script)
    with script.indented(f"def metrics(y, p{', w' if weighted else ''}):"):
        script.add('"""What predictions are worth, by the names that mltui uses."""')
        if not facts.classes:
            _of_values(script, weighted=weighted, several=facts.several)
        elif facts.classes == 2:
            _of_two(script, weighted=weighted, negative=negative)
        else:
            _of_many(script, facts, weighted=weighted, negative=negative)
    script.add("")


def _of_values(script: Script, *, weighted: bool, several: bool) -> None:
    mean = ", weights=w" if weighted else ""
    if several:
        mean = f", axis=0{mean}"
        script.remark("Of each target its own, then the mean over the targets.")
    script.add(f"loss = np.average((p - y) ** 2{mean})")
    script.add(f"variance = np.average((y - np.average(y{mean})) ** 2{mean})")
    entries = {
        "loss": "loss",
        "rmse": "np.sqrt(loss)",
        "mae": f"np.average(np.abs(p - y){mean})",
        "r2": "1 - loss / variance",
    }
    if several:
        entries = {name: f"np.mean({code})" for name, code in entries.items()}
    _return(script, entries)


def _of_two(script: Script, *, weighted: bool, negative: bool) -> None:
    also, mean = (", sample_weight=w", ", weights=w") if weighted else ("", "")
    if negative:
        script.add("eps = np.finfo(float).eps")
        script.add("own = np.clip(np.where(y == 1, p, 1 - p), eps, 1 - eps)  # of the true class")
        script.add("false_positive, true_positive, precision = curve(y == 1, p, w)")
        entries = {
            "loss": "np.average(-np.log(own), weights=w)",
            "accuracy": "np.average((p > 0.5) == (y == 1), weights=w)",
            "auc": "area(false_positive, true_positive)",
            "average_precision": "np.sum(np.diff(true_positive) * precision)",
            "brier": "np.average((p - y) ** 2, weights=w)",
        }
        _return(script, entries)
        return
    script.need(
        "sklearn.metrics", "accuracy_score", "average_precision_score", "log_loss", "roc_auc_score", "roc_curve"
    )
    script.add(f"false_positive, true_positive, _ = roc_curve(y, p{also}, drop_intermediate=False)")
    entries = {
        "loss": f"log_loss(y, p{also})",
        "accuracy": f"accuracy_score(y, p > 0.5{also})",
        "auc": f"roc_auc_score(y, p{also})",
        "average_precision": f"average_precision_score(y, p{also})",
        "brier": f"np.average((p - y) ** 2{mean})",
        "efficiency_at": "",
    }
    entries.pop("efficiency_at")
    for at in EFFICIENCIES:
        entries[f"efficiency_at {at}"] = f"np.interp({at}, false_positive, true_positive)"
    _return(script, entries)


def _of_many(script: Script, facts: Facts, *, weighted: bool, negative: bool) -> None:
    also, mean = (", sample_weight=w", ", weights=w") if weighted else ("", "")
    script.add(f"truth = y[:, None] == np.arange({facts.classes})")
    if negative:
        script.add("eps = np.finfo(float).eps")
        script.add("own = np.clip(p[truth], eps, 1 - eps)  # of the true class")
        script.add("curves = [curve(y == code, p[:, code], w) for code in np.unique(y)]  # each against the rest")
        entries = {
            "loss": "np.average(-np.log(own), weights=w)",
            "accuracy": "np.average(p.argmax(1) == y, weights=w)",
            "auc": "np.mean([area(false, true) for false, true, _ in curves])",
            "average_precision": "np.mean([np.sum(np.diff(true) * precision) for _, true, precision in curves])",
            "brier": "np.average(((p - truth) ** 2).sum(1), weights=w)",
        }
        _return(script, entries)
        return
    script.need("sklearn.metrics", "accuracy_score", "average_precision_score", "log_loss", "roc_auc_score")
    script.add("each = np.unique(y)  # each class against the rest")
    entries = {
        "loss": f"log_loss(y, p{also}, labels=range({facts.classes}))",
        "accuracy": f"accuracy_score(y, p.argmax(1){also})",
        "auc": f"np.mean([roc_auc_score(y == code, p[:, code]{also}) for code in each])",
        "average_precision": f"np.mean([average_precision_score(y == code, p[:, code]{also}) for code in each])",
        "brier": f"np.average(((p - truth) ** 2).sum(1){mean})",
    }
    _return(script, entries)


def _curve(script: Script) -> None:
    """Write ``curve`` and ``area``: a ROC curve from sums of weights, negative ones among them."""
    with script.indented("def curve(positive, score, w):"):
        script.add('"""False and true positive rates from the strictest threshold on, and the precision at each."""')
        script.add("order = np.argsort(-score)")
        script.add("ends = np.append(np.diff(score[order]) != 0, True)  # rows of one score count together")
        script.add("signal = np.cumsum(np.where(positive, w, 0.0)[order])[ends]")
        script.add("background = np.cumsum(np.where(positive, 0.0, w)[order])[ends]")
        script.add("rates = [np.append(0.0, sums / sums[-1]) for sums in (background, signal)]")
        script.add("return *rates, signal / (signal + background)")
    script.add("")
    with script.indented("def area(false_positive, true_positive):"):
        script.add('"""The area under a curve, which may run backwards where weights are negative."""')
        script.add("return np.sum(np.diff(false_positive) * (true_positive[1:] + true_positive[:-1]) / 2)")
    script.add("")


def _return(script: Script, entries: dict[str, str]) -> None:
    script.enclosed("return {", [f'"{name}": {code}' for name, code in entries.items()], "}", own_lines=True)


def write_report(script: Script, facts: Facts, parts: dict[str, tuple[str, str]]) -> None:
    """Write what prints the numbers of parts.

    Args:
        parts: by name, the code of their rows and of their scores.
    """
    weight = ", weight[rows]" if facts.weighted else ""
    script.enclosed(
        "scored = {", [f'"{n}": ({rows}, {scores})' for n, (rows, scores) in parts.items()], "}", own_lines=True
    )
    inner = f"for name, value in metrics(y[rows], p{weight}).items():"
    with script.indented("for part, (rows, p) in scored.items():"), script.indented(inner):
        script.add('print(f"{part:12}{name:20}{value:.12g}")')
