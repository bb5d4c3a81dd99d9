"""The techniques this project knows: one spelling of each wire name."""

from __future__ import annotations

from enum import StrEnum


class Technique(StrEnum):
    """A persuasion or bad-faith device; the value is its wire name in data files and reports."""

    NAME_CALLING = "Name_Calling-Labeling"
    GUILT_BY_ASSOCIATION = "Guilt_by_Association"
    DOUBT = "Doubt"
    WHATABOUTISM = "Whataboutism"
    STRAW_MAN = "Straw_Man"
    RED_HERRING = "Red_Herring"
    LOADED_QUESTION = "Loaded_Question"
    FALSE_DILEMMA = "False_Dilemma"
    CAUSAL_OVERSIMPLIFICATION = "Causal_Oversimplification"
    SLIPPERY_SLOPE = "Slippery_Slope"
    FALSE_EQUIVALENCE = "False_Equivalence"
    VICTIM_BLAMING = "Victim_Blaming"
    CONSPIRACY_FRAMING = "Conspiracy_Framing"
    FLAG_WAVING = "Flag_Waving"
    FEAR_PREJUDICE = "Appeal_to_Fear-Prejudice"
    VALUES_VIRTUE = "Appeal_to_Values-Virtue"
    SLOGANS = "Glittering_Generalities-Slogans"
    LOADED_LANGUAGE = "Loaded_Language"
    EXAGGERATION_MINIMISATION = "Exaggeration-Minimisation"
    CONVERSATION_KILLER = "Conversation_Killer"
    OBFUSCATION = "Obfuscation-Vagueness"
    DEHUMANISATION = "Dehumanisation"


TECHNIQUES: tuple[Technique, ...] = tuple(Technique)
