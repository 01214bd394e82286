"""What a fitted estimator found, read off by what it is, whatever card it comes from."""
