"""Use cases: the steps between what Discord brings and what moderators see."""
