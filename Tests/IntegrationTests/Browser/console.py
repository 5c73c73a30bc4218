#!/usr/bin/env python3
"""Each role's main task in a real browser, from sign-in to result; run by ConsoleTests of the integration tests.

    console.py SETTING.json

SETTING names the server's address, the administrator's link, where axe-core is (or null), where screenshots go, the recorded
caller, and an order for each language. A line `ok NAME` for what held, `no NAME: WHY` for what did not; exit code 0 when all did.
"""

import json
import os
import sys
import tempfile
import time
import traceback

from selenium import webdriver
from selenium.common.exceptions import (
    NoSuchElementException, StaleElementReferenceException, WebDriverException)
from selenium.webdriver.chrome.service import Service
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys
from selenium.webdriver.support.ui import Select, WebDriverWait

SETTING = json.load(open(sys.argv[1], encoding="utf-8"))
BASE = SETTING["base"]
AXE = open(SETTING["axe"], encoding="utf-8").read() if SETTING.get("axe") else None
ROOT = os.path.abspath(os.path.join(os.path.dirname(__file__), "..", "..", ".."))
PASSWORD = "Quagga horse 77"
ROLES = ["agent", "shift_leader", "qa", "auditor", "handler", "operator", "api_user"]
failures = 0
links = {}
# Of the task that runs: what its pages lack. They are told at its end, so that one does not hide the next.
problems = []


def browser(language):
    options = webdriver.ChromeOptions()
    options.binary_location = "/usr/bin/chromium"
    profile = tempfile.mkdtemp(dir=os.path.dirname(sys.argv[1]))
    for argument in [
        "--headless=new", "--no-sandbox", "--disable-dev-shm-usage", "--window-size=1280,720", "--disable-gpu",
        "--autoplay-policy=no-user-gesture-required", f"--user-data-dir={profile}", "--disable-background-networking",
    ]:
        options.add_argument(argument)
    options.set_capability("goog:loggingPrefs", {"browser": "ALL"})
    driver = webdriver.Chrome(service=Service("/usr/bin/chromedriver"), options=options)
    driver.set_page_load_timeout(30)
    # The window's outside is larger than what is seen of a page: 1280 x 720 of page are asked for.
    driver.execute_cdp_cmd(
        "Emulation.setDeviceMetricsOverride",
        {"width": 1280, "height": 720, "deviceScaleFactor": 1, "mobile": False})
    # Bootstrap scrolls smoothly, and clicks would miss.
    driver.execute_cdp_cmd(
        "Emulation.setEmulatedMedia", {"features": [{"name": "prefers-reduced-motion", "value": "reduce"}]})
    return driver


def find(driver, css):
    return driver.find_element(By.CSS_SELECTOR, css)


def wait(driver, what, seconds=15):
    return WebDriverWait(
        driver, seconds, 0.1, [NoSuchElementException, StaleElementReferenceException]).until(lambda _: what())


def click(driver, css):
    """Clicks what leads to another page, and waits for that."""
    old = find(driver, "html")
    target = find(driver, css)
    driver.execute_script("arguments[0].scrollIntoView({block: 'center'})", target)
    target.click()

    def is_gone():
        try:
            old.is_enabled()
            return False
        except WebDriverException:  # stale, or in the words of a browser that has thrown it away meanwhile
            return True

    wait(driver, is_gone)
    wait(driver, lambda: driver.execute_script("return document.readyState") == "complete")


def look(driver, name, language):
    """What holds of every page: it fits 1280 x 720, axe-core finds nothing, nothing went wrong in its scripts."""
    driver.save_screenshot(f"{SETTING['shots']}/{language}-{name}.png")
    width = driver.execute_script("return document.documentElement.scrollWidth")
    if width > 1280:
        problems.append(f"{name} is {width} wide")
    wanted = "zh-CN" if language == "zh" else "en"
    assert find(driver, "html").get_attribute("lang") == wanted, f"{name} is not in {language}"
    if AXE:
        driver.execute_script(AXE)
        found = driver.execute_async_script(
            "const done = arguments[0]; axe.run(document, {runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa']})"
            ".then((result) => done(result.violations.map((one) => one.id + ': ' +"
            " one.nodes.map((node) => node.html.slice(0, 160)).join(' | '))), (error) => done([String(error)]))")
        if found:
            problems.append(f"{name}: axe-core: {found}")
    said = [entry for entry in driver.get_log("browser") if entry["level"] == "SEVERE"]
    if said:
        problems.append(f"{name}: {said}")


def speak(driver, language):
    if find(driver, "html").get_attribute("lang").startswith(language):
        return
    click(driver, ".who form[action='/language'] button")


def sign_in(driver, name, language):
    driver.get(BASE + "/sign-in")
    speak(driver, language)
    find(driver, "#name").send_keys(name)
    find(driver, "#password").send_keys(PASSWORD)
    click(driver, "form[action='/sign-in'] button")
    assert find(driver, "#sign-out"), "signed in"


def task(name):
    """Runs a task with a browser of its own."""

    def decorate(body):
        def run(language):
            global failures
            driver = browser(language)
            problems.clear()
            try:
                body(driver, language)
                assert not problems, "; ".join(problems)
                print(f"ok {language} {name}", flush=True)
            except Exception as error:  # whatever it is, the next task is tried
                failures += 1
                where = traceback.extract_tb(error.__traceback__)
                lines = " < ".join(str(frame.lineno) for frame in reversed(where) if frame.filename == __file__)
                told = str(error).split("Stacktrace:")[0].strip()[:1500]
                print(f"no {language} {name}: {type(error).__name__}: {told} {problems} (line {lines})", flush=True)
                try:
                    driver.save_screenshot(f"{SETTING['shots']}/{language}-failed-{name}.png")
                    print("   ", find(driver, "main").text[:800].replace("\n", " / "), flush=True)
                except Exception:  # the browser itself is gone
                    pass
            finally:
                driver.quit()

        return run

    return decorate


@task("administrator-first-password")
def first(driver, language):
    driver.get(BASE + SETTING["link"])
    speak(driver, language)
    look(driver, "welcome", language)
    find(driver, "#password").send_keys(PASSWORD)
    find(driver, "#again").send_keys("something else")
    click(driver, "main button")
    assert find(driver, "#complaint").text
    find(driver, "#password").send_keys(PASSWORD)
    find(driver, "#again").send_keys(PASSWORD)
    click(driver, "main button")
    assert find(driver, "#sign-out")
    driver.get(BASE + SETTING["link"])
    assert find(driver, ".alert-danger strong").text == "404", "the link works once"


@task("administrator-enters-people")
def people(driver, language):
    driver.get(BASE + "/sign-in")
    speak(driver, language)
    look(driver, "sign-in", language)
    sign_in(driver, "admin", language)
    for role in ROLES:
        name = f"{role.replace('_', '')[:8]}{language}"
        driver.get(BASE + "/people")
        find(driver, "#name").send_keys(name)
        find(driver, "#title").send_keys(f"<b>{role}</b>")
        find(driver, f"#role-{role}").click()
        if role == "handler":
            Select(find(driver, "#unit")).select_by_value("power_station")
        if role == "agent":
            find(driver, "#work_number").send_keys("1001")
        click(driver, "section form[action='/people'] .btn-primary")
        links[name] = find(driver, "#link").text
    look(driver, "people", language)
    assert not driver.find_elements(By.CSS_SELECTOR, "#people b"), "a name is text"
    driver.get(BASE + "/operation/retention")
    look(driver, "retention", language)
    for name, link in list(links.items()):
        if not name.endswith(language):
            continue
        driver.delete_all_cookies()
        driver.get(BASE + link)
        find(driver, "#password").send_keys(PASSWORD)
        find(driver, "#again").send_keys(PASSWORD)
        click(driver, "main button")
        assert find(driver, "#sign-out")


def playing(driver):
    """Where the player stands, in seconds, as the slider tells those who do not see it."""
    sliders = driver.find_elements(By.CSS_SELECTOR, "#player [role=slider][aria-valuenow]")
    return max((float(slider.get_attribute("aria-valuenow")) for slider in sliders), default=0)


@task("qa-finds-and-hears-a-recording")
def qa(driver, language):
    sign_in(driver, f"qa{language}", language)
    driver.get(BASE + "/recordings")
    find(driver, "#caller").send_keys(SETTING["caller"])
    click(driver, ".search .btn-primary")
    look(driver, "recordings", language)
    rows = driver.find_elements(By.CSS_SELECTOR, "#recordings tbody tr")
    assert len(rows) == 1, f"{len(rows)} found"
    assert SETTING["caller"] not in rows[0].text.split("\n")[0] or rows[0].text.count("•••"), "QA need not see the number"
    click(driver, "#recordings tbody a")
    # Without a reason nothing is heard.
    reason = wait(driver, lambda: find(driver, "#player form input, #player form textarea"))
    reason.send_keys("抽检")
    reason.send_keys(Keys.ENTER)
    wait(driver, lambda: driver.find_elements(By.CSS_SELECTOR, "#player canvas"))
    time.sleep(0.5)
    find(driver, "body").send_keys("k")
    wait(driver, lambda: playing(driver) > 0.3)
    find(driver, "body").send_keys("k")
    look(driver, "recording", language)
    find(driver, "body").send_keys(Keys.HOME)
    wait(driver, lambda: playing(driver) < 0.5)
    find(driver, "body").send_keys(Keys.END)
    wait(driver, lambda: playing(driver) > 3)
    find(driver, "body").send_keys("n")
    field = wait(driver, lambda: driver.switch_to.active_element if driver.switch_to.active_element.tag_name in ("textarea", "input") else None)
    field.send_keys("问候语规范 <script>alert(1)</script> \u202e")
    find(driver, "#player form:has(textarea) button[type=submit], #player form:has(textarea) button:not([type])").click()
    wait(driver, lambda: "问候语规范" in find(driver, "#player").text)


@task("qa-scores-and-the-agent-appeals")
def quality(driver, language):
    sign_in(driver, f"qa{language}", language)
    driver.get(BASE + "/quality")
    look(driver, "quality", language)
    driver.get(f"{BASE}/recordings/{SETTING['recording']}")
    click(driver, ".score-link")
    reason = wait(driver, lambda: find(driver, "#player form input, #player form textarea"))
    reason.send_keys("评分")
    reason.send_keys(Keys.ENTER)
    wait(driver, lambda: driver.find_elements(By.CSS_SELECTOR, "#player canvas"))
    # What was measured is answered already; the rest is the reviewer's.
    assert find(driver, "#v-hang-up-1").is_selected(), "the caller hung up first"
    # Without an answer the browser itself does not let it go.
    find(driver, "#score button.btn-primary").click()
    assert "/quality/score/" in driver.current_url
    for item in driver.find_elements(By.CSS_SELECTOR, ".score-item"):
        if not item.find_elements(By.CSS_SELECTOR, "input:checked"):
            item.find_element(By.CSS_SELECTOR, "input[type=radio]").send_keys(Keys.SPACE)
    driver.find_element(By.ID, "v-manner-2").click()
    find(driver, "#n-manner").send_keys("语速偏快 <b>")
    find(driver, "#p-manner + button").click()
    assert find(driver, "#p-manner").get_attribute("value"), "the place is the player's"
    look(driver, "score", language)
    click(driver, "#score button.btn-primary")
    assert "%" in find(driver, "#score-total").text
    look(driver, "review", language)
    address = driver.current_url.split("?")[0]
    click(driver, "#sign-out")
    sign_in(driver, f"agent{language}", language)
    driver.get(address)
    find(driver, "#why").send_keys("语速正常")
    click(driver, "#appeal button")
    assert "语速正常" in find(driver, "main").text
    driver.get(BASE + "/quality/report")
    look(driver, "quality-report", language)


@task("agent-accepts-an-order")
def agent(driver, language):
    sign_in(driver, f"agent{language}", language)
    look(driver, "wallboard", language)
    wait(driver, lambda: find(driver, "html").get_attribute("data-live") == "yes")
    # The menu begins with one's own desk; its state follows by itself.
    click(driver, ".menu li:first-child a")
    wait(driver, lambda: find(driver, "html").get_attribute("data-live") == "yes")
    click(driver, "#wish-available")
    assert find(driver, "#state").get_attribute("data-state") == "available"
    find(driver, "#reason").send_keys("午饭 <b>")
    look(driver, "desk", language)
    click(driver, "#wish-away")
    assert find(driver, "#state").get_attribute("data-state") == "away"
    click(driver, "#wish-logged_out")
    assert find(driver, "#state").get_attribute("data-state") == "logged_out"
    driver.get(f"{BASE}/orders/{SETTING['orders'][language]}")
    look(driver, "order-new", language)
    assert "13900000001" in find(driver, "#order-caller").text, "an agent sees who called"
    fill(driver, "accept", "停电投诉 <img src=x onerror=alert(1)>")
    assert find(driver, ".alert-success").text
    look(driver, "order", language)
    assert not driver.find_elements(By.CSS_SELECTOR, "main img"), "a field is text"
    # What a caller left is heard from where it begins, and is the agent's from then on.
    driver.get(BASE + "/inbox")
    messages = lambda: driver.find_elements(By.CSS_SELECTOR, "#messages tbody tr")
    before = len(messages())
    audio = find(driver, "#messages audio")
    driver.execute_script("arguments[0].play()", audio)
    wait(driver, lambda: driver.execute_script("return arguments[0].currentTime", audio) > 1.2)
    look(driver, "messages", language)
    click(driver, "#messages .btn-primary")
    assert find(driver, ".alert-success").text and len(messages()) == before - 1
    driver.get(BASE + "/inbox?all=1")
    click(driver, f"#messages a[href='/desk/calls/{SETTING['call']}']")
    assert find(driver, "#category")


def fill(driver, step, text):
    """Fills a step's form: what is needed, and no more."""
    form = f"#step-{step}"
    if not find(driver, form).get_attribute("open"):
        find(driver, f"{form} summary").click()
    for field in driver.find_elements(By.CSS_SELECTOR, f"{form} [required]"):
        if field.tag_name == "select":
            if not field.get_attribute("value"):
                values = [option.get_attribute("value") for option in Select(field).options]
                # Who is named has to be named.
                Select(field).select_by_value("anonymous" if "anonymous" in values else values[1])
        else:
            field.send_keys(text)
    click(driver, f"{form} .btn-primary")


@task("shift-leader-dispatches")
def leader(driver, language):
    sign_in(driver, f"shiftlea{language}", language)
    driver.get(BASE + "/orders")
    look(driver, "orders", language)
    driver.get(f"{BASE}/orders/{SETTING['orders'][language]}")
    steps = [step.get_attribute("id") for step in driver.find_elements(By.CSS_SELECTOR, ".step")]
    assert "step-audit" in steps and "step-dispatch" not in steps, f"{steps}: {find(driver, '#state').text}"
    # The steps that are allowed, one after the other: the shift leader's check comes before the dispatch.
    find(driver, "#step-audit summary").click()
    Select(find(driver, "#audit-verdict")).select_by_value("passed")
    fill(driver, "audit", "合格")
    assert find(driver, ".alert-success").text
    form = "#step-dispatch"
    assert driver.find_elements(By.CSS_SELECTOR, form), find(driver, "main").text
    if not find(driver, form).get_attribute("open"):
        find(driver, f"{form} summary").click()
    Select(find(driver, "#dispatch-department")).select_by_value("power_station")
    fill(driver, "dispatch", "派发")
    assert find(driver, ".alert-success").text


@task("shift-leader-fills-in-the-form-of-a-call")
def intake(driver, language):
    sign_in(driver, f"shiftlea{language}", language)
    driver.get(f"{BASE}/desk/calls/{SETTING['call']}")
    look(driver, "intake-new", language)
    shown = lambda: [field.get_attribute("name") for field in driver.find_elements(By.CSS_SELECTOR, "#fields [name]") if field.is_displayed()]
    assert shown() == [], "without a category nothing is asked"
    Select(find(driver, "#category")).select_by_value("complaint")
    assert "field_identity" in shown() and "field_question" not in shown(), shown()
    find(driver, "#f-content").send_keys(f"抄表员 <img src=x> {language}")
    # What was typed outlives a change of mind.
    Select(find(driver, "#category")).select_by_value("consultation")
    assert shown()[0] == "field_question", shown()
    Select(find(driver, "#category")).select_by_value("complaint")
    assert find(driver, "#f-content").get_attribute("value").endswith(language)
    Select(find(driver, "#f-identity")).select_by_value("named")
    Select(find(driver, "#f-topic")).select_by_value("conduct")
    look(driver, "intake", language)
    click(driver, "#send")
    assert find(driver, "#complaint").text, "who is named has to be named"
    driver.get_log("browser")
    find(driver, "#f-customer").send_keys("王某")
    click(driver, "#send")
    assert find(driver, ".alert-success").text and "-" in find(driver, "#made tbody a").text
    look(driver, "intake-made", language)


@task("department-receives")
def handler(driver, language):
    sign_in(driver, f"handler{language}", language)
    driver.get(BASE + "/orders")
    look(driver, "inbox", language)
    assert SETTING["orders"][language] in find(driver, "#orders").text
    driver.get(f"{BASE}/orders/{SETTING['orders'][language]}")
    assert "13900000001" in find(driver, "#order-caller").text, "the named handler sees who called"
    fill(driver, "receive", "收到")
    assert find(driver, ".alert-success").text
    for page in ["/recordings", "/audit", "/people", "/outages", "/flow"]:
        driver.get(BASE + page)
        shown = driver.find_elements(By.CSS_SELECTOR, ".alert-danger strong")
        assert (page == "/recordings") != bool(shown), page
    driver.get_log("browser")


@task("auditor-judges-and-verifies")
def auditor(driver, language):
    sign_in(driver, f"auditor{language}", language)
    driver.get(BASE + "/audit")
    Select(find(driver, "#profile")).select_by_value("yongqiang")
    click(driver, ".search .btn-primary")
    assert len(driver.find_elements(By.CSS_SELECTOR, "#figures tbody tr")) > 1
    wait(driver, lambda: find(driver, "#chart").get_attribute("data-drawn") == "yes")
    look(driver, "audit", language)
    click(driver, "#verify")
    assert find(driver, "#whole").text
    look(driver, "evidence", language)
    driver.get(BASE + "/audit/calendar?month=2026-08&profile=yongqiang")
    assert "2026-08-17" in find(driver, "tr[data-rule=yq-publication]").text, "the 15th is a Saturday"
    look(driver, "publication-calendar", language)
    driver.get(f"{BASE}/orders/{SETTING['orders'][language]}")
    assert "13900000001" not in find(driver, "main").text, "an auditor does not see who called"
    assert not driver.find_elements(By.CSS_SELECTOR, ".step"), "an auditor changes nothing"


@task("operator-announces-an-outage")
def operator(driver, language):
    sign_in(driver, f"operator{language}", language)
    driver.get(BASE + "/outages")
    later = time.strftime("%Y-%m-%dT%H:%M", time.gmtime(time.time() + 8 * 3600 + 86400))
    end = time.strftime("%Y-%m-%dT%H:%M", time.gmtime(time.time() + 8 * 3600 + 90000))
    area = f"东门路<i>{language}</i>"
    find(driver, "#area").send_keys(area)
    for field, value in [("begins", later), ("ends", end)]:
        driver.execute_script("arguments[0].value = arguments[1]", find(driver, f"#{field}"), value)
    find(driver, "#reason").send_keys("检修")
    find(driver, "#text").send_keys("计划停电 =HYPERLINK(\"x\") '; DROP TABLE outages; --")
    click(driver, "form[action='/outages'] .btn-primary")
    assert area in find(driver, "#outages").text
    look(driver, "outages", language)
    find(driver, "#notice-why").send_keys("台风<i>")
    click(driver, "#notice-turn-on")
    assert "台风<i>" in find(driver, "#notice-facts").text and find(driver, "#notice-on")
    look(driver, "notice-on", language)
    driver.get(BASE + "/")
    wait(driver, lambda: find(driver, "#notices li").text)
    look(driver, "wallboard-notice", language)
    driver.get(BASE + "/outages")
    find(driver, "#notice-end-why").send_keys("抢修完毕")
    click(driver, "#notice-turn-off")
    assert find(driver, "#notice-off") and "抢修完毕" in find(driver, "#notice-facts").text
    driver.get(BASE + "/flow")
    assert find(driver, "#step-person") and "${notice.storm}" in find(driver, "#step-storm").text
    wait(driver, lambda: driver.execute_script("return document.getElementById('drawing').naturalWidth") > 100)
    look(driver, "flow", language)
    driver.get(BASE + "/public")
    assert area in find(driver, "main").text
    find(driver, "#number").send_keys(SETTING["orders"][language])
    find(driver, "#code").send_keys("0000")
    click(driver, "form[action='/public'] .btn-primary")
    assert find(driver, "#complaint").text, "a number alone opens nothing"
    driver.get_log("browser")
    find(driver, "#code").send_keys("4711")
    click(driver, "form[action='/public'] .btn-primary")
    shown = find(driver, "#progress").text
    assert SETTING["orders"][language] in shown and "13900000001" not in find(driver, "main").text
    look(driver, "public", language)
    driver.get(BASE + "/outages")
    find(driver, "#outages details summary").click()
    find(driver, "#outages details input[name=why]").send_keys("取消")
    click(driver, "#outages details .btn-danger")
    assert area not in find(driver, "main").text
    # What keeps the hotline running: found from the menu, checked, a number blocked and taken off.
    click(driver, ".menu a[href='/operation']")
    look(driver, "operation", language)
    click(driver, "#sections a[href='/operation/findings']")
    click(driver, "#check")
    assert len(driver.find_elements(By.CSS_SELECTOR, "#findings tbody tr")) > 10
    find(driver, "#settings summary").click()
    look(driver, "findings", language)
    for page in ["lines", "agents", "customers", "calendar?year=2026", "duties?profile=", "duties/gds-box"]:
        driver.get(f"{BASE}/operation/{page}")
        assert not driver.find_elements(By.CSS_SELECTOR, ".alert-danger"), page
        look(driver, page.split("?")[0].replace("/", "-"), language)
    driver.get(BASE + "/operation/blocklist")
    find(driver, "#number").send_keys("13900000666")
    find(driver, "#hours").send_keys("24")
    find(driver, "#reason").send_keys("骚扰 <b>")
    click(driver, "form[action='/operation/blocklist'] .btn-primary")
    assert "13900000666" in find(driver, "#blocked").text
    find(driver, "#blocked summary").click()
    look(driver, "blocklist", language)
    find(driver, "#blocked input[name=reason]").send_keys("已致歉")
    click(driver, "#blocked .btn-danger")
    assert "13900000666" not in find(driver, "main").text
    roster(driver, language)
    prompts(driver, language)


def roster(driver, language):
    """An agent entered, changed and taken off; a queue set; what is wrong is told in the page's language."""
    number = {"zh": "1003", "en": "1004"}[language]
    driver.get(BASE + "/operation/agents")
    click(driver, "a[href='/operation/agents/new']")
    look(driver, "agent-new", language)
    find(driver, "#number").send_keys(number)
    find(driver, "#name").send_keys("新坐席 <b>")
    Select(find(driver, "#pin")).select_by_value("new")
    click(driver, "main form.card .btn-primary")
    password = find(driver, "#phone-password").text
    assert len(password) == 20 and len(find(driver, "#phone-pin").text) == 6
    look(driver, "agent-secrets", language)
    driver.get(BASE + "/operation/agents")
    assert password not in driver.page_source and number in find(driver, "#agents").text
    click(driver, f"a[href='/operation/agents/{number}']")
    find(driver, "#name").send_keys(" 甲")
    click(driver, "main form.card .btn-primary")
    assert "新坐席 <b> 甲" in find(driver, "#agents").text
    click(driver, "#queues a")
    find(driver, "#q_wrap_up").clear()
    find(driver, "#q_wrap_up").send_keys("soon")
    click(driver, "main form.card .btn-primary")
    told = find(driver, "#complaint").text
    assert ("时长" if language == "zh" else "duration") in told, told
    driver.get_log("browser")
    find(driver, "#q_wrap_up").clear()
    find(driver, "#q_wrap_up").send_keys("15s")
    look(driver, "queue", language)
    click(driver, "main form.card .btn-primary")
    assert not driver.find_elements(By.CSS_SELECTOR, "#complaint")
    driver.get(f"{BASE}/operation/agents/{number}")
    find(driver, "main details summary").click()
    look(driver, "agent", language)
    click(driver, "main details .btn-danger")
    assert number not in find(driver, "#agents").text


def prompts(driver, language):
    """A recording looked at by the server; not taken, since the prompts are the shipped ones."""
    driver.get(BASE + "/prompts?text=greeting")
    assert len(driver.find_elements(By.CSS_SELECTOR, "#prompts tbody tr audio")) > 1
    look(driver, "prompts", language)
    driver.get(BASE + "/prompts/greeting.hello")
    find(driver, "#check").click()
    wait(driver, lambda: find(driver, "#verdict .alert-danger").text)
    find(driver, "#file").send_keys(f"{ROOT}/prompts/zh-CN/greeting.hello.wav")
    find(driver, "#check").click()
    wait(driver, lambda: driver.find_elements(By.CSS_SELECTOR, "#verdict audio"))
    assert find(driver, "#take").is_enabled(), find(driver, "#verdict").text
    look(driver, "prompt", language)
    find(driver, "#take").click()
    wait(driver, lambda: find(driver, "#verdict .alert-danger").text)


@task("api-user-makes-a-token")
def api_user(driver, language):
    sign_in(driver, f"apiuser{language}", language)
    driver.get(BASE + "/account")
    find(driver, "#title").send_keys("月报 <b>")
    click(driver, "form[action='/account/tokens'] .btn-primary")
    assert find(driver, "#token").text.startswith("hl_")
    look(driver, "account", language)
    click(driver, "#tokens button")
    assert not driver.find_elements(By.CSS_SELECTOR, "#tokens"), "it is ended"


@task("everything-by-keyboard")
def keyboard(driver, language):
    """From the sign-in to a recording that plays, without a mouse."""
    driver.get(BASE + "/sign-in?next=/recordings")
    speak(driver, language)
    assert driver.switch_to.active_element.get_attribute("id") == "name"

    def send(*keys):
        driver.switch_to.active_element.send_keys(*keys)

    def go(is_there, most=80):
        for _ in range(most):
            send(Keys.TAB)
            here = driver.switch_to.active_element
            if is_there(here):
                outline = driver.execute_script(
                    "const style = getComputedStyle(arguments[0]); return style.outlineStyle + style.boxShadow", here)
                assert outline != "nonenone", f"focus is not seen on {here.get_attribute('outerHTML')[:120]}"
                return here
        raise AssertionError("the keyboard does not lead there")

    send(f"qa{language}")
    go(lambda here: here.get_attribute("id") == "password")
    send(PASSWORD, Keys.ENTER)
    wait(driver, lambda: "/recordings" in driver.current_url and find(driver, "#caller"))
    # The first stop leads past the menu.
    send(Keys.TAB)
    assert "skip" in driver.switch_to.active_element.get_attribute("class")
    send(Keys.ENTER)
    go(lambda here: here.get_attribute("id") == "caller")
    send(SETTING["caller"], Keys.ENTER)
    wait(driver, lambda: len(driver.find_elements(By.CSS_SELECTOR, "#recordings tbody tr")) == 1)
    go(lambda here: "/recordings/" in (here.get_attribute("href") or ""))
    send(Keys.ENTER)
    wait(driver, lambda: find(driver, "#player form input, #player form textarea"))
    go(lambda here: here.tag_name in ("input", "textarea") and here.find_elements(By.XPATH, "ancestor::section[@id='player']"))
    send("抽检", Keys.ENTER)
    wait(driver, lambda: driver.find_elements(By.CSS_SELECTOR, "#player canvas"))
    time.sleep(0.5)
    send(Keys.SPACE)
    wait(driver, lambda: playing(driver) > 0.3)


def main():
    first("zh")
    for language in ["zh", "en"]:
        for one in [people, qa, quality, agent, leader, intake, handler, auditor, operator, api_user, keyboard]:
            one(language)
    sys.exit(1 if failures else 0)


main()
