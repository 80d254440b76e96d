"""Hostile text wherever text from elsewhere is shown, in Chromium: nothing is asked of anybody, and nothing runs."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path

import pytest
from playwright.sync_api import Dialog, Locator, Page, Request, expect

from lib.asking.checks.finding import Finding
from lib.board import board
from lib.board.exhibit import TableMark
from lib.chat import presets
from lib.chat.attach import Attachment
from lib.chat.moving import take_in
from lib.chat.portable import Portable, PortableTurn, from_json, to_json
from lib.data.workspace import Workspace
from lib.llm.scripted import (
    MODELS,
    Asked,
    Reply,
    ScriptedUpstream,
    answer,
    chat_chunk,
    chat_stream,
    chunked,
    document,
    event,
    failure,
    plain,
)
from lib.settings import Settings
from tests import boards
from tests.browser.conftest import Opener, running_app, settled, shoot
from tests.hostile import ALL, CANARY, HOST, HOSTILE, ON_ONE_LINE

pytestmark = pytest.mark.browser

LINES = tuple(ON_ONE_LINE.values())
IMAGE, SCRIPT, LINK = (HOSTILE[one] for one in ("image", "image that fails", "link with another name"))
HTML, FORGED, FORMULA = (HOSTILE[one] for one in ("link in html", "colour", "formula that links"))
AT_ONCE = 5
"""Shapes in one text: of more of them, one would hide the other."""
IN_A_CHART = 22

TOTALS = (
    'SELECT region AS "{}", sum(amount) AS "{}" FROM sales WHERE amount BETWEEN {} AND {} GROUP BY 1 ORDER BY 2 DESC'
)
BY_MONTH = "SELECT month, region, sum(amount) AS total FROM sales WHERE amount <= 6 GROUP BY ALL ORDER BY month"

# What only says something may hold an address.
LOOK = """host => {
    const found = [], loads = 'iframe, frame, object, embed, video, audio[src], source, base, area, picture, image, img'
    const look = root => root.querySelectorAll('*').forEach(one => {
        const to = one.localName === 'a' && one.getAttribute('href'), bare = to && to.replace(/^mailto:/, '')
        const leads = to && !to.startsWith('#') && new URL(to, location).origin !== location.origin
        const says = leads && [bare, decodeURI(bare), bare.replace('http://', '')].includes(one.textContent.trim())
        const holds = [...one.attributes].some(({ name, value }) => /^on/i.test(name) || (!leads && value.includes(host)
            && !/^(aria-|data-|alt$|title$|value$|placeholder$)/.test(name)))
        const styles = one.localName === 'style' && one.textContent.includes(host)
        if ((leads && !says) || holds || styles || one.matches(loads)) found.push(one.outerHTML.slice(0, 300))
        if (one.shadowRoot) look(one.shadowRoot)
    })
    look(document)
    return found
}"""


@dataclass
class Watch:
    """A page, and what it did that no text may bring about."""

    page: Page
    place: str
    done: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.page.context.on("request", self._asked)
        self.page.context.on("page", lambda one: self.done.append(f"opened {one.url}"))
        self.page.on("dialog", self._said)

    def _asked(self, request: Request) -> None:
        if not request.url.startswith((f"{self.place}/", "data:", "blob:")):
            self.done.append(f"asked for {request.url}")

    def _said(self, dialog: Dialog) -> None:
        self.done.append(f"said {dialog.message}")
        dialog.dismiss()

    def is_safe(self) -> None:
        """Nothing has happened, and nothing on the page now would, also where it is folded."""
        settled(self.page)
        self.page.evaluate("document.querySelectorAll('details:not([open]) > summary').forEach(one => one.click())")
        expect(self.page.locator("details:not([open])")).to_have_count(0)
        assert self.done == []
        assert self.page.evaluate(LOOK, HOST) == []
        assert self.page.evaluate(f"window.{CANARY}") is None
        assert len(self.page.frames) == 1
        assert self.page.url.startswith(self.place)
        assert CANARY not in self.page.title()


def table(rows: Iterable[Iterable[object]]) -> bytes:
    text = io.StringIO(newline="")
    csv.writer(text).writerows(rows)
    return text.getvalue().encode()


def totals(first: int, last: int) -> str:
    return TOTALS.format(HTML.replace('"', '""'), IMAGE.replace('"', '""'), first, last)


def conversation(title: str, texts: Iterable[str]) -> Portable:
    """One turn after the other, each with the text as the question, the answer, and a file."""
    turns: list[PortableTurn] = []
    for number, text in enumerate(texts, 1):
        file = Attachment(SCRIPT, "text", text, notes=(LINK,))
        turns.append(PortableTurn(str(number), str(number - 1 or ""), text, text, model=IMAGE, attachments=(file,)))
    return Portable(title, title, 0, 0, False, ALL, IMAGE, str(len(turns)), tuple(turns))


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A home whose tables, conversations, prompts and pinned answers hold nothing else."""
    home = tmp_path_factory.mktemp("home")
    with Workspace.open(home / "workspace", Settings(bayan_home=str(home))) as space:
        headers = [*LINES[:12], FORGED, FORMULA, LINK]
        boards.load(space, table([headers, *[list(LINES[at:][: len(headers)]) for at in range(40)]]), f"{SCRIPT}.csv")
        rows = [[line, f"2024-{1 + at % 2:02}-01", at] for at, line in enumerate(LINES, 1)]
        boards.load(space, table([["region", "month", "amount"], *rows]))
        file = to_json([conversation(line, [line]) for line in LINES[:30]])
        list(take_in(space.history, from_json(file).conversations))
        for name in (SCRIPT, IMAGE, FORGED):
            presets.keep(space.folder, name[: presets.LONGEST_NAME], name)
        queries = [totals(at, at + IN_A_CHART - 1) for at in range(1, len(LINES), IN_A_CHART)]
        queries += [BY_MONTH, f'SELECT sum(amount) AS "{LINK}" FROM sales', "SELECT * FROM sales LIMIT 12"]
        for at, sql in enumerate(queries):
            one = boards.answer(space, LINES[at], sql)
            texts = LINES[at * AT_ONCE :][:AT_ONCE]
            findings = (Finding("code", "doubt", HTML),)
            mark = TableMark(IMAGE, SCRIPT, 1, 1, "")
            one = replace(one, title=texts[0][:200], note="\n".join(texts), assumptions=texts, findings=findings)
            board.pin(space.folder, replace(one, model=IMAGE, engine=LINK, tables=(mark,)))
    return home


def said(asked: Asked) -> Reply:
    """Whatever is asked for, with everything in it."""
    if not asked.path.endswith("/chat/completions"):
        return answer(f"{SCRIPT}\n```sql\n{totals(1, IN_A_CHART)}\n```")(asked)
    return chat_stream(*(ALL[at : at + 1500] for at in range(0, len(ALL), 1500)))


def titled(asked: Asked) -> Reply | None:
    """A title that runs, for a request for one."""
    return answer(SCRIPT)(asked) if b"You write titles" in asked.raw else None


@pytest.fixture(scope="module")
def upstream() -> Iterator[ScriptedUpstream]:
    served = [{"id": one, "name": one, "context_length": 32_768, "pricing": {"prompt": one}} for one in LINES]
    models = document({"data": [*MODELS, *served]})
    with ScriptedUpstream(otherwise=said, models=models, aside=titled) as scripted:
        yield scripted


@pytest.fixture(scope="module")
def app(home: Path, upstream: ScriptedUpstream) -> Iterator[str]:
    with running_app(BAYAN_HOME=str(home), LLM_BASE_URL=upstream.base_url, LLM_API_KEY=upstream.key) as url:
        yield url


def opened(open_page: Opener, app: str, path: str, heading: str) -> Watch:
    page = open_page("about:blank")
    watch = Watch(page, app)
    page.goto(f"{app}/{path}")
    page.get_by_role("heading", name=heading, level=1).wait_for()
    settled(page)
    return watch


def go(page: Page, link: str) -> None:
    page.get_by_test_id("stSidebar").get_by_role("link", name=link, exact=True).click()
    page.get_by_role("heading", level=1, name="Your data" if link == "Data" else link, exact=True).wait_for()
    settled(page)


def ask(page: Page, question: str) -> Locator:
    """Ask; the answer once it is there."""
    messages = page.get_by_test_id("stChatMessage")
    settled(page)
    count = messages.count()
    box = page.get_by_test_id("stChatInputTextArea")
    box.fill(question)
    box.press("Enter")
    expect(messages).to_have_count(count + 2)
    expect(messages.last.get_by_role("button", name=re.compile("Regenerate|Retry"))).to_be_visible()
    return messages.last


def hover(page: Page) -> None:
    """Over the first mark of each chart."""
    for chart in page.get_by_test_id("stPlotlyChart").all():
        mark = chart.locator(".point path, .point").first
        mark.scroll_into_view_if_needed()
        box = mark.bounding_box()
        assert box is not None
        page.mouse.move(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2, steps=3)
        expect(chart.locator(".hoverlayer text").first).to_be_attached()


def test_words_of_models_and_endpoints(app: str, upstream: ScriptedUpstream, open_page: Opener, tmp_path: Path) -> None:
    watch = opened(open_page, app, "chat", "Chat")
    page = watch.page
    texts = list(HOSTILE.values())
    chunks = ["\n\n".join(texts[at : at + AT_ONCE]) for at in range(0, len(texts), AT_ONCE)]
    file = tmp_path / "chats.json"
    file.write_bytes(to_json([conversation(SCRIPT, chunks)]))
    page.get_by_role("button", name="Import and export").click()
    page.get_by_test_id("stFileUploaderDropzoneInput").set_input_files(file)
    page.get_by_role("button", name=re.compile("^Show .* earlier")).click()
    expect(page.get_by_test_id("stChatMessage")).to_have_count(2 * len(chunks))
    watch.is_safe()

    page.get_by_role("button", name="New chat").click()
    page.get_by_role("button", name="Options").click()
    page.get_by_role("button", name="List the endpoint's models").click()
    for label, name in (("Model", IMAGE), ("System prompt", SCRIPT[:20])):
        settled(page)
        page.get_by_role("combobox", name=label).click()
        page.get_by_role("combobox", name=label).fill(name)
        page.get_by_role("option", name=name).first.wait_for()
        watch.is_safe()
        page.get_by_role("option", name=name).first.click()
    settled(page)
    page.keyboard.press("Escape")

    expect(ask(page, "Hello")).to_contain_text("not loaded")
    watch.is_safe()
    file = tmp_path / "<img src=x onerror=alert(1)>.txt"
    file.write_text(ALL, encoding="utf-8")
    page.get_by_test_id("stChatInput").locator("input[type=file]").set_input_files(file)
    expect(page.get_by_test_id("stChatInput")).to_contain_text(".txt")
    ask(page, "What is in it?")
    odd = {"usage": {"prompt_tokens": SCRIPT, "completion_tokens": [IMAGE]}, "model": IMAGE, "id": SCRIPT}
    faults = (
        failure(400, IMAGE),
        failure(401, SCRIPT, HTML),
        failure(404, f"{FORMULA} {LINK}"),
        plain(500, f"{FORGED} {HTML}"),
        chunked(event(chat_chunk(LINK)), event({"error": {"code": SCRIPT, "message": HTML}})),
        chunked(event(chat_chunk(IMAGE)), event(chat_chunk(reason=SCRIPT) | odd), event("[DONE]")),
        plain(307, "", Location=f"http://{HOST}/<img/src=x/onerror=alert(1)>"),
    )
    page.get_by_role("button", name="New chat").click()
    expect(page.get_by_test_id("stChatMessage")).to_have_count(0)
    upstream.then(*faults)
    for _ in faults:
        ask(page, "Hello")
    expect(page.get_by_test_id("stAlert")).to_have_count(len(faults) - 1)
    expect(page.get_by_text("in the prompt")).to_be_visible()
    watch.is_safe()

    page.get_by_role("button", name="New chat").click()
    expect(page.get_by_test_id("stChatMessage")).to_have_count(0)
    expect(ask(page, "What is the total amount by region in sales?")).to_contain_text("From your tables")
    hover(page)
    watch.is_safe()
    shoot(page, "hostile-chat")
    page.get_by_role("button", name="Open on the Ask page").click()
    page.get_by_role("heading", name="Ask your data").wait_for()
    for remark in ("Explain", "What should I ask next?"):
        page.get_by_role("button", name=remark).click()
    expect(page.get_by_role("button", name="Again")).to_have_count(2)
    hover(page)
    watch.is_safe()

    go(page, "Settings")
    page.get_by_role("button", name="Test connection").click()
    page.get_by_text("models served there").click()
    watch.is_safe()


def test_tables_and_pinned_answers(app: str, open_page: Opener) -> None:
    watch = opened(open_page, app, "data", "Your data")
    page = watch.page
    page.get_by_role("combobox", name="Table").click()
    page.get_by_role("option").last.wait_for()
    watch.is_safe()
    page.get_by_role("option").first.click()
    for section in ("Columns", "Report", "Change", "Preview"):
        page.get_by_role("radio", name=section).click()
        watch.is_safe()

    go(page, "Board")
    charts = page.get_by_test_id("stPlotlyChart")
    expect(charts.last.locator(".main-svg").first).to_be_visible()
    hover(page)
    watch.is_safe()
    shoot(page, "hostile-board")
    page.get_by_role("button", name="Present").click()
    count = len(LINES) // IN_A_CHART + 4
    for at in range(1, count + 1):
        expect(page.get_by_text(f"{at} of {count}", exact=True)).to_be_visible()
        watch.is_safe()
        page.keyboard.press("ArrowRight")
