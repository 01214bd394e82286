"""The screens: the lab, the runs, and what opens on top of them."""
