"""From a name or a file to a table: catalogue, generators, readers, splits, preprocessing."""
