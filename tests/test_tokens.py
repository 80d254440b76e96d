"""How many tokens a text takes, and what is left out when it is too many."""

from __future__ import annotations

import pytest

from lib.errors import BadParameter, ContextTooLong
from lib.llm.messages import Message
from lib.llm.tokens import LEAST_ANSWER, estimate, fit, fit_text

# What the tokenizer of Qwen2.5 gives for these texts.
COUNTED: dict[str, tuple[str, int]] = {
    "nothing": ("", 0),
    "digits one each": ("20240131", 8),
    "English": (
        "The customer asked how many orders were placed last week, and whether the number had grown.",
        18,
    ),
    "German": (
        "Überraschenderweise stieg der Umsatz um zwölf Prozent, während die Betriebskosten unverändert blieben.",
        33,
    ),
    "Arabic": (
        "كم عدد العملاء الذين اشتروا أكثر من ثلاثة منتجات خلال الربع الأخير؟ رتب النتائج تنازليا",
        31,
    ),
    "Chinese": ("上个季度有多少客户购买了三种以上的产品？请按总收入从高到低排序，并显示前十行。", 24),
    "Russian": (
        "Сколько клиентов купили более трёх товаров за последний квартал? Отсортируйте результаты",
        28,
    ),
    "schema": ("CREATE TABLE singer (\n    Singer_ID number, -- singer id, example: [1, 2]\n);", 22),
    "CSV": ("1,Joe Sharp,Netherlands,2024-01-31,10.5\n2,Timbaland,France,2023-12-01,7.25\n", 47),
    "hash": ("e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855", 58),
    "emoji": ("👍🏽🎉👩‍👩‍👧‍👦🇸🇦", 15),
    "indent": ("if x:\n        y = 1\n\n\n        return y", 12),
}


@pytest.mark.parametrize(("text", "true"), COUNTED.values(), ids=COUNTED.keys())
def test_estimate_is_not_below_the_tokenizer_and_not_far_above(text: str, true: int) -> None:
    assert true <= estimate(text) <= 1.75 * true + 10


def test_estimate_grows_with_the_text() -> None:
    assert estimate("word " * 2000) >= 2000


SYSTEM = Message("system", "You answer in one sentence.")
QUESTION = Message("user", "And what about last year?")


def chat(turns: int, words: int = 50) -> list[Message]:
    """A system prompt, so many questions with answers, and the last question."""
    talk = [Message(role, f"{at} " + "word " * words) for at in range(turns) for role in ("user", "assistant")]
    return [SYSTEM, *talk, QUESTION]


def test_what_fits_goes_out_as_it_is() -> None:
    messages = chat(3)
    cut = fit(messages, 8192, 2048)
    assert (cut.messages, cut.dropped, cut.max_tokens) == (tuple(messages), 0, 2048)


def test_oldest_turns_go_first_and_the_rest_keeps_its_order() -> None:
    messages = chat(40)
    cut = fit(messages, 4096, 1024)
    kept = cut.messages[1:-1]
    assert cut.messages[0] is SYSTEM
    assert cut.messages[-1] is QUESTION
    assert kept == tuple(messages[len(messages) - 1 - len(kept) : -1])
    assert 0 < cut.dropped == len(messages) - len(cut.messages)


def test_kept_turns_begin_with_a_question() -> None:
    for context in range(1000, 4000, 211):
        cut = fit(chat(40), context, 512)
        assert [one.role for one in cut.messages[1:2]] == ["user"]


def test_prompt_and_answer_stay_within_the_context() -> None:
    for context in (1024, 2048, 8192):
        for asked in (1, 100, 2048, 4096):
            cut = fit(chat(100), context, asked)
            assert cut.prompt_tokens + cut.max_tokens <= context


def test_long_chat_leaves_an_answer_room_to_be_one() -> None:
    assert fit(chat(200), 8192, 2048).max_tokens >= 2048
    assert fit(chat(200), 8192, 4096).max_tokens >= 2048
    assert fit(chat(200), 8192, 10).max_tokens == 10


def test_long_question_takes_from_the_answer_but_keeps_all_of_itself() -> None:
    question = Message("user", "word " * 5000)
    cut = fit([SYSTEM, question], 8192, 4096)
    assert cut.messages == (SYSTEM, question)
    assert LEAST_ANSWER <= cut.max_tokens < 4096


@pytest.mark.parametrize("words", [8000, 100_000])
def test_question_that_cannot_fit_is_refused_with_a_way_out(words: int) -> None:
    with pytest.raises(ContextTooLong, match="8,192") as caught:
        fit([SYSTEM, Message("user", "word " * words)], 8192, 2048)
    assert caught.value.hint


def test_endpoint_that_counts_more_gets_less() -> None:
    assert fit(chat(40), 8192, 2048, stretch=2.0).dropped > fit(chat(40), 8192, 2048).dropped


def test_chat_without_a_question_is_refused() -> None:
    with pytest.raises(BadParameter):
        fit([SYSTEM], 8192, 2048)


def test_prompt_of_a_text_completion_leaves_the_rest_to_the_answer() -> None:
    cut = fit_text("word " * 5000, 8192, 4096)
    assert cut.max_tokens == 8192 - cut.prompt_tokens
    assert fit_text("word", 8192, 4096).max_tokens == 4096


def test_prompt_of_a_text_completion_is_never_cut() -> None:
    with pytest.raises(ContextTooLong):
        fit_text("word " * 9000, 8192, 1)
