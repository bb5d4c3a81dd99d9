"""Every sentence that people read about techniques, scores and states; nothing here accuses anybody."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from bot.domain.cases import Case, CaseState, Ruling
from bot.domain.flags import Flag
from bot.domain.policy import SkipReason
from classifiers.contract import FALSE_ALARM_BUDGET, Sensitivity
from classifiers.taxonomy import Technique


@dataclass(frozen=True, slots=True)
class Meaning:
    """A technique in plain words: name, what it does, a neutral example, and what would make it not one."""

    name: str
    does: str
    example: str
    unless: str


MEANINGS: dict[Technique, Meaning] = {
    Technique.NAME_CALLING: Meaning(
        "name-calling or labelling",
        "A label stands where a reason should.",
        "“Only cat people would vote for that park.”",
        "the label is explained, or only mentioned in passing",
    ),
    Technique.GUILT_BY_ASSOCIATION: Meaning(
        "guilt by association",
        "A position is dismissed by linking it to somebody disliked.",
        "“You know who else liked bicycles?”",
        "the link itself is the subject and is shown with facts",
    ),
    Technique.DOUBT: Meaning(
        "unsupported doubt",
        "A source is questioned without saying why.",
        "“The weather office says rain. Sure it does.”",
        "a reason for the doubt is given",
    ),
    Technique.WHATABOUTISM: Meaning(
        "whataboutism",
        "A criticism is answered by pointing at somebody else's wrong.",
        "“You were late.” – “And what about last year, when you were late?”",
        "the comparison is argued and the criticism is answered too",
    ),
    Technique.STRAW_MAN: Meaning(
        "straw man",
        "A position nobody took is put into the other side's mouth.",
        "“So you want nobody to own a car ever again.”",
        "the position was really taken, or it is asked about in earnest",
    ),
    Technique.RED_HERRING: Meaning(
        "red herring",
        "The talk is moved to another matter.",
        "“The bridge is unsafe.” – “The mayor's speech was lovely.”",
        "the new matter bears on the old one",
    ),
    Technique.LOADED_QUESTION: Meaning(
        "loaded question",
        "The question takes an unproven charge for granted.",
        "“When did you stop ignoring the residents?”",
        "the charge was established before, or the question is open",
    ),
    Technique.FALSE_DILEMMA: Meaning(
        "false dilemma",
        "Only two choices are offered where there are more.",
        "“Either we close the library or the town goes bankrupt.”",
        "there really are only two, and it is shown why",
    ),
    Technique.CAUSAL_OVERSIMPLIFICATION: Meaning(
        "oversimplified cause",
        "One cause is given for something that has several.",
        "“Rents rose only because of students.”",
        "the other causes are weighed",
    ),
    Technique.SLIPPERY_SLOPE: Meaning(
        "slippery slope",
        "A small step is said to end in disaster, without the steps between.",
        "“First a cycle lane, then they take your house.”",
        "each step is argued",
    ),
    Technique.FALSE_EQUIVALENCE: Meaning(
        "false equivalence",
        "Unlike things are treated as the same.",
        "“A parking fine and a prison are both just the state.”",
        "the likeness is limited and argued",
    ),
    Technique.VICTIM_BLAMING: Meaning(
        "victim blaming",
        "Whoever was harmed is made the cause of the harm.",
        "“The shop was asking for the burglary.”",
        "shared causes are described without excusing the act",
    ),
    Technique.CONSPIRACY_FRAMING: Meaning(
        "hidden-plan claim",
        "Events are put down to a secret plan or paid agents.",
        "“Somebody paid for those potholes to be there.”",
        "evidence for the plan is given",
    ),
    Technique.FLAG_WAVING: Meaning(
        "flag-waving",
        "Pride in a group replaces the reason.",
        "“A true villager signs this.”",
        "pride is expressed but nothing is argued from it",
    ),
    Technique.FEAR_PREJUDICE: Meaning(
        "appeal to fear or prejudice",
        "Fear of a group or outcome does the persuading.",
        "“Let newcomers in and nobody will be safe at night.”",
        "the danger is described with facts",
    ),
    Technique.VALUES_VIRTUE: Meaning(
        "virtue pressure",
        "Agreeing is made a test of decency or of what everybody knows.",
        "“Every decent person supports the new roundabout.”",
        "a value is named and then argued from",
    ),
    Technique.SLOGANS: Meaning(
        "slogan",
        "A fine phrase stands where a proposal should.",
        "“A bold new tomorrow for all of us!”",
        "the phrase is followed by what it means in practice",
    ),
    Technique.LOADED_LANGUAGE: Meaning(
        "loaded language",
        "Strongly coloured words do the persuading.",
        "“This monstrous, soul-crushing timetable.”",
        "the feeling is the author's own and is not the argument",
    ),
    Technique.EXAGGERATION_MINIMISATION: Meaning(
        "exaggeration or minimising",
        "Something is made far larger or smaller than it is.",
        "“The so-called flood was a puddle.”",
        "the size is given with figures",
    ),
    Technique.CONVERSATION_KILLER: Meaning(
        "conversation stopper",
        "A stock phrase ends the discussion.",
        "“It is what it is. End of story.”",
        "the discussion goes on, or the phrase is a joke",
    ),
    Technique.OBFUSCATION: Meaning(
        "deliberate vagueness",
        "The wording hides what is claimed.",
        "“Certain circles know what certain things mean.”",
        "it is simply unclear, and a question would clear it up",
    ),
    Technique.DEHUMANISATION: Meaning(
        "dehumanising language",
        "A whole group is spoken of as less than people.",
        "“Commuters are cattle.”",
        "it is quoted in order to criticise it",
    ),
}

DRY_RUN_NOTE = "Dry run: cases are stored, and nothing is posted until `/dry-run off`."
PEOPLE_RULE = "A machine pointed at words; people rule."
NO_SUCH_CASE = "There is no such case in this server."
NOT_ALLOWED = "This needs the permission to manage messages in this channel."
NOT_READABLE = "This is about a channel that you cannot read, so I do not show it to you."
SERVERS_ONLY = "This works in a server only."
NO_MOD_CHANNEL = "First run `/report-here` where cases should be posted. Until then dry run stays on."
PUBLIC_CHANNEL = (
    "⚠️ Everybody can read this channel. Cases quote members, also from channels that not everybody can "
    "read: a private channel is better."
)
NO_CONTENT = "⚠️ I was started without message content: I see no words here. `/check` and its menu work."
NO_CHART = "Left out: I lack Attach Files here."
WENT_WRONG = "That did not work. Please look whether it was done, and try again in a moment."
DELETED_NOT_RULED = "The message is deleted, but the ruling could not be kept. Please rule with the buttons."
NO_MODEL = "The model cannot answer right now. Please try again in a moment."

_SENSITIVITY = {Sensitivity.LOW: "low", Sensitivity.BALANCED: "balanced", Sensitivity.HIGH: "high"}

_SKIPPED = {
    SkipReason.BOT: "from bots",
    SkipReason.WEBHOOK: "from webhooks",
    SkipReason.SYSTEM: "system messages",
    SkipReason.EXEMPT_ROLE: "from exempt roles",
    SkipReason.EXEMPT_CHANNEL: "in exempt channels",
    SkipReason.EMPTY: "without text",
    SkipReason.OTHER_LANGUAGE: "in a language not evaluated",
    SkipReason.NO_ANSWER: "the model gave no answer",
    SkipReason.TOO_OLD: "missed too long ago",
}

_STATES = {
    CaseState.OPEN: "open",
    CaseState.UPHELD: "upheld",
    CaseState.DISMISSED: "dismissed",
}

_RULINGS = {
    Ruling.UPHELD: "Upheld",
    Ruling.DISMISSED: "Dismissed",
    Ruling.SECOND_OPINION: "Second opinion asked for",
}


def possible(technique: Technique) -> str:
    """Return the heading of a flag: "Possible whataboutism"."""
    return f"Possible {MEANINGS[technique].name}"


def meaning(technique: Technique) -> str:
    """Explain a technique in one line, with what would make it not one."""
    said = MEANINGS[technique]
    return f"{said.does} *Example: {said.example} Not so if {said.unless}.*"


def strength(flag: Flag) -> str:
    """Put a score against its threshold into words."""
    room = 1.0 - flag.threshold
    share = (flag.score - flag.threshold) / room if room > 0 else 1.0
    words = "just over" if share < 0.25 else "over" if share < 0.6 else "far over"
    return f"{words} the threshold ({flag.score:.0%}, threshold {flag.threshold:.0%})"


def budget(sensitivity: Sensitivity) -> str:
    """Name a sensitivity with the false-alarm budget behind it."""
    allowed = FALSE_ALARM_BUDGET[sensitivity]
    return f"{_SENSITIVITY[sensitivity]} – at most about {allowed} false alarms per 1,000 ordinary messages"


def resemblance(similarity: float) -> str:
    """Put a cosine into words."""
    return "closely" if similarity >= 0.75 else "somewhat" if similarity >= 0.5 else "a little"


def skipped(reason: SkipReason) -> str:
    """Name a reason for which posts were not judged."""
    return _SKIPPED[reason]


def state(value: CaseState) -> str:
    """Name a case's state."""
    return _STATES[value]


def ruling(value: Ruling) -> str:
    """Name a ruling."""
    return _RULINGS[value]


def ruled(case: Case) -> str:
    """Confirm a ruling to the person who made it."""
    last = case.verdicts[-1]
    if last.ruling is Ruling.SECOND_OPINION and case.is_open:
        return f"Case {case.number} stays open and asks for a second opinion."
    if last.ruling is Ruling.SECOND_OPINION:
        return (
            f"Your wish for a second opinion is noted; meanwhile case {case.number} was "
            f"{_STATES[case.state]}. You can revise that with the same buttons."
        )
    return f"Case {case.number} is {_STATES[case.state]}. You can revise this with the same buttons."


def pings(role: str) -> str:
    """Confirm the role that new cards ping."""
    return f"New cards ping {role}; changes of a card ping nobody."


def cannot_ping(role: str) -> str:
    """Say that a role is not reached, and why."""
    return (
        f"⚠️ {role} is not reached by a ping: let anybody mention that role, or allow me to mention all "
        "roles. Everybody at once is never pinged."
    )


def deleting(is_possible: bool, lacking: Sequence[str]) -> str:
    """Say what comes of switching the delete button on; `lacking` names channels without the permission."""
    if not is_possible:
        return "⚠️ I lack Manage Messages, so the delete button stays off."
    if lacking:
        return f"The delete button is on. I still lack Manage Messages in {', '.join(lacking)}."
    return "The delete button is on: new cards and changed ones show it."


def count(number: int, one: str, many: str = "") -> str:
    """Count things in words: "1 case", "3 cases"."""
    return f"{number:,} {one if number == 1 else many or one + 's'}"
