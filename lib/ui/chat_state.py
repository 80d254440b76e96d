"""What one tab shows of a person's conversations."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from typing import Any, cast

import streamlit as st

from lib.chat import late, records, reply
from lib.chat.attach import Attachment
from lib.chat.conversation import Conversation, Options, beside, branch, change, end_of, restored, stored
from lib.chat.copies import copied, discussed_in, holding
from lib.chat.reply import Reply
from lib.chat.replying import Asked, entitle, replying
from lib.chat.turns import AskTurn, ChatTurn, Way
from lib.data.history import History
from lib.errors import AppError
from lib.settings import Settings
from lib.ui import model
from lib.ui.cursor import Cursor
from lib.ui.session import Session

PARAMETER = "c"
"""The part of the address that names the conversation."""

BOX = "chat-input"
"""The key of the box for questions."""

BY_HAND = "SQL written by hand"
_KEY = "bayan-talk"


@dataclass
class Talk:
    """A conversation with its turns, all branches of them. One that is new is written down with its first question."""

    session: Session
    conversation: Conversation = field(default_factory=Conversation)
    turns: list[ChatTurn] = field(default_factory=list)
    answers: dict[str, AskTurn] = field(default_factory=dict)
    """The answers about the tables that the turns speak of, by id."""
    editing: str = ""
    """The turn whose question is being edited."""
    whole: bool = False
    """Whether every turn of a long conversation is drawn."""
    pending: tuple[Attachment, ...] = ()
    """Files that wait for the question with which they go."""
    removed: Conversation | None = None
    """The conversation that was deleted last, for as long as it can come back."""
    imports: int = 0
    """How often a file of conversations was taken in: each time the uploader starts anew."""
    imported: AppError | tuple[str, ...] = ()
    """What has to be said of the last one, for as long as what it opened is shown."""
    options_shown: int = 0
    """Grows when the options have others than the widgets show, which then are made anew."""
    cursor: Cursor = field(default_factory=Cursor)
    seen: int = -1

    @property
    def history(self) -> History:
        return self.session.workspace.history

    @property
    def branch(self) -> list[ChatTurn]:
        """The turns that are shown."""
        return branch(self.turns, self.conversation.leaf)

    @property
    def under_way(self) -> Reply | None:
        """The answer that the last turn waits for."""
        shown = self.branch
        return reply.current(shown[-1].id) if shown else None

    def beside(self, turn: ChatTurn) -> list[ChatTurn]:
        """The turns between which a person can choose in the place of this one."""
        return beside(self.turns, turn)

    def new(self) -> None:
        """Begin a conversation; the one that is shown stays in the list."""
        self._show(Conversation(options=self.conversation.options))

    def open(self, id_: str) -> None:
        """Show another conversation."""
        kept = self.history.conversations.get(id_)
        if kept is not None:
            self._show(restored(kept))

    def ask(self, question: str, wanted: Way = "") -> None:
        """Ask at the end of the branch that is shown, with the files that wait for it."""
        self.put(question, self.pending, wanted=wanted)

    def put(self, question: str, attachments: tuple[Attachment, ...] = (), **more: Any) -> ChatTurn:
        """Put a question at the end of the branch that is shown. `more` are fields of its turn."""
        shown = self.branch
        self.pending = ()
        return self._add(question, shown[-1].id if shown else "", attachments=attachments, **more)

    def ask_instead(self, old: ChatTurn, question: str, wanted: Way = "") -> None:
        """Ask in the place of an earlier turn; what was there stays as a branch of its own."""
        self._add(question, old.parent, attachments=old.attachments, wanted=wanted)

    def discuss(self, answered: AskTurn) -> None:
        """Show the conversation that holds this answer; if there is none, begin one with it."""
        if held := discussed_in(self.history, answered.answer_id):
            self.open(held)
            found = holding(self.answers.values(), answered.answer_id)
            for turn in self.turns:
                if found and turn.about == found.id:
                    self.show(turn)
                    return
            return
        self.new()
        copy = copied(answered, self.conversation.id)
        self.answers[copy.id] = copy
        self._add(copy.question or BY_HAND, "", state="done", way="data", about=copy.id)
        self.session.save(copy)

    def run_instead(self, turn_id: str, sql: str) -> None:
        """Run other SQL for an answer of the conversation, in the place of what ran."""
        self.answers[turn_id].run_instead(sql)
        self.session.save(self.answers[turn_id])

    def drop(self, number: int) -> None:
        """Let a file that waits for its question not go with it."""
        self.pending = (*self.pending[:number], *self.pending[number + 1 :])

    def show(self, turn: ChatTurn) -> None:
        """Show the branch that goes through this turn."""
        self.change(lambda one: replace(one, leaf=end_of(self.turns, turn.id)))

    def edit(self, turn_id: str) -> None:
        """Begin to edit a question, or with an empty id leave off."""
        self.editing = turn_id
        self.cursor.into(editor(turn_id) if turn_id else BOX)

    def show_whole(self) -> None:
        """Draw every turn from now on."""
        self.whole = True

    def rename(self, title: str) -> None:
        self.change(lambda one: one.renamed(title, "person"))

    def pin(self, pinned: bool) -> None:
        self.change(lambda one: replace(one, pinned=pinned))

    def set_options(self, options: Options) -> None:
        """Answer so from now on."""
        if options != self.conversation.options:
            self.change(lambda one: replace(one, options=options))

    def delete(self) -> None:
        """Take the conversation off the list, until it is restored or the history is opened anew."""
        for turn in self.turns:
            if running := reply.current(turn.id):
                running.stop()
        removed = self.conversation
        if self.session.written(lambda: self._deleted(removed.id)):
            self.new()
            self.removed = removed
            self.cursor.into(BOX)

    def restore(self) -> None:
        """Bring the conversation back that was deleted last."""
        if (removed := self.removed) is not None:
            self.session.written(lambda: self.history.conversations.restore(removed.id))
            self.open(removed.id)
            self.removed = None

    def _deleted(self, id_: str) -> bool:
        self.history.conversations.delete(id_)
        return True

    def start(self, turn: ChatTurn, settings: Settings, *, goes_on: bool = False) -> Reply:
        """Have the turn answered, whatever page is open meanwhile."""
        shown = self.branch
        asked = self.asked(shown[: shown.index(turn)], settings, goes_on=goes_on)
        turn.runner, turn.state, turn.error = self.session.token, "running", None
        self.session.save(turn)
        return reply.start(turn, replying(turn, asked), asked.space, self.answers, partial(entitle, turn, asked))

    def asked(self, earlier: Sequence[ChatTurn], settings: Settings, *, goes_on: bool = False) -> Asked:
        """What the answer to a question after these turns depends on."""
        return Asked(
            self.conversation,
            earlier,
            self.answers,
            model.source(settings),
            self.session.workspace,
            settings,
            names_only=settings.names_only or self.session.names_only,
            goes_on=goes_on,
        )

    def change(self, how: Callable[[Conversation], Conversation]) -> None:
        """Change the conversation, also when other tabs do so at the same time."""
        made = self.session.written(lambda: change(self.history, self.conversation.id, how))
        self.conversation = made or how(self.conversation)

    def follow(self) -> None:
        """Take in what was written down since, here or in another tab."""
        if (revision := self.history.revision) == self.seen:
            return
        self.seen = revision
        kept = self.history.conversations.get(self.conversation.id)
        if kept is not None:
            self.options_shown += restored(kept).options != self.conversation.options
            self.conversation = restored(kept)
            self._load()
        elif self.conversation.created:  # another tab deleted it
            self.new()

    def _show(self, conversation: Conversation) -> None:
        self.conversation, self.turns, self.answers = conversation, [], {}
        self.editing, self.whole, self.seen, self.removed, self.pending = "", False, -1, None, ()
        self.imported = ()
        self.follow()

    def _load(self) -> None:
        id_ = self.conversation.id
        kept = self.history.turns("chat", id_)
        space = self.session.workspace
        self.turns = self.session.merged([*self.turns, *late.chat_turns(space, id_)], kept)
        answers = [*self.answers.values(), *late.ask_turns(space, id_)]
        self.answers = {one.id: one for one in self.session.merged(answers, self.history.turns("ask", id_))}
        follows = records.parents(kept)
        for at, turn in enumerate(self.turns):
            turn.parent = follows.get(turn.id, turn.parent)
            running = reply.current(turn.id)
            if running is not None:
                self.turns[at] = running.turn
                self.answers.update({one.id: one for one in [running.answer] if one})
            elif turn.state == "running":
                turn.state = "stopped"  # whoever answered it is gone

    def _add(self, question: str, parent: str, **more: Any) -> ChatTurn:
        if not self.conversation.created:
            self._begin(question)
        turn = ChatTurn(question, conversation=self.conversation.id, parent=parent, **more)
        self.turns.append(turn)
        self.session.save(turn)
        self.change(lambda one: replace(one, leaf=turn.id))
        self.editing, self.removed = "", None
        self.cursor.into(BOX)
        return turn

    def _begin(self, question: str) -> None:
        """Put the new conversation on the list, under the beginning of its question until it gets a title."""
        new = replace(self.conversation.renamed(question, ""), created=time.time())
        self.session.written(lambda: self.history.conversations.put(stored(new)))
        self.conversation = new


def editor(turn_id: str) -> str:
    """The key of the box in which a question is edited."""
    return f"chat-edit-text-{turn_id}"


def talk(session: Session) -> Talk:
    """This tab's conversation: the one that the address names, else the one that was shown last or is the newest."""
    named = st.query_params.get(PARAMETER, "")
    known = cast("Talk | None", st.session_state.get(_KEY))
    if known is None or known.session is not session:
        known = st.session_state[_KEY] = Talk(session)
        conversations = session.workspace.history.conversations
        if kept := conversations.get(named) or conversations.newest():
            known.open(kept.id)
    known.follow()
    return known
