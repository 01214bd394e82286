"""What the form holds: edits, errors, and that it means the same as a file."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mltui.core.errors import InputError
from mltui.runs.experiments import check, load
from mltui.ui.changes import changed
from mltui.ui.fields import OWN
from mltui.ui.line_edit import LineEdit
from mltui.ui.sheet import WELCOME, Sheet

TEXT = """
name = "by hand"
seed = 7
[data]
dataset = "moons"
options = { samples = 300, noise = 0.25 }
[split]
train = 0.5
validation = 0.3
[preprocess]
scale = "minmax"
[model]
name = "mlp"
hidden_layers = [16, 4]
activation = "tanh"
[training]
epochs = 12
learning_rate = 0.02
early_stopping = 5
"""


def test_the_form_and_the_file_are_one_experiment(tmp_path: Path) -> None:
    path = tmp_path / "toy.toml"
    path.write_text(TEXT)
    from_file = load(path)
    typed = Sheet.welcome().put("data.dataset", "moons")
    for key, text in {
        "name": "by hand", "seed": "7", "data.options.samples": "300", "data.options.noise": "0.25",
        "split.train": "0.5", "split.validation": "0.3", "preprocess.scale": "minmax",
        "model.hidden_layers": "16, 4", "model.activation": "tanh", "training.epochs": "12",
        "training.batch_size": "32", "training.learning_rate": "2e-2", "training.early_stopping": "5",
    }.items():  # fmt: skip
        typed = typed.typed(key, text)
    assert typed.experiment() == from_file
    assert Sheet.of(from_file).experiment() == from_file


def test_what_the_form_writes_the_file_reader_reads_back(tmp_path: Path) -> None:
    for model in ("mlp", "knn", "hist_gradient_boosting", "random_forest"):
        experiment = Sheet.welcome().put("model.name", model).experiment()
        path = tmp_path / f"{model}.toml"
        path.write_text(experiment.to_toml())
        assert load(path) == experiment


def test_models_of_two_classes_are_passed_over_and_refused_at_their_row() -> None:
    iris = Sheet.welcome().put("model.name", "cuts").put("data.dataset", "iris")
    assert iris.model == "mlp"
    assert "cuts" not in iris.models()
    asked = iris.put("model.name", "cuts")
    assert "tells two classes apart; models that do many: mlp, " in asked.error("model.name")
    two = asked.put("data.cut", "species != 'setosa'")
    assert "cuts" in two.models()
    assert two.error("model.name") == ""


def test_a_wrong_text_is_said_in_the_declarations_words_and_the_last_good_value_stays() -> None:
    sheet = Sheet.welcome().typed("training.learning_rate", "-0.1")
    assert sheet.error("training.learning_rate") == "learning rate must be a number above 0 and at most 1000, not -0.1"
    assert sheet.text("training.learning_rate") == "-0.1"
    assert sheet.value("training.learning_rate") == WELCOME["training"]["learning_rate"]
    with pytest.raises(InputError, match="above 0") as caught:
        sheet.experiment()
    assert caught.value.key == "training.learning_rate"
    assert sheet.typed("training.learning_rate", "0.1").experiment().training["learning_rate"] == 0.1


def test_shares_that_add_up_to_too_much_are_said_at_their_row() -> None:
    sheet = Sheet.welcome().typed("split.test", "0.9")
    assert "add up to 1.7" in sheet.error("split.test")
    assert sheet.problem is not None


def test_a_text_half_typed_for_one_field_does_not_hide_another() -> None:
    sheet = Sheet.welcome().typed("training.epochs", "many").typed("model.dropout", "2")
    assert "whole number" in sheet.error("training.epochs")
    assert "below 1" in sheet.error("model.dropout")


def test_stepping_goes_by_one_two_five_on_a_log_scale_and_round_the_choices() -> None:
    sheet = Sheet.welcome().typed("training.learning_rate", "0.01")
    assert sheet.stepped("training.learning_rate", 1).value("training.learning_rate") == pytest.approx(0.02)
    assert sheet.stepped("training.learning_rate", -1).value("training.learning_rate") == pytest.approx(0.005)
    names = set()
    for _ in range(30):
        sheet = sheet.stepped("model.activation", 1)
        names.add(sheet.text("model.activation"))
    assert {"relu", "tanh", "sigmoid"} <= names


def test_models_step_only_through_those_that_do_the_task() -> None:
    sheet = Sheet.welcome()
    for _ in range(20):
        sheet = sheet.stepped("model.name", 1)
        assert sheet.problem is None, sheet.model
        assert sheet.model != "linear_regression"


def test_another_dataset_takes_a_model_that_fits_and_going_back_finds_the_settings() -> None:
    sheet = Sheet.welcome().put("model.name", "logistic_regression").put("data.options.noise", 0.3)
    there = sheet.put("data.dataset", "diabetes")
    assert there.problem is None
    assert "regression" in str(there.task)
    assert there.put("data.dataset", "circles").value("data.options.noise") == 0.3


def test_another_model_keeps_what_both_know_and_going_back_finds_the_rest() -> None:
    sheet = Sheet.welcome().typed("model.hidden_layers", "3")
    other = sheet.put("model.name", "knn")
    assert other.experiment().model.name == "knn"
    assert other.put("model.name", "mlp").value("model.hidden_layers") == (3,)


def test_another_model_keeps_its_own_ways_where_its_defaults_differ() -> None:
    perceptron = Sheet.welcome().put("model.name", "perceptron").experiment().training
    assert perceptron["epochs"] == WELCOME["training"]["epochs"]
    assert (perceptron["optimizer"], perceptron["batch_size"], perceptron["learning_rate"]) == ("sgd", 1, 0.1)


def test_a_model_that_does_not_do_the_task_is_said_before_it_runs() -> None:
    document = {**WELCOME, "data": {"dataset": "diabetes"}, "model": {"name": "logistic_regression"}, "training": {}}
    sheet = Sheet.of(check(document))
    assert "regression" in sheet.error("model.name")


def test_what_greeted_gives_its_name_away_with_its_data_and_a_name_of_ones_own_stays() -> None:
    assert Sheet.welcome().put("data.dataset", "moons").experiment().name == "untitled"
    assert Sheet.welcome().put("name", "mine").put("data.dataset", "moons").experiment().name == "mine"


def test_own_files_without_a_file_say_what_to_do_and_survive_as_a_draft() -> None:
    sheet = Sheet.welcome().put("data.dataset", OWN)
    assert sheet.problem is not None
    assert sheet.problem.key == "data.files"
    assert [f.declared.name for f in sheet.fields if f.section == "data" and not f.expert] == [
        "dataset", "files", "target", "features", "weight", "cut",
    ]  # fmt: skip
    restored = Sheet.restored(sheet.document)
    assert restored is not None
    assert restored.dataset is None
    with_file = sheet.typed("data.files", "a.root")
    assert with_file.problem is None
    assert with_file.field("data.tree") is not None
    with pytest.raises(InputError, match="column to learn"):
        with_file.experiment()
    assert with_file.typed("data.target", "label").experiment().data.target == "label"


@pytest.mark.parametrize("document", [{}, {"model": 3}, {"model": {"name": "no"}}, {"data": {"dataset": 5}}])
def test_a_draft_that_makes_no_sense_is_not_restored(document: dict[str, object]) -> None:
    assert Sheet.restored(document) is None


def test_none_is_an_empty_field_and_comes_back() -> None:
    sheet = Sheet.welcome().typed("training.early_stopping", "5")
    assert sheet.experiment().training["early_stopping"] == 5
    assert sheet.typed("training.early_stopping", "").experiment().training["early_stopping"] is None


def test_at_most_eight_basic_settings_of_a_model() -> None:
    for model in Sheet.welcome().models():
        fields = Sheet.welcome().put("model.name", model).fields
        assert len([f for f in fields if not f.expert and f.section in ("model", "training")]) - 1 <= 8, model


def keys(sheet: Sheet) -> set[str]:
    return {row.key for row in sheet.fields}


def test_rows_are_there_only_where_they_mean_something_and_their_values_are_found_again() -> None:
    sheet = Sheet.welcome()
    assert {"training.beta1", "training.beta2", "training.epsilon", "training.batch_size"} <= keys(sheet)
    assert not {"training.momentum", "training.alpha", "training.population", "training.decay_every"} & keys(sheet)
    set_up = sheet.typed("training.beta1", "0.5").put("training.optimizer", "momentum").typed("training.momentum", "0")
    assert "training.beta1" not in keys(set_up)
    assert set_up.problem is None
    assert set_up.experiment().training["beta1"] == 0.9
    assert set_up.experiment().training["momentum"] == 0
    back = set_up.put("training.optimizer", "adam")
    assert back.problem is None
    assert back.value("training.beta1") == 0.5
    assert back.experiment().training["momentum"] == 0.9
    whole = back.put("training.optimizer", "newton")
    assert not {"training.batch_size", "training.beta1", "training.clip_norm"} & keys(whole)
    assert whole.put("training.schedule", "step").value("training.decay_every") == 10


def test_what_cannot_be_read_in_a_row_that_has_gone_makes_nothing_wrong() -> None:
    sheet = Sheet.welcome().typed("training.beta1", "2")
    assert "beta1 must be" in sheet.error("training.beta1")
    assert sheet.problem is not None
    gone = sheet.put("training.optimizer", "sgd")
    assert gone.problem is None
    assert gone.put("training.optimizer", "nadam").problem is not None


def test_a_draft_with_a_value_of_a_row_that_has_gone_comes_back() -> None:
    sheet = Sheet.welcome().typed("training.beta1", "0.5").put("training.optimizer", "sgd")
    restored = Sheet.restored(sheet.document)
    assert restored is not None
    assert restored.experiment() == sheet.experiment()
    assert restored.put("training.optimizer", "adam").value("training.beta1") == 0.5


def test_a_linear_model_has_the_rows_of_its_solver() -> None:
    sheet = Sheet.welcome().put("model.name", "logistic_regression")
    assert [row.key for row in sheet.fields if row.section in ("model", "training") and not row.expert] == [
        "model.name", "model.solver", "model.C", "model.l1_ratio",
    ]  # fmt: skip
    assert sheet.experiment().idle >= {"training.epochs", "training.beta1"}
    steps = sheet.put("model.C", 5.0).put("model.solver", "gradient")
    assert steps.problem is None
    assert [row.key for row in steps.fields if row.section in ("model", "training") and not row.expert] == [
        "model.name", "model.solver", "training.epochs", "training.batch_size", "training.optimizer",
        "training.learning_rate", "training.early_stopping",
    ]  # fmt: skip
    assert "training.beta1" in keys(steps)
    assert "training.beta1" not in keys(steps.put("training.optimizer", "sgd"))
    assert steps.put("model.solver", "lbfgs").value("model.C") == 5.0
    assert (sheet.rehearsal, steps.rehearsal) == (
        "logistic_regression solver=lbfgs",
        "logistic_regression solver=gradient",
    )
    assert Sheet.welcome().rehearsal == "mlp"


OPTIMIZERS = ("gradient_descent", "sgd", "nesterov", "rmsprop", "adam", "newton", "genetic")
EDITS: dict[str, st.SearchStrategy[Any]] = {
    "model.solver": st.sampled_from(["lbfgs", "gradient"]),
    "training.optimizer": st.sampled_from(OPTIMIZERS),
    "training.schedule": st.sampled_from(["constant", "step", "plateau"]),
    "training.momentum": st.floats(0, 0.99),
    "training.beta2": st.floats(0, 0.99),
    "training.decay_factor": st.floats(0.1, 0.9),
    "training.batch_size": st.integers(1, 99),
    "model.C": st.floats(0.1, 9),
}


@given(st.sampled_from(["mlp", "logistic_regression", "perceptron"]), st.data())
def test_whatever_is_set_where_there_is_a_row_is_an_experiment(model: str, data: st.DataObject) -> None:
    sheet = Sheet.welcome().put("model.name", model)
    for key in data.draw(st.lists(st.sampled_from(sorted(EDITS)), max_size=6)):
        if sheet.field(key) is not None:
            sheet = sheet.put(key, data.draw(EDITS[key]))
    assert sheet.problem is None
    assert Sheet.of(sheet.experiment()).experiment() == sheet.experiment()
    assert check(sheet.experiment().document()) == sheet.experiment()


def test_no_hidden_layer_at_all_is_an_empty_field_and_an_empty_list_in_a_file(tmp_path: Path) -> None:
    typed = Sheet.welcome().typed("model.hidden_layers", "")
    path = tmp_path / "straight.toml"
    path.write_text('[data]\ndataset = "moons"\n[model]\nname = "mlp"\nhidden_layers = []\n')
    assert typed.experiment().model.hyperparameters["hidden_layers"] == ()
    assert load(path).model.hyperparameters["hidden_layers"] == ()
    assert load(path, ["model.hidden_layers=[3]"]).model.hyperparameters["hidden_layers"] == (3,)
    path.write_text(typed.experiment().to_toml())
    assert load(path) == typed.experiment()
    assert typed.text("model.hidden_layers") == ""


def test_an_activation_for_each_layer_is_counted_in_the_form() -> None:
    sheet = Sheet.welcome().typed("model.activation", "tanh, relu")
    assert sheet.experiment().model.hyperparameters["activation"] == ("tanh", "relu")
    short = sheet.typed("model.hidden_layers", "8")
    assert short.error("model.activation") == (
        "model.activation must be one for all layers or one for each, and there are 2 for 1 hidden layer"
    )
    assert short.typed("model.activation", "tanh").problem is None


def test_what_changed_is_said_in_few_words() -> None:
    one = Sheet.welcome().typed("training.learning_rate", "0.003")
    assert changed(one.experiment(), one.experiment()) == ""
    other = one.typed("training.learning_rate", "0.1")
    assert changed(one.experiment(), other.experiment()) == "learning_rate 0.003 → 0.1"
    more = other.typed("model.hidden_layers", "4").typed("training.epochs", "5").typed("seed", "2")
    words = changed(one.experiment(), more.experiment())
    assert words.startswith("hidden_layers 8-8 → 4, epochs ")
    assert words.endswith(" and 2 more")
    assert changed(one.experiment(), one.put("model.name", "knn").experiment()) == "model mlp → knn"
    assert changed(one.experiment(), one.put("data.dataset", "xor").experiment()) == "data circles → xor"
    rolling = one.put("training.optimizer", "momentum")
    assert changed(one.experiment(), rolling.experiment()) == "optimizer adam → momentum"
    far = rolling.put("training.momentum", 0.99)
    assert changed(one.experiment(), far.experiment()) == "optimizer adam → momentum, momentum 0.9 → 0.99"
    assert changed(one.experiment(), one.put("model.activation", "relu").experiment()) == "activation tanh → relu"


def test_a_line_is_edited_where_the_cursor_stands() -> None:
    line = LineEdit.opened("0.03")
    assert line.insert("1").text == "1"
    moved = line.press("left")
    assert moved is not None
    assert moved.insert("1").text == "0.013"
    erased = moved.press("backspace")
    assert erased is not None
    assert erased.text == "0.3"
    assert line.press("f5") is None
    assert line.insert("a\nb").text == "a b"


@given(st.text(max_size=30), st.integers(0, 40), st.integers(2, 12))
def test_the_cursor_is_always_in_sight(text: str, cursor: int, width: int) -> None:
    seen, place = LineEdit(text, min(cursor, len(text))).seen(width)
    assert 0 <= place < width
    assert len(seen) <= width


@given(st.dictionaries(st.sampled_from([f.key for f in Sheet.welcome().fields]), st.text(max_size=8), max_size=6))
def test_whatever_is_typed_the_form_says_an_experiment_or_one_sentence(typed: dict[str, str]) -> None:
    sheet = Sheet.welcome()
    for key, text in typed.items():
        if key not in ("data.dataset", "model.name"):
            sheet = sheet.typed(key, text)
    if sheet.problem is None:
        assert Sheet.of(sheet.experiment()).experiment() == sheet.experiment()
    else:
        assert "\n" not in sheet.problem.sentence


def test_of_a_list_of_names_only_those_that_came_or_went_are_said() -> None:
    own = Sheet.welcome().put("data.dataset", OWN).put_all({"files": ("a.csv",), "target": "y"})

    def said(before: tuple[str, ...], after: tuple[str, ...]) -> str:
        return changed(own.put("data.features", before).experiment(), own.put("data.features", after).experiment())

    assert said(("pt", "eta", "phi"), ("pt", "phi")) == "features without eta"
    assert said(("pt",), ("pt", "eta", "pt/m")) == "features with eta, pt/m"
    assert said(("pt", "eta"), ("pt", "phi")) == "features with phi, without eta"
    assert said(tuple("abcdefg"), ("h",)) == "features 7 → 1 names"
    assert changed(own.experiment(), own.put("data.exclude", ("pt",)).experiment()) == "exclude none → pt"
