"""The page in a browser: light and dark, on a telephone and on paper; what it asks for, what it says, what is cut.

Needs Chromium and its driver on the PATH, and Selenium and axe (the group ``dev`` has them); else it is skipped.
"""

import json
import shutil
from pathlib import Path
from typing import Any

import pytest

from facemotion.report.page import write_report
from facemotion.runs import Run
from facemotion.workspace import read_json

webdriver = pytest.importorskip("selenium.webdriver", reason="selenium is not installed: pip install --group dev")
axe = pytest.importorskip("axe_core_python.selenium", reason="axe-core-python is not installed")
service = pytest.importorskip("selenium.webdriver.chrome.service")

WIDTHS = (390, 768, 1280)
PAPER = 718
"""CSS pixels between the margins of an A4 page: 210 mm less two times 10, at 96 to the inch."""
RULES = {"runOnly": {"type": "tag", "values": ["wcag2a", "wcag2aa"]}}


def found(*names: str) -> str | None:
    return next((path for name in names if (path := shutil.which(name))), None)


CHROMIUM, DRIVER = found("chromium", "chromium-browser", "google-chrome"), found("chromedriver")
pytestmark = pytest.mark.skipif(
    not (CHROMIUM and DRIVER),
    reason="no chromium and chromedriver on the PATH: apt-get install chromium chromium-driver",
)


@pytest.fixture(scope="module")
def browser():
    options = webdriver.ChromeOptions()
    options.binary_location = CHROMIUM
    for argument in ("--headless=new", "--no-sandbox", "--disable-dev-shm-usage", "--disable-gpu"):
        options.add_argument(argument)
    options.set_capability("goog:loggingPrefs", {"browser": "ALL", "performance": "ALL"})
    driver = webdriver.Chrome(options=options, service=service.Service(DRIVER))
    yield driver
    driver.quit()


@pytest.fixture(scope="module")
def pages(tmp_path_factory, made, explained) -> dict[str, Path]:
    """Return a page of the demo, and one of two runs on a licensed dataset with everything that a page can hold."""
    root = tmp_path_factory.mktemp("browser")
    demo = made(root / "demo")
    write_report([Run(demo.run)], demo.workspace, root / "demo.html", {"align": 12.5, "train": 100.0})
    place = made(root / "real", variants=("fmpn", "no-mask-loss", "cnn", "guided", "guided@wrong-mask"))
    for variant in ("cnn", "guided@wrong-mask"):
        explained(place.run, variant)
    real = place.workspace.dataset("ckplus")
    (place.workspace.root / "demo").rename(real)
    config = read_json(place.run / "config.json") | {"dataset": "ckplus"}
    (place.run / "config.json").write_text(json.dumps(config))
    long = "a" * 30 + "/" + "b" * 60 + ".png"
    kept = [{"item": long, "reason": "label_frame_missing", "detail": "its label names frame 12, which is missing"}]
    (real / "ingest.json").write_text(json.dumps(read_json(real / "ingest.json") | {"exclusions": kept}))
    second = place.run.with_name("a-second-run-with-a-long-name-that-says-what-was-changed-in-it")
    shutil.copytree(place.run, second)
    config["settings"]["training"]["mask_weight"] = 0.1
    (second / "config.json").write_text(json.dumps(config))
    write_report([Run(place.run), Run(second)], place.workspace, root / "real.html", with_faces=True)
    return {"demo": root / "demo.html", "real": root / "real.html"}


def show(browser, page: Path, *, width: int, scheme: str = "light", media: str = "") -> None:
    features = [{"name": "prefers-color-scheme", "value": scheme}]
    browser.execute_cdp_cmd("Emulation.setEmulatedMedia", {"media": media, "features": features})
    size = {"width": width, "height": 900, "deviceScaleFactor": 1, "mobile": False}
    browser.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", size)
    for kind in ("browser", "performance"):
        browser.get_log(kind)
    browser.get(page.as_uri())


def asked_for(browser) -> list[str]:
    """Return the addresses that the browser has asked for."""
    messages = [json.loads(entry["message"])["message"] for entry in browser.get_log("performance")]
    return [
        message["params"]["request"]["url"] for message in messages if message["method"] == "Network.requestWillBeSent"
    ]


def beyond(browser, width: int) -> list[dict[str, Any]]:
    """Return the elements that reach over the right edge and are in no box that scrolls."""
    script = """
      const limit = arguments[0] + 0.5, out = [];
      for (const element of document.body.querySelectorAll('*')) {
        const box = element.getBoundingClientRect();
        if (!box.width || box.right <= limit) continue;
        const scrolls = element.closest('.scroll');
        if (scrolls && getComputedStyle(scrolls).overflowX === 'auto' && scrolls !== element) continue;
        out.push({tag: element.tagName, text: element.textContent.trim().slice(0, 60), right: box.right});
      }
      return out;"""
    return browser.execute_script(script, width)


@pytest.mark.parametrize("name", ["demo", "real"])
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_no_error_no_request_no_overflow_and_everything_can_be_read(browser, pages, name, scheme):
    page = pages[name]
    for width in WIDTHS:
        show(browser, page, width=width, scheme=scheme)
        assert browser.execute_script("return document.documentElement.scrollWidth") <= width
        assert beyond(browser, width) == []
        outside = [url for url in asked_for(browser) if url != page.as_uri() and not url.startswith("data:")]
        assert outside == []
        assert browser.get_log("browser") == []
        broken = "return [...document.images].filter(i => !i.complete || !i.naturalWidth).map(i => i.alt)"
        assert browser.execute_script(broken) == []
    browser.execute_script("document.querySelectorAll('details').forEach(d => d.open = true)")
    problems = axe.Axe().run(browser, options=RULES)["violations"]
    told = [(rule["id"], rule["nodes"][0]["html"], rule["nodes"][0]["failureSummary"]) for rule in problems]
    assert told == []


def test_contrast_is_really_looked_at(browser, pages):
    """Axe judges the cells of matrices too, and finds a fault that is put there."""
    show(browser, pages["demo"], width=1280, scheme="dark")
    only = {"runOnly": ["color-contrast"]}
    (rule,) = axe.Axe().run(browser, context=".matrix", options=only)["passes"]
    assert sum("cell" in node["html"] for node in rule["nodes"]) > 5
    browser.execute_script("document.querySelector('h1').style.color = '#222'")
    (rule,) = axe.Axe().run(browser, context="header", options=only)["violations"]
    assert rule["nodes"][0]["html"].startswith("<h1")


def test_dark_is_dark_and_charts_follow(browser, pages):
    colours = {}
    script = """
      const line = document.querySelector('.charts svg path[style*="series-1"]');
      return [getComputedStyle(document.body).backgroundColor, getComputedStyle(line).stroke]"""
    for scheme in ("light", "dark"):
        show(browser, pages["demo"], width=1280, scheme=scheme)
        colours[scheme] = browser.execute_script(script)
    assert colours["light"][0] == "rgb(255, 255, 255)"
    assert sum(map(int, colours["dark"][0].removeprefix("rgb(").removesuffix(")").split(","))) < 120
    assert colours["light"][1] != colours["dark"][1]


@pytest.mark.parametrize("name", ["demo", "real"])
def test_paper_is_white_and_nothing_is_cut_or_folded_on_it(browser, pages, name):
    show(browser, pages[name], width=PAPER, scheme="dark", media="print")
    ground = browser.execute_script("return getComputedStyle(document.body).backgroundColor")
    assert ground == "rgb(255, 255, 255)"
    assert beyond(browser, PAPER) == []
    script = """
      return [...document.querySelectorAll('td, th, pre')].filter(
        cell => !cell.closest('.bar-cell') && !cell.checkVisibility({contentVisibilityAuto: true})
      ).map(cell => cell.textContent)"""
    assert browser.execute_script(script) == []
    folded = "return [...document.querySelectorAll('details')].filter(d => !d.open).length"
    assert browser.execute_script(folded) > 0


def test_a_table_that_is_wider_than_the_page_scrolls_in_its_own_box(browser, pages):
    show(browser, pages["real"], width=390)
    script = """
      return [...document.querySelectorAll('.scroll')].filter(box => box.scrollWidth > box.clientWidth + 1)
        .map(box => [box.tabIndex, box.getAttribute('aria-label')])"""
    wide = browser.execute_script(script)
    assert "Where the runs differ" in [label for _, label in wide]
    assert all(index == 0 and label for index, label in wide)
    stacked = {"Difference in accuracy", "Variants", "Variants compared"}  # their rows are set below each other
    assert not [label for _, label in wide if label in stacked or label.startswith("What guidance does")]
    by_class = (
        "return [...document.querySelectorAll('.by-class')].every(t => t.offsetWidth <= t.parentNode.clientWidth)"
    )
    assert browser.execute_script(by_class)
