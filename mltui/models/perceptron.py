"""Rosenblatt's perceptron, trained by the same loop as every network."""

from __future__ import annotations

from dataclasses import replace

from mltui.models.card import ModelCard
from mltui.models.network_training import CHANGEABLE, CONTROLS, TRAINING, with_changes
from mltui.models.single_layer import FIT_INTERCEPT, INITIALIZATION, single_layer

PERCEPTRON = ModelCard(
    name="perceptron",
    title="Perceptron",
    family="linear",
    engine="network",
    tasks=("classification",),
    about="Rosenblatt's neuron of 1958: a weighted sum says yes or no, and every mistake moves the boundary towards the"
    " row that it got wrong. It comes to rest where a straight line parts the classes, and nowhere else. Its scores are"
    " no probabilities.",
    hyperparameters=(
        replace(FIT_INTERCEPT, expert=False),
        replace(
            INITIALIZATION,
            default="zero",
            help="The first weights; from zero, the rate scales the scores and decides nothing.",
        ),
    ),
    training=with_changes(
        TRAINING,
        without=("loss",),
        batch_size={"default": 1, "help": "Rows a step looks at; 1 is Rosenblatt's rule, mistake by mistake."},
        optimizer={"default": "sgd"},
        learning_rate={"default": 0.1},
        monitor={"choices": ("loss", "accuracy", "auc", "significance")},
    ),
    axis="epoch",
    controls=CONTROLS,
    build=single_layer,
    steps="training.epochs",
    loss="perceptron",  # Rosenblatt, Psychological Review 65 (1958) 386, as a loss in Bishop, PRML (2006), 4.1.7
    changeable=CHANGEABLE,
)
