"""An experiment goes to TOML and back unchanged, and every mistake in a file is told with its line."""

from __future__ import annotations

import tomllib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mltui.core.errors import InputError
from mltui.core.experiment import Experiment, Known, data_name
from mltui.core.hyperparameters import Hyperparameter, Value
from mltui.core.sections import TASKS, Data, Model, Preprocess, Split
from mltui.core.source import Source


def _suit(_hyperparameters: Mapping[str, Value], _training: Mapping[str, Value]) -> None:
    """These settings suit each other, whatever they are."""


@dataclass(frozen=True)
class Declared:
    hyperparameters: tuple[Hyperparameter, ...]
    training: tuple[Hyperparameter, ...] = ()
    check: Callable[[Mapping[str, Value], Mapping[str, Value]], None] = _suit


RATE = Hyperparameter(name="learning_rate", kind="number", default=0.01, above=0, log=True, help="Step size.")
EPOCHS = Hyperparameter(name="epochs", kind="integer", default=50, low=1, log=True, help="Passes.")
PATIENCE = Hyperparameter(name="early_stopping", kind="integer", default=10, low=1, optional=True, help="Patience.")
LAYERS = Hyperparameter(name="hidden_layers", kind="integers", default=(8, 8), low=1, help="Sizes.")
SAMPLES = Hyperparameter(name="samples", kind="integer", default=500, low=10, help="Rows.")
NOISE = Hyperparameter(name="noise", kind="number", default=0.1, low=0, help="Blur.")
CLASS_WEIGHT = Hyperparameter(
    name="class_weight", kind="choice", default="none", choices=("none", "balanced"), help="Balance."
)
SOLVER = Hyperparameter(name="solver", kind="choice", default="exact", choices=("exact", "gradient"), help="Way.")
BENDS = Hyperparameter(name="bends", kind="choices", default=("relu",), choices=("relu", "elu"), help="Bends.")
OPTIMIZER = Hyperparameter(
    name="optimizer",
    kind="choice",
    default="adam",
    choices=("sgd", "adam"),
    help="Steps.",
    only=("model.solver", ("gradient",)),
)
BETA = Hyperparameter(name="beta1", kind="number", default=0.9, help="Past.", only=("training.optimizer", ("adam",)))


def _no_odd_steps(hyperparameters: Mapping[str, Value], training: Mapping[str, Value]) -> None:
    if hyperparameters["bends"] == ("elu",) and training["optimizer"] == "sgd":
        raise InputError("model.bends = elu does not go with training.optimizer = sgd", key="model.bends")


KNOWN = Known(
    datasets={"circles": (SAMPLES, NOISE), "iris": ()},
    models={
        "mlp": Declared((LAYERS,), (EPOCHS, RATE, PATIENCE)),
        "knn": Declared(()),
        "tree": Declared((CLASS_WEIGHT,)),
        "line": Declared((SOLVER, BENDS), (OPTIMIZER, BETA), _no_odd_steps),
    },
)
TOY = """\
format = 1
name = "toy"

[data]
dataset = "circles"
options = { samples = 100 }

[split]
train = 0.5
test = 0.1

[model]
name = "mlp"
hidden_layers = [
    4,
    2,
]

[training]
learning_rate = 0.1  # fast
"""


def parse(text: str, *settings: str) -> Experiment:
    return Experiment.parse(Source("toy.toml", text), KNOWN, settings)


def test_what_is_not_given_gets_its_default() -> None:
    experiment = parse(TOY)
    assert experiment == Experiment(
        data=Data(dataset="circles", options={"samples": 100, "noise": 0.1}),
        model=Model("mlp", {"hidden_layers": (4, 2)}),
        training={"epochs": 50, "learning_rate": 0.1, "early_stopping": 10},
        split=Split(train=0.5, test=0.1),
        name="toy",
    )


def test_settings_lie_over_the_file_as_toml_values_or_bare_words() -> None:
    experiment = parse(
        TOY,
        "training.learning_rate=1e-3",
        "model.hidden_layers=[3]",
        "name=other",
        "data.options.noise = 0.5",
        "training.early_stopping=none",
        "preprocess.scale=minmax",
        "split.stratify=false",
    )
    assert experiment.training == {"epochs": 50, "learning_rate": 0.001, "early_stopping": None}
    assert experiment.model.hyperparameters["hidden_layers"] == (3,)
    assert experiment.name == "other"
    assert experiment.data.options == {"samples": 100, "noise": 0.5}
    assert experiment.preprocess.scale == ("minmax",)
    assert experiment.split.stratify is False


@pytest.mark.parametrize(
    ("old", "new", "sentence"),
    [
        ("name =", "nam =", "toy.toml, line 2: unknown key nam; did you mean name?"),
        (
            "learning_rate =",
            "learning_rat =",
            "toy.toml, line 20: unknown key training.learning_rat; did you mean learning_rate?",
        ),
        ("= 0.1  # fast", "= -1", "toy.toml, line 20: training.learning_rate must be a number above 0, not -1"),
        ("test = 0.1", "test = 1.5", "toy.toml, line 10: split.test must be a number from 0 to 1, not 1.5"),
        (
            "test = 0.1",
            "test = 0.4",
            "toy.toml, line 10: split.train, split.validation and split.test add up to 1.1; ",
        ),
        ("    2,", "    0,", "toy.toml, line 14: model.hidden_layers must be whole numbers at least 1, not 0"),
        ('"circles"', '"circle"', "toy.toml, line 5: there is no dataset 'circle'; did you mean circles?"),
        ('"mlp"', '"mpl"', "toy.toml, line 13: there is no model 'mpl'; did you mean mlp?"),
        (
            "samples = 100",
            "samples = 1",
            "toy.toml, line 6: data.options.samples must be a whole number at least 10, not 1",
        ),
        (
            "samples = 100",
            "sample = 100",
            "toy.toml, line 6: unknown key data.options.sample; did you mean samples?",
        ),
        ("format = 1", "format = 2", "toy.toml, line 1: format 2 is newer than this mltui reads (1); "),
        ("format = 1", 'format = "1"', "toy.toml, line 1: format must be 1, not '1'"),
        ('dataset = "circles"', "", "toy.toml, line 4: data needs a dataset from the catalogue"),
        (
            'dataset = "circles"',
            'dataset = "circles"\nfiles = ["a.csv"]',
            "toy.toml, line 6: data has both dataset and files; keep one",
        ),
        (
            'dataset = "circles"',
            'files = ["a.csv"]',
            "toy.toml, line 6: data.options belong to a catalogue dataset, not to files",
        ),
        ('name = "mlp"', "", 'toy.toml, line 12: model needs a name, such as name = "mlp"'),
        ("format = 1", "format = 1\ntraining = 3", "toy.toml is not valid TOML: "),
        ('name = "toy"', "name = 3", "toy.toml, line 2: name must be text, not 3"),
        ("[split]", "[split]\nseed = -1", "toy.toml, line 9: split.seed must be a whole number from 0 to"),
        ("[split]", "[split", "toy.toml is not valid TOML: "),
    ],
)
def test_a_mistake_is_told_with_its_line_and_what_would_be_right(old: str, new: str, sentence: str) -> None:
    assert old in TOY
    with pytest.raises(InputError) as raised:
        parse(TOY.replace(old, new, 1))
    assert raised.value.sentence.startswith(sentence)


@pytest.mark.parametrize(
    ("setting", "sentence"),
    [
        (
            "training.learning_rate=-1",
            "--set training.learning_rate: training.learning_rate must be a number above 0, not -1",
        ),
        ("training.epoch=3", "--set training.epoch: unknown key training.epoch; did you mean epochs?"),
        ("training.epochs", "--set training.epochs: write KEY=VALUE, such as training.learning_rate=0.1"),
        ("=3", "--set =3: write KEY=VALUE, such as training.learning_rate=0.1"),
        ("name.first=x", "--set name.first=x: name is not a table"),
        (
            "data.options={samples = 1}",
            "--set data.options: data.options.samples must be a whole number at least 10, not 1",
        ),
        ("model=mlp", "--set model: model must be a table, written [model]"),
        ("name=\udcff", "--set name: the value must be printable text, not '\\udcff'"),
        ("training..epochs=3", "--set training..epochs=3: write KEY=VALUE, such as training.learning_rate=0.1"),
    ],
)
def test_a_mistaken_setting_is_told_by_its_name(setting: str, sentence: str) -> None:
    with pytest.raises(InputError) as raised:
        parse(TOY, setting)
    assert raised.value.sentence == sentence


def test_a_setting_cannot_smuggle_in_a_second_one() -> None:
    with pytest.raises(InputError):
        parse(TOY, "training.epochs=3\nepochs = 4")


@pytest.mark.parametrize("section", ["data", "split", "preprocess", "model", "training"])
def test_a_section_must_be_a_table(section: str) -> None:
    with pytest.raises(InputError, match=rf"^{section} must be a table, written \[{section}\]$"):
        Experiment.check({section: 3}, KNOWN)


words = st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=12)
numbers = st.floats(allow_nan=False, allow_infinity=False)
datas = st.builds(
    Data,
    dataset=st.just("circles"),
    options=st.fixed_dictionaries({"samples": st.integers(10, 10**6), "noise": st.floats(0, 5)}),
    target=st.none() | words.filter(lambda w: w != "none"),
    features=st.lists(words).map(tuple),
    exclude=st.lists(words).map(tuple),
    missing=st.lists(words | numbers | st.integers(-(2**60), 2**60)).map(tuple),
    rows=st.none() | st.integers(10, 10**9),
    task=st.none() | st.sampled_from(TASKS),
)
splits = st.builds(
    Split,
    train=st.floats(0, 0.5, exclude_min=True),
    validation=st.floats(0, 0.25),
    test=st.floats(0, 0.25),
    stratify=st.booleans(),
    seed=st.integers(0, 2**31),
)
steps = st.lists(st.sampled_from(["standard", "minmax", "robust", "quantile", "pca"]), min_size=1, max_size=5)
scales = st.just(("none",)) | steps.map(tuple)
experiments = st.builds(
    Experiment,
    data=datas,
    model=st.builds(
        Model, st.just("mlp"), st.fixed_dictionaries({"hidden_layers": st.lists(st.integers(1, 99)).map(tuple)})
    ),
    training=st.fixed_dictionaries(
        {
            "epochs": st.integers(1, 10**9),
            "learning_rate": st.floats(0, 1e9, exclude_min=True),
            "early_stopping": st.none() | st.integers(1, 99),
        }
    ),
    split=splits,
    preprocess=st.builds(Preprocess, scale=scales),
    name=words,
    seed=st.integers(0, 2**31),
)


@given(experiments)
def test_an_experiment_comes_back_from_toml_as_it_was(experiment: Experiment) -> None:
    text = experiment.to_toml()
    assert parse(text) == experiment
    assert tomllib.loads(text)["format"] == 1


@pytest.mark.parametrize(
    ("written", "value"),
    [
        ("pca", ("pca",)),
        ('["minmax"]', ("minmax",)),
        ("standard,pca", ("standard", "pca")),
        ('["pca", "robust"]', ("pca", "robust")),
    ],
)
def test_a_scaling_is_a_word_or_a_list_and_is_written_as_short_as_it_can(written: str, value: tuple[str, ...]) -> None:
    experiment = parse(TOY, f"preprocess.scale={written}")
    assert experiment.preprocess.scale == value
    back = tomllib.loads(experiment.to_toml())["preprocess"]["scale"]
    assert back == (value[0] if len(value) == 1 else list(value))


def test_classes_are_balanced_once() -> None:
    for said in ({"balance": "classes"}, {"balance": "none"}):
        for weight in ("balanced", "none"):
            model = {"name": "tree", "class_weight": weight}
            document = {"data": {"dataset": "iris"}, "model": model, "preprocess": said}
            if (said["balance"], weight) != ("classes", "balanced"):
                assert Experiment.check(document, KNOWN).model.hyperparameters == {"class_weight": weight}
                continue
            with pytest.raises(InputError, match="each let the classes count alike, and together") as raised:
                Experiment.check(document, KNOWN)
            assert raised.value.key == "model.class_weight"


def test_a_wrong_step_of_a_scaling_is_named_with_the_right_one() -> None:
    with pytest.raises(InputError) as raised:
        parse(TOY, 'preprocess.scale=["standard", "pac"]')
    assert raised.value.sentence == "--set preprocess.scale: preprocess.scale cannot be 'pac'; did you mean pca?"
    with pytest.raises(InputError, match=r"preprocess\.scale is none or a list of others, not both"):
        parse(TOY, 'preprocess.scale=["none", "pca"]')


LINE = """\
[data]
dataset = "iris"
[model]
name = "line"
{}
[training]
{}
"""


def line(model: str = "", training: str = "", *settings: str) -> Experiment:
    return parse(LINE.format(model, training), *settings)


def test_a_setting_that_means_nothing_beside_the_others_is_refused_with_its_line() -> None:
    with pytest.raises(InputError) as raised:
        line('solver = "exact"', "beta1 = 0.5")
    assert raised.value.key == "training.beta1"
    assert raised.value.sentence == (
        "toy.toml, line 7: training.beta1 is for model.solver = gradient, and here that is exact; leave it out"
    )
    with pytest.raises(InputError) as raised:
        line('solver = "gradient"', 'optimizer = "sgd"', "training.beta1=0.5")
    assert raised.value.sentence == (
        "--set training.beta1: training.beta1 is for training.optimizer = adam, and here that is sgd; leave it out"
    )
    assert line('solver = "gradient"', "beta1 = 0.5").training == {"optimizer": "adam", "beta1": 0.5}


def test_settings_that_mean_nothing_have_their_defaults_and_are_not_written() -> None:
    usual, steps = line(), line('solver = "gradient"', 'optimizer = "sgd"')
    assert line("", "beta1 = 0.9") == usual
    assert usual.training == {"optimizer": "adam", "beta1": 0.9}
    assert usual.idle == {"training.optimizer", "training.beta1"}
    assert usual.document()["training"] == {}
    assert "[training]" not in usual.to_toml()
    assert usual.document(whole=True)["training"] == usual.training
    assert steps.document()["training"] == {"optimizer": "sgd"}
    for experiment in (usual, steps):
        assert parse(experiment.to_toml()) == experiment
        assert parse(experiment.to_toml()).idle == experiment.idle
        assert Experiment.check(experiment.document(whole=True), KNOWN) == experiment


def test_one_of_several_choices_of_a_model_is_written_as_a_word() -> None:
    for written, value in (('"elu"', "elu"), ('["relu"]', "relu"), ('["relu", "elu"]', ["relu", "elu"])):
        experiment = line(f"bends = {written}")
        assert tomllib.loads(experiment.to_toml())["model"]["bends"] == value
        assert parse(experiment.to_toml()) == experiment


def test_a_model_refuses_settings_that_do_not_go_together() -> None:
    line('bends = "elu"\nsolver = "gradient"')
    with pytest.raises(InputError) as raised:
        line('bends = "elu"\nsolver = "gradient"', 'optimizer = "sgd"')
    assert raised.value.key == "model.bends"
    assert raised.value.sentence.startswith("toy.toml, line 5: model.bends = elu does not go with")


def tried(action: Callable[[], Experiment]) -> Experiment | InputError:
    try:
        return action()
    except InputError as error:
        return error


json_like = st.recursive(
    st.none() | st.booleans() | st.integers() | numbers | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=8,
)
sections = st.sampled_from(["format", "name", "seed", "data", "split", "preprocess", "model", "training", "resolved"])
keys = st.sampled_from(
    ["dataset", "options", "files", "features", "rows", "name", "train", "test", "scale", "epochs", "samples", "task"]
)


@given(st.dictionaries(sections | st.text(max_size=5), json_like | st.dictionaries(keys, json_like), max_size=5))
def test_whatever_is_in_a_document_is_an_experiment_or_a_sentence(document: dict[str, Any]) -> None:
    outcome = tried(lambda: Experiment.check(document, KNOWN))
    if isinstance(outcome, InputError):
        assert outcome.sentence
        assert outcome.key is not None
    else:
        assert replace(outcome, resolved={}) == outcome


@given(st.text(max_size=60))
def test_any_setting_is_taken_or_refused_in_a_sentence(setting: str) -> None:
    outcome = tried(lambda: parse(TOY, setting))
    assert outcome.sentence if isinstance(outcome, InputError) else outcome.name


FILES = """\
[data]
files = ["a.csv"]
target = "y"
{}
[model]
name = "knn"
"""
SAMPLES_OF = """\
[[data.samples]]
label = "signal"
files = ["s.root"]
tree = "S"
[[data.samples]]
label = "background"
process = "Z"
files = ["z.root", "w.root"]
weight = "1"
{}
[model]
name = "knn"
"""


def test_how_a_file_is_read_comes_back_from_toml() -> None:
    more = (
        'kinds = { year = "category", size = ["S", "M"] }\ntitles = { m = "mass [GeV]" }\nheader = false\n'
        'columns = ["a", "b"]\nseparator = "tab"\ndecimal = ","\nencoding = "latin-1"\nskip = 2\n'
    )
    experiment = parse(FILES.format(more))
    assert experiment.data.kinds == {"year": "category", "size": ("S", "M")}
    assert (experiment.data.header, experiment.data.separator, experiment.data.skip) == (False, "tab", 2)
    assert parse(experiment.to_toml()) == experiment


def test_samples_come_back_from_toml() -> None:
    experiment = parse(SAMPLES_OF.format(""))
    assert [sample.label for sample in experiment.data.samples] == ["signal", "background"]
    assert experiment.data.samples[1].files == ("z.root", "w.root")
    assert experiment.data.samples[0].weight is None
    assert parse(experiment.to_toml()) == experiment


def test_samples_are_called_by_their_labels_or_else_by_what_else_they_say() -> None:
    files = [{"files": ["d/a.root"]}, {"process": "Z", "files": ["z.root"]}, {"label": "s", "files": ["s.root"]}]
    assert data_name({"samples": files}) == "a.root, Z, s"
    assert data_name({"samples": [{"label": "s"}, {"label": "s"}, 3]}) == "s"


@pytest.mark.parametrize(
    ("text", "key", "said"),
    [
        (SAMPLES_OF.replace('files = ["s.root"]', ""), "data.samples.0", "line 1: data.samples.0 needs files"),
        (SAMPLES_OF.replace("process", "proces"), "data.samples.1.proces", "line 7: .* did you mean process"),
        (SAMPLES_OF.replace('label = "background"', ""), "data.samples.1", "needs a label"),
        (
            f'[data]\ntarget = "y"\n{SAMPLES_OF}',
            "data.target",
            "keep one",
        ),
        (
            f'[data]\nfiles = ["a"]\n{SAMPLES_OF}',
            "data.samples",
            "keep one",
        ),
        (SAMPLES_OF.replace('weight = "1"', "weight = 1"), "data.samples.1.weight", "must be text or none, not 1"),
        (FILES.replace("{}", 'separator = ",,"'), "data.separator", "cannot be ',,'"),
        (FILES.replace("{}", "kinds = 3"), "data.kinds", "must be a table"),
        (FILES.replace("{}", "skip = -1"), "data.skip", "at least 0"),
        (FILES.replace("{}", "columns = 3"), "data.columns", "a list of names"),
        (FILES.replace("{}", "options = { noise = 1 }"), "data.options", "catalogue"),
    ],
)
def test_a_mistake_in_the_data_is_told_with_its_line(text: str, key: str, said: str) -> None:
    with pytest.raises(InputError, match=said) as caught:
        parse(text.replace("{}", ""))
    assert caught.value.key == key
    assert caught.value.sentence.startswith("toy.toml, line ")
