"""Puts the models of a run into its folder: all of them, or none."""

from __future__ import annotations

import shutil

from mltui.data.preprocess import Preprocessing
from mltui.inference.fitted import Fitted
from mltui.inference.reload import load
from mltui.models.card import ModelCard
from mltui.record.files import private_part
from mltui.record.folder import RunFolder
from mltui.record.predictions import Predictions, write_predictions


class Keeping:
    """Takes fitted models; those that are safe on disk are let go of, so that many need not be in memory together.

    Attributes:
        going_on: whether models that an earlier attempt has kept stay beside those that come.
    """

    def __init__(self, folder: RunFolder) -> None:
        self._folder = folder
        self.going_on = False
        self._held: list[tuple[str, Preprocessing, Fitted]] = []
        self._begun = False

    def hold(self, name: str, preprocessing: Preprocessing, fitted: Fitted) -> None:
        """Take a model, to be saved at the end."""
        self._held.append((name, preprocessing, fitted))

    def kept(self, name: str, card: ModelCard) -> Fitted:
        """The model of that name that an earlier attempt has saved.

        Raises:
            InputError: where it cannot be read.
        """
        return load(self._folder.member_model(name), card)

    def try_save(self) -> bool:
        """Save what is held, if the disk takes it now; whether it did."""
        try:
            self._save()
        except OSError:
            return False
        return True

    def finish(self, predictions: Predictions) -> None:
        """Save all that is still held, and the predictions.

        Raises:
            OSError: where the disk refuses; it can be tried again.
        """
        self._save()
        write_predictions(self._folder, predictions)
        self._begun = False

    def forget(self) -> None:
        """Remove what has been saved of what is not finished: half of it is none, and its room is needed."""
        if self._begun:
            shutil.rmtree(self._folder.model, ignore_errors=True)

    def _save(self) -> None:
        if not self._begun:
            self._begun = True
            if not self.going_on:
                shutil.rmtree(self._folder.model, ignore_errors=True)  # of an earlier attempt
        while self._held:
            name, preprocessing, fitted = self._held[0]
            place = self._folder.member_model(name)
            private_part(self._folder.model)
            private_part(place)
            preprocessing.save(place)
            fitted.save(place)
            del self._held[0]
