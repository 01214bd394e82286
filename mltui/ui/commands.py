"""Every command of the lab, said once: binding, key line, help and palette all read it here."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Literal

Mode = Literal["small", "tabs", "pair", "desk"]


@dataclass(frozen=True)
class Now:
    """What decides which commands make sense.

    Attributes:
        phase: of the run in view; empty before the first.
        controls: what the running fit can be asked to do.
        setup: whether the form is in sight. view: whether a view is in front of the eye.
        sight: the names of the views on the screen.
        row: what enter does at the row of the form that has the focus; empty where none has.
        letters: whether a letter begins to type at that row, so that no letter is a command there.
        steps: whether left and right change that row. typing: whether a text is being typed.
        hidden: how many hidden layers could show what they make of the rows, and layer: which one does, or 0.
        events: whether the run in view can show the rows behind its numbers.
        hints: the keys of the view in focus that are its own, each with what it does.
        forms: the views that can be drawn in several ways. variables: those in sight that are of one variable.
        metrics: how many metrics the curve could show. binary: whether there is a threshold to move.
        targets: how many values the run predicts, or sums of coefficients there are. target: what one is called.
        neighbours: whether the neighbours that decide can be shown in the surface.
        applies: whether the form would change something in the running fit. resumable: whether the run in view was cut
            short, so that it may go on.
        model: whether the run in view has one. views: whether the arrows go through the views.
        grows: whether a view is in front that can take the whole place. keymap: the user's own keys by action.
    """

    phase: str = ""
    controls: frozenset[str] = frozenset()
    mode: Mode = "tabs"
    setup: bool = True
    view: bool = False
    sight: frozenset[str] = frozenset()
    row: str = ""
    letters: bool = False
    steps: bool = False
    typing: bool = False
    grown: bool = False
    grows: bool = False
    views: bool = False
    metrics: int = 0
    forms: frozenset[str] = frozenset()
    variables: frozenset[str] = frozenset()
    events: bool = False
    hidden: int = 0
    layer: int = 0
    targets: int = 1
    target: str = "target"
    neighbours: bool = False
    binary: bool = False
    snapshots: bool = False
    back: bool = False
    model: bool = False
    applies: bool = False
    resumable: bool = False
    hints: tuple[tuple[str, str], ...] = ()
    undo: bool = False
    guesses: bool = False
    experts: bool = False
    keymap: Mapping[str, str] = field(default_factory=dict)

    @property
    def running(self) -> bool:
        """Whether a worker is at work on the run in view."""
        # as record.state.LIVING, which would bring NumPy in before the first paint
        return self.phase in ("waiting", "training", "paused")


@dataclass(frozen=True)
class Command:
    """One command.

    Attributes:
        action: the screen's action, without `action_`; also the binding's id, by which `keys` in config.toml moves it.
        keys: Textual's names of its keys. shown: the key as the eye reads it; empty keeps it out of the key line.
        words: what it does now, in a word or two. help: the same in a sentence.
        when: whether it works now. title: what the palette calls it, where the words alone would not tell.
        views: the views that the key line names it for; none where it belongs to the lab.
        partner: the action whose key stands beside its own in `shown`.
    """

    action: str
    keys: str
    shown: str
    words: Callable[[Now], str]
    help: str
    when: Callable[[Now], bool] = lambda now: True
    views: frozenset[str] = frozenset()
    title: str = ""
    partner: str = ""


def _say(words: str) -> Callable[[Now], str]:
    return lambda now: words


def _run_words(now: Now) -> str:
    if now.phase == "paused":
        return "continue"
    return "pause" if now.running else "run"


def _can_run(now: Now) -> bool:
    return not now.running or "pause" in now.controls


def _can_step(now: Now) -> bool:
    return not now.running or "step" in now.controls


def _hidden_words(now: Now) -> str:
    return f"layer {now.layer + 1}" if now.layer < now.hidden else "network"


_CURVE = frozenset({"curve"})
_NETWORK = frozenset({"network"})
_OF_TARGET = frozenset({"predicted", "residuals", "surface", "fit", "coefficients", "importance"})
_SURFACE = frozenset({"surface"})
_SCORED = frozenset({"roc", "scores", "matrix", "yields", "events"})
_JUDGED = frozenset({"roc", "scores", "matrix", "numbers", "predicted", "residuals"})
_PICTURES = frozenset(
    {
        "curve", "surface", "fit", "roc", "scores", "matrix", "predicted", "residuals", "network", "yields",
        "coefficients", "tree", "importance", "events",
    }
)  # fmt: skip

COMMANDS: tuple[Command, ...] = (
    Command("run", "r", "r", _run_words, "Run the experiment; pause and continue it while it trains.", _can_run),
    Command("step", "s", "s", _say("step"), "Train one step further and pause; starts a run paused.", _can_step),
    Command(
        "batch",
        "b",
        "b",
        _say("batch"),
        "Train one batch further and pause.",
        lambda now: now.running and "batch" in now.controls,
    ),
    Command("stop", "x", "x", _say("stop"), "Stop training and keep what was learnt so far.", lambda now: now.running),
    Command(
        "apply",
        "a",
        "a",
        _say("apply"),
        "Let the run that trains go on with the form's values, of what can be changed on the way.",
        lambda now: now.applies,
        title="apply the form's values to the run that trains",
    ),
    Command(
        "resume",
        "o",
        "o",
        _say("resume"),
        "Go on with the run in view, which was stopped or died, from its last checkpoint.",
        lambda now: now.resumable,
        title="resume: go on with the run in view",
    ),
    Command(
        "form",
        "f",
        "f",
        _say("other plot"),
        "The next way to draw the view in front.",
        lambda now: bool(now.forms & now.sight),
        title="the next way to draw the view in front",
    ),
    Command(
        "threshold_down",
        "left_square_bracket",
        "[ ]",
        _say("threshold"),
        "The threshold down and up by 0.05; { } by 0.01.",
        lambda now: now.binary,
        _SCORED,
        "threshold down",
        "threshold_up",
    ),
    Command(
        "threshold_up",
        "right_square_bracket",
        "",
        _say("threshold up"),
        "The threshold up by 0.05; } by 0.01.",
        lambda now: now.binary,
    ),
    Command(
        "type_threshold",
        "equals_sign",
        "=",
        _say("type it"),
        "Type the threshold.",
        lambda now: now.binary and bool(now.sight & _SCORED),
        _SCORED,
        "type the threshold",
    ),
    Command(
        "finer_down",
        "left_curly_bracket",
        "",
        _say("threshold finely down"),
        "The threshold down by 0.01.",
        lambda now: now.binary,
    ),
    Command(
        "finer_up",
        "right_curly_bracket",
        "",
        _say("threshold finely up"),
        "The threshold up by 0.01.",
        lambda now: now.binary,
    ),
    Command(
        "target",
        "t",
        "t",
        lambda now: now.target,
        "Of several targets the next one, in the pictures of one: predicted, residuals, surface, fit; of coefficients "
        "the next class's.",
        lambda now: now.targets > 1,
        _OF_TARGET,
        "next target",
    ),
    Command(
        "neighbours",
        "n",
        "n",
        _say("neighbours"),
        "In the surface the neighbours that decide for a row, then for the next one; the most contested rows first.",
        lambda now: now.neighbours and "surface" in now.sight,
        _SURFACE,
        "the neighbours that decide for the next row",
    ),
    Command(
        "events",
        "v",
        "v",
        _say("events"),
        "The rows behind the numbers, one by one: the worst mistakes, or what is marked in Matrix or Scores.",
        lambda now: now.events and "events" not in now.sight,
        _JUDGED,
        "events: the rows behind the numbers, one by one",
    ),
    Command(
        "best_cut",
        "z",
        "z",
        _say("best cut"),
        "The threshold to the best cut: where the significance that Yields shows is highest.",
        lambda now: now.binary,
        frozenset({"yields"}),
        "threshold to the best cut",
    ),
    Command(
        "variable",
        "i",
        "i",
        _say("variable"),
        "The next variable (input), in the pictures of one, and with I the one before.",
        lambda now: bool(now.variables),
        title="the next variable",
    ),
    Command(
        "variable_before",
        "I",
        "",
        _say("variable before"),
        "The variable before.",
        lambda now: bool(now.variables),
    ),
    Command("metric", "m", "m", _say("metric"), "The next metric of the curve.", lambda now: now.metrics > 1, _CURVE),
    Command(
        "log",
        "l",
        "l",
        _say("log"),
        "The curve on a logarithmic axis, and back.",
        lambda now: now.metrics > 0,
        _CURVE,
        "logarithmic axis",
    ),
    Command(
        "hidden",
        "h",
        "h",
        _hidden_words,
        "From the network to what its first hidden layer makes of the rows, to the next layer's, and back.",
        lambda now: now.hidden > 0 and "network" in now.sight,
        _NETWORK,
        "what the next hidden layer makes of the rows",
    ),
    Command(
        "back",
        "comma",
        ", .",
        _say("time"),
        "Back and forth in time, through the snapshots kept of the run.",
        lambda now: now.snapshots,
        _PICTURES,
        "back in time",
        "forth",
    ),
    Command("forth", "full_stop", "", _say("forth in time"), "Towards now.", lambda now: now.back),
    Command(
        "guesses",
        "g",
        "g",
        _say("take the guesses"),
        "Put what the data look like into the form: target, weight, values that mean missing.",
        lambda now: now.guesses and now.setup,
        title="take what the data look like into the form",
    ),
    Command("undo", "u", "u", _say("undo"), "Take the last edit of the form back.", lambda now: now.undo and now.setup),
    Command(
        "experts",
        "e",
        "e",
        lambda now: "fewer" if now.experts else "more",
        "Show every setting, or the basic ones only.",
        lambda now: now.setup,
        title="all settings, or the basic ones",
    ),
    Command(
        "data",
        "d",
        "d",
        _say("data"),
        "Look at the data: columns, classes, ranges, missing values.",
        lambda now: now.setup,
    ),
    Command(
        "grow",
        "enter",
        "↵",
        _say("grow"),
        "Give the view in focus the whole right side; esc shrinks it.",
        lambda now: now.grows and not now.row,
    ),
    Command(
        "leave",
        "escape",
        "esc",
        lambda now: "shrink" if now.grown else "leave",
        "Leave the field; shrink the view.",
        lambda now: now.grown or bool(now.row) or now.view,
    ),
    Command(
        "previous_view",
        "left",
        "← →",
        _say("views"),
        "The view before and after; the setup and the first views also by 1 to 9 and 0.",
        lambda now: now.views,
        title="previous view",
        partner="next_view",
    ),
    Command("next_view", "right", "", _say("next view"), "The view after.", lambda now: now.views),
    Command(
        "predict",
        "p",
        "p",
        _say("predict"),
        "Score new files with the run's model; the scores land where mltui was started, in a folder.",
        lambda now: now.model,
        title="predict: score new files with the run's model",
    ),
    Command(
        "code",
        "c",
        "c",
        _say("code"),
        "The run in view, or the setup where it says something else, as a plain script without mltui; w writes it.",
        title="code: the same as a plain Python script",
    ),
    Command(
        "queue",
        "Q",
        "Q",
        _say("queue"),
        "Queue the experiment: it starts when those before it are done, whatever becomes of the lab.",
        title="queue the experiment, to start when those before it are done",
    ),
    Command(
        "cost",
        "K",
        "K",
        _say("cost"),
        "What a run of the setup would take in time, memory and disk, from a few seconds of it.",
        title="cost: what a run of the setup would take",
    ),
    Command("runs", "R", "R", _say("runs"), "Every run and the queue: open, stop, resume, delete, move, cancel."),
    Command(
        "write",
        "w",
        "w",
        _say("write"),
        "Write the experiment or the view in front to a file where mltui started.",
    ),
    Command("copy", "y", "y", _say("copy"), "Copy the view, or the experiment, to the clipboard and to a file."),
    Command("help", "question_mark", "?", _say("help"), "What is in front of you: how to read it, what to try next."),
)


def available(action: str, now: Now) -> bool:
    """Whether an action works now; actions that are no command always do."""
    return next((c.when(now) for c in COMMANDS if c.action == action), True)
