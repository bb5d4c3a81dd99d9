"""Turn labelled passages into weights."""
