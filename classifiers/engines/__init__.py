"""The neural side of the house: the only place, with `training`, where torch is imported."""
