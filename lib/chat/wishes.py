"""What a message asks for by its words alone: something to look up or count, or something to explain or to write."""

from __future__ import annotations

import re
from dataclasses import dataclass


def _words(*phrases: str) -> re.Pattern[str]:
    """Any of the phrases as whole words."""
    return re.compile(rf"(?<!\w)(?:{'|'.join(phrases)})(?!\w)", re.IGNORECASE)


_TALK = _words(
    r"hello|hi|hey|good (?:morning|evening|afternoon|night)|thanks?(?: you)?|thx|ok(?:ay)?|great|cool|nice|perfect|bye",
    r"goodbye|yes|no|sorry|please|never mind|well done|got it|i see|sure|that was|helpful|so much|a lot|very|much|all",
    r"about|that|it|you|how are",
    r"مرحبا|شكرا|شكراً|جزيلا|أهلا|السلام عليكم|حسنا|مع السلامة|صباح الخير|ممتاز",
)
_ASSISTANT = _words(
    r"(?:who|what) are you|what can you do|can you (?:speak|help)(?: \w+)?|what(?:'s| is) your name|are you sure",
    r"what do you think|tell me a joke|من أنت|ماذا يمكنك أن تفعل",
)
_OF_THE_ANSWER = _words(
    r"(?:simpler|simple|plain|other|fewer) (?:words|terms|language)|shorter|more detail|your (?:last )?answer",
    r"(?:explain|say|put|repeat) (?:it|that|this)|what (?:does|do) (?:that|this|it) mean",
    r"(?:give|another) (?:an )?example|elaborate|go on|بكلمات أبسط|اشرح (?:ذلك|هذا)|باختصار",
)
_TEXTS = (
    r"(?:poem|haiku|song|story|essay|e-?mail|letter|message|text|function|script|program|code|class|regex|query|sql"
    r"|regular expression|recipe|checklist|plan|guide|names?|ideas?|titles?|charts?|joke|speech|tweet|post|article"
    r"|paragraph|sentence|template|formula|macro|proposal|dashboard|question|slogan|blog)s?"
)
_MAKING = _words(
    rf"(?:write|draft|compose|create|generate|make|code|build|design|suggest|brainstorm|invent)"
    rf"(?: [\w-]+){{0,5}}? {_TEXTS}",
    r"write|draft|compose|implement|debug|refactor|translate|translation|rewrite|rephrase|paraphrase|proofread|recipe",
    r"(?:correct|fix) (?:this|the|my)|how do you say|(?:help|teach) me|convert",
    r"give (?:me )?(?:\w+ ){0,2}(?:ideas|tips|advice|recipe|examples?)|اكتب|ترجم|صحح|اقترح|أعد صياغة",
)
_HOW_TO = _words(
    r"how (?:do|can|should|would|could) (?:i|you|we|one|someone|people)|how to|(?:best|right) way to|best practices?",
    r"how (?:is|are|do|does) (?:[\w-]+ ){1,4}(?:calculated|computed|measured?|formed|defined|made|works?|written)",
    r"tips|advice|should i|(?:when|why) should|step by step|tutorial|كيف (?:أ|ي|ن|يمكن)\w*",
)
_CONCEPT = _words(
    r"what(?:'s| is| are) (?:an? )(?!total|average|typical)\w+|define|definition of|(?:the )?meaning of|mean by",
    r"what (?:does|do|did) .{1,40} (?:mean|stand for)|stands? for|differences? between (?:an? )?[\w-]+ and (?!the )\w+",
    r"pros and cons|advantages?|disadvantages?|concepts? of|history of|who (?:invented|founded|wrote|discovered)",
    r"(?:can|does|do|is|should) (?:an?|it going) \w+|in the world|tomorrow|nowadays",
    r"in general|principles|explain|why (?:do|does|did|is|are|can't|can|was|were)|which is better",
    r"ما معنى|ما الفرق|ما هو الفرق|الفرق بين|اشرح|لماذا|ما هو تعريف",
)
_TOOLS = _words(
    r"excel|google sheets?|pandas|polars|numpy|python|javascript|java|typescript|c\+\+|tableau|power ?bi|regex|sql",
    r"dataframes?|(?:left|inner|outer|right) joins?|group by|window functions?|(?:primary|foreign) keys?|html|css|div",
    r"vba|machine learning|linux|git|بايثون|إكسل|اكسل",
)
_OWN = _words(
    r"(?:my|our|this|these|the|loaded|uploaded|each|any|every) (?:own |loaded |uploaded |whole )?"
    r"(?:data|data ?set|tables?|files?|rows?|columns?|fields?|csvs?|sheets?|records?|spreadsheet)",
    r"(?:what|which|how many|show|list|describe|any|all|\d+) (?:\w+ )?(?:tables?|columns?|rows?|fields?|records?)",
    r"(?:missing|null|empty) values?|(?:row|column)s? of|do (?:i|we) have|البيانات|الجدول|الجداول|الأعمدة|الصفوف",
)
_LOOKING_UP = _words(
    r"how (?:many|much|often|long|old|far|tall|big|large|high|late|hot|cold|\w+y)|number of|counts?",
    r"list|show|display|find|give me|top|bottom|average|avg|mean|median|total|sum|maximum|minimum|max|min|mode",
    r"highest|lowest|largest|smallest|biggest|longest|shortest|oldest|newest|youngest|latest|earliest|first|last|most|least|fewest",
    r"best|worst|more than|less than|at least|at most|above|below|over|under|compare|comparison|vs|versus|rank|ranking",
    r"sort|order(?:ed)? by|per|each|every|group(?:ed)?|by|percent|percentage|share|proportion|ratio|rate|distribution",
    r"histogram|plot|chart|graph|trend|over time|correlat\w+|relation|relationship|unique|distinct|different|without",
    r"only|yearly|monthly|daily|weekly|\w{3,}est|summary|summari[sz]e|\w{4,}er than",
    r"كم|عدد|متوسط|معدل|مجموع|إجمالي|أكبر|أصغر|أكثر|أقل|أعلى|أدنى|أطول|أقصر|اعرض|أظهر|اذكر|قائمة|رتب|قارن|نسبة|لكل|حسب",
    r"أي|متى",
)


@dataclass(frozen=True)
class Wishes:
    """Which kinds of wishes the words of a message speak of; several may be there at once.

    `talk` means that there is nothing else, `answer` the answer before, `own` the person's own tables by these words.
    """

    talk: bool
    answer: bool
    making: bool
    how_to: bool
    concept: bool
    tool: bool
    own: bool
    looking_up: bool

    @property
    def general(self) -> int:
        """How many kinds of words are there with which people mostly ask for knowledge, texts or code."""
        return self.making + self.how_to + self.concept + self.tool


def is_for_looking_up(word: str) -> bool:
    """Whether the word asks to look something up: it names nothing."""
    return bool(_LOOKING_UP.fullmatch(word))


def wishes(message: str) -> Wishes:
    """What the message asks for, as far as its words say."""
    rest = _TALK.sub(" ", _ASSISTANT.sub(" ", message))
    return Wishes(
        talk=not re.search(r"[^\W_]", rest),
        answer=bool(_OF_THE_ANSWER.search(message)),
        making=bool(_MAKING.search(message)),
        how_to=bool(_HOW_TO.search(message)),
        concept=bool(_CONCEPT.search(message)),
        tool=bool(_TOOLS.search(message)),
        own=bool(_OWN.search(message)),
        looking_up=bool(_LOOKING_UP.search(message)),
    )
