"""Served to others: each visitor sees their own tables and answers, and nobody else's."""

from __future__ import annotations

from pathlib import Path

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.browser.conftest import APP, Opener, free_port, running_app, running_server, settled
from tests.browser.provider import Provider
from tests.browser.proxy import proxied

pytestmark = pytest.mark.browser


@pytest.fixture
def secret(tmp_path: Path) -> Path:
    file = tmp_path / "secret.csv"
    file.write_text("name,salary\nAda,100\n", encoding="utf-8")
    return file


def upload(page: Page, file: Path) -> None:
    page.get_by_test_id("stFileUploaderDropzoneInput").first.set_input_files(file)
    page.get_by_text("secret · 1 row").wait_for(state="attached")
    settled(page)


def query(page: Page, sql: str) -> None:
    page.get_by_role("button", name="Write SQL by hand").click()
    page.get_by_role("textbox", name="SQL").fill(sql)
    page.get_by_role("textbox", name="SQL").press("Control+Enter")


def test_two_visitors_and_one_address_each(open_page: Opener, secret: Path, tmp_path: Path) -> None:
    with running_app(BAYAN_SHARED="1", BAYAN_HOME=str(tmp_path / "home")) as url:
        ada, bob = open_page(f"{url}/ask"), open_page(f"{url}/ask")
        upload(ada, secret)
        expect(bob.get_by_text("Or take sample data")).to_be_visible()
        bob.reload()
        expect(bob.get_by_text("secret")).to_have_count(0)
        assert "?w=" in ada.url
        assert ada.url != bob.url

        # The address is the key: a reload and another browser that has it see the same; the links carry it on.
        key = ada.url.split("?")[1]
        ada.reload()
        expect(ada.get_by_text("secret · 1 row")).to_be_attached()
        ada.get_by_test_id("stSidebar").get_by_role("link").nth(1).click()
        expect(ada.get_by_role("heading", name="Your data")).to_be_visible()
        settled(ada)
        assert ada.url.split("?")[1] == key
        expect(open_page(ada.url).get_by_role("combobox", name="Table")).to_have_value("secret")

        # An id that was not made here opens a new workspace under a new id.
        guess = open_page(f"{url}/ask?w=ada")
        expect(guess.get_by_text("Or take sample data")).to_be_visible()
        assert "w=ada" not in guess.url

        # Nor does SQL reach what is not one's own.
        (theirs,) = Path(tmp_path / "home").rglob("tables-*.duckdb")
        bob.get_by_role("button", name="Penguins").click()
        expect(bob.get_by_text("penguins · 344 rows")).to_be_attached()
        for sql in ("SELECT * FROM secret", f"SELECT * FROM '{theirs}'", f"ATTACH '{theirs}' AS other"):
            query(bob, sql)
            expect(bob.get_by_test_id("stAlert").last).to_be_visible()
            settled(bob)
        expect(bob.get_by_text("Ada", exact=True)).to_have_count(0)


def test_delete_everything_deletes_the_files(open_page: Opener, secret: Path, tmp_path: Path) -> None:
    home = tmp_path / "home"
    with running_app(BAYAN_SHARED="1", BAYAN_HOME=str(home)) as url:
        page = open_page(f"{url}/data")
        page.get_by_test_id("stFileUploaderDropzoneInput").first.set_input_files(secret)
        expect(page.get_by_text("secret.csv").first).to_be_visible()
        settled(page)
        before = page.url
        page.get_by_role("button", name="Delete everything now").click()
        page.get_by_role("button", name="Yes, delete everything").click()
        expect(page.get_by_text("Drop the files that you have")).to_be_visible()
        expect(page).not_to_have_url(before)
        settled(page)
        assert not [one for one in home.rglob("*") if one.is_file() and b"salary" in one.read_bytes()]


def test_an_identity_owns_its_workspace(open_page: Opener, secret: Path, tmp_path: Path) -> None:
    port = free_port()
    url = f"http://127.0.0.1:{port}"
    secrets = tmp_path / "secrets.toml"
    with Provider() as provider:
        secrets.write_text(provider.secrets(url), encoding="utf-8")
        ours = {"BAYAN_HOME": str(tmp_path / "home"), "BAYAN_SHARED": "1", "ADMINS": "ada@example.org, eve@example.org"}
        with running_server(APP, (), port, secrets, **ours):
            for subject, sees_it in (("ada", False), ("bob", False), ("ada", True)):
                provider.subject = subject
                page = open_page(f"{url}/ask")
                expect(page.get_by_text("Log in to see your tables")).to_be_visible()
                page.get_by_role("button", name="Log in").click()
                page.get_by_test_id("stFileUploaderDropzoneInput").first.wait_for(state="attached")
                page.goto(f"{url}/ask")
                settled(page)
                expect(page.get_by_text("secret · 1 row")).to_have_count(int(sees_it))
                if subject == "ada" and not sees_it:
                    upload(page, secret)
                if not sees_it:
                    page.goto(f"{url}/settings")
                    expect(page.get_by_role("heading", name="Appearance")).to_be_visible()
                    expect(page.get_by_role("heading", name="This server")).to_have_count(int(subject == "ada"))


def box_of(page: Page) -> Locator:
    return page.get_by_role("textbox", name="Open a file of this machine by its path")


def test_paths_are_for_who_sits_at_the_machine(open_page: Opener, secret: Path, tmp_path: Path) -> None:
    with running_app(BAYAN_HOME=str(tmp_path / "home")) as url:
        page = open_page(f"{url}/data")
        box_of(page).fill(str(secret))
        page.get_by_role("button", name="Open", exact=True).click()
        expect(page.get_by_role("combobox", name="Table")).to_have_value("secret")
        for header in ("Via: 1.1 cache", "X-Forwarded-For: 192.0.2.1", "CF-Connecting-IP: 192.0.2.1"):
            with proxied(int(url.rpartition(":")[2]), header) as outside:
                page = open_page(f"{outside}/data")
                page.get_by_text("Add files or sample data").wait_for()
                settled(page)
                page.get_by_text("Add files or sample data").click()
                expect(page.get_by_role("button", name="Penguins")).to_be_visible()
                settled(page)
                expect(box_of(page)).to_have_count(0)
