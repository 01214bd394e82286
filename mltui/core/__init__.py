"""The vocabulary every other room speaks: hyperparameters, experiment, table, events, snapshots, errors."""
