"""How a turn of a conversation is answered, step by step: from the tables, or by the chat model alone."""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterable, Iterator, Sequence
from contextlib import closing, suppress
from dataclasses import dataclass, replace

from lib.asking.answer import Answer, Comparing, Preparing, Reading, Repairing, Running, Step, Writing
from lib.chat import grounded, late, title
from lib.chat.answering import answering, take
from lib.chat.attach import Attachment, as_prompt
from lib.chat.context import Exchange, Summary, prompt
from lib.chat.conversation import Conversation, change, restored
from lib.chat.speaking import speaking
from lib.chat.turns import AskTurn, ChatTurn, Told
from lib.data.table import counted
from lib.data.workspace import Workspace
from lib.errors import AppError
from lib.llm.connect import Models
from lib.llm.messages import Message, Piece, Waiting
from lib.settings import Settings

_GO_ON = "Go on exactly where you stopped. Repeat nothing."
_WORDS_TOKENS = 2_000
"""Of a request for words about a result: the built-in model reads some sixty a second."""
_RESULT_TOKENS = 600
"""Of a result that an earlier answer of the conversation speaks of."""


@dataclass(frozen=True)
class Asked:
    """All that an answer depends on.

    `earlier` are the turns before it, `answers` those about the tables, by id. With `goes_on` the answer that the turn
    has is made longer.
    """

    conversation: Conversation
    earlier: Sequence[ChatTurn]
    answers: dict[str, AskTurn]
    models: Callable[[], Iterable[Models | str]]
    space: Workspace
    settings: Settings
    names_only: bool = False
    goes_on: bool = False


def replying(turn: ChatTurn, asked: Asked) -> Generator[str, None, None]:
    """Fill the turn. Yields what happens in a few words, about ten times a second: closing it stops the answer.

    Raises AppError.
    """
    for ready in asked.models():
        if isinstance(ready, Models):
            yield from _replied(turn, asked, chosen(ready, asked))
        else:
            yield ready


def chosen(models: Models, asked: Asked) -> Models:
    """The models with the one for words that the conversation wants."""
    model, settings = asked.conversation.options.model, asked.settings
    return replace(models, chat=model) if model and settings.remote and not settings.lock_models else models


def _replied(turn: ChatTurn, asked: Asked, models: Models) -> Generator[str, None, None]:
    turn.names_only = asked.names_only
    if not turn.way:
        yield from _decide(turn, asked, models)
    if turn.way == "data":
        yield from _from_tables(turn, asked, models)
    else:
        how = asked.conversation.options.sampling
        yield from speaking(turn, models.client, models.chat, messages(turn, asked), how)


def _decide(turn: ChatTurn, asked: Asked, models: Models) -> Generator[str, None, None]:
    if turn.wanted:
        turn.way, turn.reason = turn.wanted, "You chose so."
        return
    if any(one.kind == "text" for one in turn.attachments):
        turn.way, turn.reason = "general", "A file goes with the question."
        return
    if not (asked.conversation.options.tables and asked.space.tables):
        turn.way = "general"
        return
    from lib.chat.route import route  # with the libraries that look names and values up

    earlier = [(one.question, one.way) for one in asked.earlier if one.way]
    steps = route(turn.question, asked.space, earlier, models.client, models.chat, names_only=asked.names_only)
    with closing(steps):
        while True:
            try:
                next(steps)
            except StopIteration as end:
                turn.way, turn.reason = end.value.way, end.value.reason
                return
            yield "Looking whether your tables can answer this"


# From the tables


def _from_tables(turn: ChatTurn, asked: Asked, models: Models) -> Generator[str, None, None]:
    """SQL, rows and checks first; then words about the rows."""
    from lib.asking.ask import with_findings  # with the libraries that read SQL

    about = AskTurn(turn.question, state="running", conversation=turn.conversation, names_only=asked.names_only)
    turn.about, turn.answer = about.id, ""
    if any(one.kind == "text" for one in turn.attachments):
        turn.reason += " The attached files were not used."
    asked.answers[about.id] = about
    try:
        with closing(answering(about, _questions(asked), [models], asked.space, asked.settings)) as steps:
            for step in steps:
                take(about, step, asked.space)
                yield doing(step)
        if about.answer is not None:
            yield "Checking the answer"
            about.answer = with_findings(about.answer, asked.space)
        about.state = "failed" if about.error else "done"
    except AppError as e:
        about.error, about.state = e, "failed"
    finally:
        if about.state not in ("done", "failed"):
            about.state = "stopped"
        with suppress(AppError):  # it is tried again, and the page says so
            late.save(asked.space, about)
    turn.error, turn.made_from = about.error, about.answer_id
    if about.answer is not None and about.answer.result is not None:
        yield from _in_words(turn, about.answer, models)


def _in_words(turn: ChatTurn, answer: Answer, models: Models) -> Generator[str, None, None]:
    if not grounded.is_for_a_model("answer", answer):
        turn.answer = grounded.said_without_model(answer)
        return
    how = grounded.sampling("answer")
    room = min(_WORDS_TOKENS, models.client.context_length(models.chat) - 2 * how.max_tokens)
    request, rows = grounded.request("answer", answer, room=room)
    if answer.result and rows < answer.result.table.num_rows:
        turn.reason += f" The words are made from its first {counted(rows, 'row')}."
    for said in speaking(turn, models.client, models.chat, request, how):
        yield said and "Putting it into words"


def _questions(asked: Asked) -> list[str]:
    """The questions about the tables before this one, as they stand alone."""
    before = [asked.answers[one.about] for one in asked.earlier if one.about in asked.answers]
    return [one.standalone or one.question for one in before if one.question]


def doing(step: Step | str) -> str:
    """What happens in this step, in a few words; empty where nothing is new."""
    match step:
        case str():
            return step
        case Preparing(what=what):
            return what
        case Comparing(come=come, wanted=wanted, agree=agree):
            return f"Comparing answers: {come} of {wanted} have come, {agree} agree"
        case Reading(tables=names):
            return f"Reading {counted(len(names), 'table')}"
        case Writing():
            return "Writing SQL"
        case Running(how=how):
            return how or "Running the query"
        case Repairing(error=error):
            return f"Mending the query: {error.detail[:120]}"
        case Waiting(why=why):
            return why
    return ""


# By the model alone


def messages(turn: ChatTurn, asked: Asked) -> list[Message]:
    """What the chat model is sent for the turn."""
    question = Exchange(turn.question, attached=as_prompt(_attached(turn, asked)))
    sent = prompt(asked.conversation.options.system, _summary(asked), exchanges(asked.earlier, asked), question)
    return [*sent, Message("assistant", turn.answer), Message("user", _GO_ON)] if asked.goes_on else sent


def exchanges(turns: Sequence[ChatTurn], asked: Asked) -> list[Exchange]:
    """What was said in these turns; of an answer from the tables the rows too, as far as there is room."""
    hidden = _hidden(asked)
    return [_exchange(one, asked, one.id in hidden) for one in turns]


def covered(asked: Asked) -> int:
    """For how many of the earlier turns a summary stands. With `names_only` not for those that may speak of cells."""
    kept, hidden = asked.conversation.summary, _hidden(asked)
    ids = [one.id for one in asked.earlier]
    turns = ids.index(kept.upto) + 1 if kept and kept.upto in ids else 0
    return 0 if hidden.intersection(ids[:turns]) else turns


def _hidden(asked: Asked) -> set[str]:
    """With `names_only` the turns whose words may hold cells: those about a result, and what was said after cells."""
    hidden: set[str] = set()
    cells = False
    for one in asked.earlier if asked.names_only else ():
        cells = cells or _speaks_of_cells(one)
        if one.way == "data" or (cells and not one.names_only):
            hidden.add(one.id)
    return hidden


def _speaks_of_cells(turn: ChatTurn) -> bool:
    return turn.way == "data" or any(one.kind == "table" and not one.names_only for one in turn.attachments)


def _exchange(turn: ChatTurn, asked: Asked, hidden: bool) -> Exchange:
    words = "" if hidden or turn.is_stale(asked.answers.get(turn.about)) else turn.answer
    return Exchange(
        turn.question, "\n\n".join(filter(None, (words, _rows(turn, asked)))), as_prompt(_attached(turn, asked))
    )


def _rows(turn: ChatTurn, asked: Asked) -> str:
    about = asked.answers.get(turn.about)
    if about is None or about.answer is None:
        return ""
    answer, names_only = about.answer, asked.names_only or about.answer.names_only
    told = about.told
    if told is None or told.answer is not answer or told.names_only != names_only:
        text = grounded.told(grounded.without_cells(answer) if names_only else answer, room=_RESULT_TOKENS)
        told = about.told = Told(answer, names_only, text)
    return told.text


def _attached(turn: ChatTurn, asked: Asked) -> list[Attachment]:
    return [one for one in turn.attachments if one.kind == "text" or one.names_only or not asked.names_only]


def _summary(asked: Asked) -> Summary | None:
    kept, turns = asked.conversation.summary, covered(asked)
    return Summary(kept.text, turns) if kept and turns else None


# The title


def entitle(turn: ChatTurn, asked: Asked) -> None:
    """Let the model give the conversation a title, unless it has one; a model that fails leaves it as it is."""
    history, id_ = asked.space.history, asked.conversation.id
    with suppress(AppError):
        kept = history.conversations.get(id_)
        if kept is None or restored(kept).titled_by:
            return
        text = "".join(_title_pieces(turn, asked))
        made = title.cleaned(text, turn.question)
        change(history, id_, lambda one: one if one.titled_by else one.renamed(made, "model"))


def _title_pieces(turn: ChatTurn, asked: Asked) -> Iterator[str]:
    for ready in asked.models():
        if isinstance(ready, Models):
            models = chosen(ready, asked)
            words = "" if turn.way == "data" and asked.names_only else turn.answer
            request = title.messages(turn.question, words)
            with closing(models.client.chat(models.chat, request, title.SAMPLING)) as events:
                yield from (one.text for one in events if isinstance(one, Piece))
