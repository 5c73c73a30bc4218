"""Signs in at a release server beside a large store and times its pages, one request after the other on one connection.

Prints for each page: minimum, median, maximum in milliseconds over the rounds, bytes on the wire (deflate). The floor is a page of the
same server that asks nothing of the store.
"""

import http.client
import re
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.parse

program, folder, rounds = sys.argv[1], sys.argv[2], int(sys.argv[3])
PASSWORD = "Quagga horse 77"
PAGES = [
    ("floor: /sign-in", "/sign-in"),
    ("first page: wallboard", "/"),
    ("first page: recordings", "/recordings"),
    ("by caller", "/recordings?caller={caller}"),
    ("by agent", "/recordings?agent={agent}"),
    ("by a day", "/recordings?from_day={day}&to_day={day}"),
    ("by words", "/recordings?text=" + urllib.parse.quote("停电")),
    ("by category", "/recordings?category=complaint"),
    ("by mark", "/recordings?mark=angry"),
    ("by length", "/recordings?length=60..300"),
    ("longest first", "/recordings?sort=length"),
    ("most rung first", "/recordings?sort=rings"),
    ("agent and words", "/recordings?agent={agent}&text=" + urllib.parse.quote("停电")),
    ("second page", "{next}"),
    ("one recording", "{recording}"),
    ("orders", "/orders"),
    ("inbox", "/inbox"),
    ("inbox, all", "/inbox?all=1"),
    ("quality", "/quality"),
    ("publication calendar", "/audit/calendar"),
    ("duties", "/operation/duties"),
    ("findings", "/operation/findings"),
    ("lines", "/operation/lines"),
    ("working days", "/operation/calendar"),
    ("agents and queues", "/operation/agents"),
    ("key customers", "/operation/customers"),
    ("blocklist", "/operation/blocklist"),
    ("retention", "/operation/retention"),
    ("flows", "/flow"),
    ("prompts", "/prompts"),
    ("outages", "/outages"),
    ("people", "/people"),
]


class Browser:
    def __init__(self, address):
        self.connection = http.client.HTTPConnection(address, timeout=60)
        self.cookie = ""

    def ask(self, path, form=None):
        headers = {"Accept-Encoding": "deflate", "Cookie": self.cookie, "Accept-Language": "zh"}
        body = None
        if form is not None:
            body = urllib.parse.urlencode(form)
            headers["Content-Type"] = "application/x-www-form-urlencoded"
        self.connection.request("POST" if form is not None else "GET", path, body, headers)
        answer = self.connection.getresponse()
        data = answer.read()
        if answer.getheader("Set-Cookie"):
            self.cookie = answer.getheader("Set-Cookie").split(";")[0]
        size = len(data)
        if answer.getheader("Content-Encoding") == "deflate":
            import zlib

            data = zlib.decompress(data)
        return answer.status, data.decode(errors="replace"), size


config = tempfile.NamedTemporaryFile("w", suffix=".yaml")
config.write("sip:\n  listen: [\"127.0.0.1:0\"]\norders:\n  policy: yongqiang\nrecordings:\n  check_at: \"24:00\"\n")
config.flush()
server = subprocess.Popen(
    [program, "serve", "--config", config.name, "--data", folder, "--http", "127.0.0.1:0"], stdout=subprocess.PIPE,
    stderr=subprocess.DEVNULL, text=True)
try:
    address = link = None
    for line in server.stdout:
        found = re.search(r"http=(\S+)", line)
        address = found.group(1) if found else address
        found = re.search(r"(/welcome/[0-9a-f]+)", line)
        if found:
            link = found.group(1)
            break
    if not link:
        sys.exit("the server printed no link: give a folder in which nobody has a password yet")
    browser = Browser(address)
    status, _, _ = browser.ask(link, {"password": PASSWORD, "again": PASSWORD})
    assert status == 303, status
    subprocess.run(
        [program, "people", "set", "admin", "--title", "管理员", "--role", "administrator", "--role", "qa", "--role",
         "agent", "--role", "shift_leader", "--role", "operator", "--role", "auditor", "--work-number", "1001", "--data", folder], check=True)
    status, page, _ = browser.ask("/recordings")
    assert status == 200, page[:500]
    rows = re.findall(r'<tr><td><a href="(/recordings/[^"]+)">(\S+) [^<]*</a>.*?</td><td>([^<]*)</td><td>([^<]*)</td>', page)
    assert rows, page[:2000]
    caller = next((row[2] for row in rows if row[2]), "13900000001")
    agent = next((row[3].split("、")[0] for row in rows if row[3]), "1001")
    found = re.search(r'id="next" href="([^"]+)"', page)
    known = {
        "caller": caller, "agent": agent, "day": rows[-1][1], "recording": rows[0][0].replace("&amp;", "&"),
        "next": (found.group(1) if found else "/recordings").replace("&amp;", "&"),
    }
    print(f"{'page':26} {'min':>8} {'median':>8} {'max':>8} ms   bytes")
    slow = []
    for name, path in PAGES:
        path = path.format(**known)
        times = []
        for _ in range(rounds):
            began = time.perf_counter()
            status, page, size = browser.ask(path)
            times.append((time.perf_counter() - began) * 1000)
            assert status == 200, f"{path}: {status} {page[:300]}"
        median = statistics.median(times)
        print(f"{name:26} {min(times):8.1f} {median:8.1f} {max(times):8.1f}    {size:7}", flush=True)
        if not name.startswith("floor") and median > (100 if name.startswith("first") else 150):
            slow.append(name)
    print("over the wish (first page 100 ms, results 150 ms):", ", ".join(slow) or "none")
finally:
    server.terminate()
    server.wait(30)
