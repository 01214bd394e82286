"""The worker process: the torch loop, the estimator adapter, devices, controls; started by command."""
