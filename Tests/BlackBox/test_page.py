"""The page for people, as people use it: two of them, with the mouse, the keyboard, or a screen reader."""

import os
import re

from browser import Browser
from cases import Case
from client import get, post, request, wait_until

_HTML = "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"
_ASSETS = {
    "plan.css": "text/css", "icon.svg": "image/svg+xml",
    **{f"{name}.js": "text/javascript" for name in (
        "main", "api", "token", "news", "reservations", "tickets", "plan", "panel")},
}


def kind(seat):
    return f"document.querySelector('[data-seat={seat}].seat').dataset.kind"


class PageCase(Case):
    def make_page_server(self, **environment):
        return self.make_server(**environment).start()

    def visit(self, server, browser=None, is_live=True):
        """A person who opens the page; what it complains about fails the test unless it is expected."""
        if browser is None:
            browser = Browser()
            self.addCleanup(browser.close)
            page = browser.page
        else:
            page = browser.open()
        page.go(server.ingress + "/")
        if is_live:
            page.wait_for("document.querySelector('#connection')?.textContent == 'Live'")
            page.wait_for("document.querySelector('#plan').getAttribute('aria-busy') == 'false'")
        page.evaluate("window.isSameDocument = true")
        return page

    def choose(self, page, seat):
        page.click(f"button[data-seat={seat}].seat")
        page.wait_for(f"document.querySelector('#chosen').textContent == 'Seat {seat}'")

    def hold(self, page, seat):
        self.choose(page, seat)
        page.click("#first")
        page.wait_for(f"{kind(seat)} == 'hold'")
        self.wait_said(page, f"Seat {seat} is yours for")

    def wait_said(self, page, text):
        page.wait_for(f"document.querySelector('#message').textContent.includes({text!r})")

    def assert_same_document(self, page):
        self.assertTrue(page.evaluate("window.isSameDocument"), "the page was loaded anew")
        self.assertEqual(page.problems, [])


class Documents(PageCase):
    def test_browsers_get_a_page_and_others_json(self):
        server = self.make_page_server()
        for accept, is_page in (
                (_HTML, True), ("text/html", True), ("text/*", True), ("TEXT/HTML; q=0.9, */*;q=0.1", True),
                ("*/*", False), ("application/json", False), ("application/json, text/html", False),
                ("text/html;q=0.5, application/json", False), ("text/html;q=0, */*", False), ("nonsense", False)):
            with self.subTest(accept):
                answer = request(server.ingress, "GET", "/", headers={"accept": accept})
                self.assertEqual(answer.status, 200)
                self.assertEqual(answer.headers["vary"], "accept")
                self.assertEqual(answer.headers["content-type"],
                                 "text/html; charset=utf-8" if is_page else "application/json")
        self.assertEqual(get(server.ingress, "/").json()["service"], "Reservation Workflow API")
        head = request(server.ingress, "HEAD", "/", headers={"accept": _HTML})
        page = request(server.ingress, "GET", "/", headers={"accept": _HTML})
        self.assertEqual((head.status, head.headers["content-length"]), (200, str(len(page.body))))
        policy = page.headers["content-security-policy"]
        self.assertIn("default-src 'none'; script-src 'self';", policy)
        self.assertNotIn("unsafe", policy)

    def test_everything_comes_from_the_binary_and_is_kept(self):
        server = self.make_page_server()
        document = request(server.ingress, "GET", "/", headers={"accept": _HTML})
        texts = [document.text]
        for name, content_type in _ASSETS.items():
            asset = get(server.ingress, f"/page/{name}")
            self.assertEqual((asset.status, asset.headers["content-type"].split(";")[0]), (200, content_type))
            self.assertEqual(asset.headers["x-content-type-options"], "nosniff")
            for known, status in ((asset.headers["etag"], 304), (f'W/{asset.headers["etag"]}, "x"', 304), ('"x"', 200)):
                again = request(server.ingress, "GET", f"/page/{name}", headers={"if-none-match": known})
                self.assertEqual((again.status, again.body), (status, asset.body if status == 200 else b""))
            texts.append(asset.text)
        for text in texts:
            outside = set(re.findall(r"https?://[^\s\"')]+", text)) - {"http://www.w3.org/2000/svg"}
            self.assertEqual(outside, set())
            self.assertNotRegex(text, r"\son\w+=|<script>|javascript:|innerHTML")
        self.assertEqual(get(server.ingress, "/page/other.js").status, 404)

    def test_the_plan_says_nothing_that_is_nobodys_business(self):
        server = self.make_page_server()
        post(server.ingress, "/reserve", {"seatId": "B2", "userId": "somebody"})
        plan = get(server.ingress, "/seats")
        self.assertEqual(plan.headers["cache-control"], "no-store")
        seats = {seat.pop("seatId"): seat for seat in plan.json()["seats"]}
        self.assertEqual(list(seats)[:2] + list(seats)[-1:], ["A1", "A2", "E10"])
        self.assertEqual(len(seats), 50)
        self.assertEqual(set(seats["B2"]), {"status", "expiresAt"})
        self.assertEqual([seat["status"] for seat in seats.values()].count("available"), 49)


class TwoPeople(PageCase):
    def test_what_one_does_the_other_sees_within_a_second(self):
        server = self.make_page_server()
        one, other = self.visit(server), self.visit(server)
        self.choose(one, "C5")
        one.click("#first")
        for page, expected in ((one, "hold"), (other, "held")):
            seconds = page.wait_for(f"{kind('C5')} == '{expected}'")[1]
            self.assertLess(seconds, 1)
        self.wait_said(one, "Seat C5 is yours for 15 minutes")
        self.assertEqual(other.evaluate("document.querySelector('[data-seat=C5]').ariaLabel"), "Seat C5, held")
        self.choose(other, "C5")
        self.assertTrue(other.evaluate("document.querySelector('#first').hidden"), "nothing to be done about it")
        self.assertRegex(other.evaluate("document.querySelector('#clock').textContent"), r"^1[45]:\d\d$")
        one.click("#first")
        for page, expected in ((one, "own"), (other, "taken")):
            self.assertLess(page.wait_for(f"{kind('C5')} == '{expected}'")[1], 1)
        self.hold(other, "D1")
        self.assertLess(one.wait_for(f"{kind('D1')} == 'held'")[1], 1)
        other.click("#second")
        for page in (other, one):
            self.assertLess(page.wait_for(f"{kind('D1')} == 'free'")[1], 1)
        self.assertEqual(one.evaluate("document.querySelector('#tally').textContent"), "49 free · 0 held · 1 confirmed")
        self.assert_same_document(one)
        self.assert_same_document(other)

    def test_a_countdown_runs_out_by_itself(self):
        server = self.make_page_server(RESERVATION_HOLD_MS="5000")
        one, other = self.visit(server), self.visit(server)
        self.hold(one, "A1")
        other.wait_for(f"{kind('A1')} == 'held'")
        self.choose(other, "A1")
        for page in (one, other):
            page.evaluate("(() => { const clock = document.querySelector('#clock'); window.times = [];"
                          " new MutationObserver(() => window.times.push(clock.textContent))"
                          ".observe(clock, {childList: true}); })()")
        one.wait_for(f"{kind('A1')} == 'free'")
        other.wait_for(f"{kind('A1')} == 'free'")
        self.wait_said(one, "Your hold on seat A1 has run out")
        self.assertEqual(one.evaluate("document.querySelectorAll('#own li').length"), 0)
        for page in (one, other):
            times = [time for time in page.evaluate("window.times") if time]
            self.assertEqual(times, sorted(set(times), reverse=True), "down, second by second")
            self.assertIn("0:01", times)
            self.assertEqual(page.evaluate("document.querySelector('#first').textContent"), "Hold seat A1")
            self.assert_same_document(page)

    def test_who_is_too_late_is_told(self):
        server = self.make_page_server()
        one = self.visit(server)
        # Its news do not arrive, so that it does not know.
        one.evaluate("(() => { const real = window.fetch; window.fetch = async (path, options) => {"
                     " if (path == '/reserve' && !window.isTaken) { window.isTaken = true; await real('/reserve',"
                     " {method: 'POST', body: JSON.stringify({seatId: 'E5'})}); } return real(path, options); }; })()")
        self.choose(one, "E5")
        one.click("#first")
        self.wait_said(one, "Somebody else was quicker")
        one.wait_for(f"{kind('E5')} == 'held'")

    def test_the_answer_says_how_a_decision_ended_and_not_news_that_overtake_it(self):
        server = self.make_page_server()
        one = self.visit(server)
        self.hold(one, "C1")
        self.keep_answers_back(one, "/confirm/")
        one.click("#first")
        one.wait_for("!!window.letGo")
        # News come in order: when these are here, those of the confirmation are, and what they would have asked is.
        post(server.ingress, "/reserve", {"seatId": "C2"})
        one.wait_for(f"{kind('C2')} == 'held'")
        self.assertEqual(one.evaluate("window.checks"), 0)
        self.assertEqual(one.evaluate("document.querySelector('#message').textContent"), "")
        self.assertEqual(one.evaluate("document.querySelector('#first').textContent"), "Confirming…")
        one.evaluate("window.letGo()")
        self.wait_said(one, "Seat C1 is confirmed")
        self.assertTrue(one.evaluate("document.querySelector('#first').hidden"), "said before it was over")
        self.assert_same_document(one)

    def test_a_decision_whose_answer_is_lost_is_found_out(self):
        server = self.make_page_server()
        one = self.visit(server)
        for seat, answer in (
                ("D1", "Promise.reject(new TypeError('lost'))"), ("D2", "new Response('{}', {status: 500})")):
            with self.subTest(seat):
                self.hold(one, seat)
                self.keep_answers_back(one, "/confirm/")
                one.click("#first")
                one.wait_for("!!window.letGo")
                one.evaluate(f"window.letGo({answer})")
                one.wait_for(f"{kind(seat)} == 'own'")
                self.assertEqual(one.evaluate("window.checks"), 1)
                self.assertEqual(one.evaluate("document.querySelectorAll('#own li [data-kind=hold]').length"), 0)
        self.assertIn(f"Seat {seat} is confirmed", one.evaluate("document.querySelector('#message').textContent"))

    def test_a_busy_server_is_told(self):
        one = self.visit(self.make_page_server())
        for seat, status in (("E1", 429), ("E2", 503)):
            with self.subTest(status):
                self.choose(one, seat)
                self.keep_answers_back(one, "/reserve")
                one.click("#first")
                one.wait_for("!!window.letGo")
                one.evaluate(f"window.letGo(new Response('{{}}', {{status: {status}}}))")
                self.wait_said(one, "The server is busy. Please try again in a moment.")

    def keep_answers_back(self, page, path):
        """Requests to `path` are done and their answers wait for `letGo()`, which may be given another."""
        page.evaluate(f"""(() => {{
            const send = window.realFetch ??= window.fetch;
            window.letGo = null;
            window.checks = 0;
            window.fetch = async (to, options) => {{
                if (to.startsWith('/reservation/')) window.checks += 1;
                const answer = await send(to, options);
                if (!to.startsWith({path!r})) return answer;
                return await new Promise((go) => window.letGo = (other) => go(other ?? answer));
            }};
        }})()""")

    def test_two_windows_of_one_browser_know_the_same_seats(self):
        server = self.make_page_server()
        browser = Browser()
        self.addCleanup(browser.close)
        one, other = self.visit(server, browser), self.visit(server, browser)
        self.hold(one, "B7")
        other.wait_for(f"{kind('B7')} == 'hold'")
        self.choose(other, "B7")
        other.click("#first")
        one.wait_for(f"{kind('B7')} == 'own'")

    def test_a_crash_loses_no_hold_and_the_page_goes_on(self):
        server = self.make_page_server()
        one, other = self.visit(server), self.visit(server)
        self.hold(one, "A2")
        server.kill()
        one.wait_for("document.querySelector('#connection').textContent != 'Live'")
        self.choose(other, "A4")
        other.click("#first")
        self.wait_said(other, "The server does not answer. Nothing is lost")
        server.start()
        for page in (one, other):
            page.wait_for("document.querySelector('#connection').textContent == 'Live'", 20)
        other.wait_for(f"{kind('A2')} == 'held'")
        self.assertEqual(one.evaluate(kind("A2")), "hold")
        other.click("#first")
        other.wait_for(f"{kind('A4')} == 'hold'")
        one.wait_for(f"{kind('A4')} == 'held'")
        self.assertTrue(one.evaluate("window.isSameDocument") and other.evaluate("window.isSameDocument"))

    def test_a_page_that_finds_no_room_tries_again(self):
        server = self.make_page_server(REPRISE_EVENT_LISTENERS_MAX="1")
        one = self.visit(server)
        other = self.visit(server, is_live=False)
        other.wait_for("document.querySelector('#connection')?.textContent == 'Not connected'")
        one.go("about:blank")
        other.wait_for("document.querySelector('#connection').textContent == 'Live'", 20)


class Tickets(PageCase):
    def test_buying_is_seen_by_the_other(self):
        server = self.make_page_server()
        one, other = self.visit(server), self.visit(server)
        for page in (one, other):
            page.click("input[value=tickets]")
        self.choose(one, "B1")
        one.click("#first")
        other.wait_for(f"{kind('B1')} == 'held'")
        self.wait_said(one, "Seat B1 is booked")
        other.wait_for(f"{kind('B1')} == 'taken'")
        self.assertEqual(one.evaluate(kind("B1")), "own")
        state = post(server.ingress, "/Ticket/seat-11/get").json()
        self.assertEqual(state["status"], "SOLD")
        self.choose(other, "E10")
        other.evaluate("document.querySelector('#payment').value = 'card_decline'")
        other.click("#first")
        one.wait_for(f"{kind('E10')} == 'held'")
        self.wait_said(other, "The card was declined. Seat E10 is free again")
        one.wait_for(f"{kind('E10')} == 'free'")
        # Both desks show the same hall, but each its own seats.
        one.click("input[value=reservations]")
        self.assertEqual(one.evaluate(kind("B1")), "free")

    def test_a_new_round_frees_the_hall(self):
        server = self.make_page_server(TICKET_PAYMENT_MS="0", TICKET_EMAIL_MS="0")
        one = self.visit(server)
        one.click("input[value=tickets]")
        self.choose(one, "A1")
        one.click("#first")
        self.wait_said(one, "Seat A1 is booked")
        for number in range(2, 50):
            sale = {"ticketId": f"seat-{number}", "userId": "u"}
            self.assertEqual(post(server.ingress, "/Checkout/process", sale).status, 200)
        one.wait_for("document.querySelector('#tally').textContent == '1 free · 0 being bought · 49 sold'")
        self.assertEqual(post(server.ingress, "/Checkout/process", {"ticketId": "seat-50", "userId": "u"}).status, 200)
        one.wait_for("document.querySelector('#tally').textContent == '50 free · 0 being bought · 0 sold'")
        self.assert_same_document(one)


class ForEverybody(PageCase):
    def test_every_action_works_by_keyboard(self):
        server = self.make_page_server()
        page = self.visit(server)
        for expected in ("Skip to the chosen seat", "", "Seat A1, free"):
            page.press("Tab")
            self.assertEqual(page.focused(), expected)
        # Moving about: not beyond the walls.
        for key, modifiers, expected in (
                ("ArrowUp", 0, "A1"), ("ArrowRight", 0, "A2"), ("ArrowDown", 0, "B2"), ("End", 0, "B10"),
                ("ArrowRight", 0, "B10"), ("ArrowDown", 0, "C10"), ("Home", 0, "C1"), ("End", 2, "E10"),
                ("Home", 2, "A1"), ("ArrowDown", 0, "B1"), ("ArrowRight", 0, "B2")):
            page.press(key, modifiers=modifiers)
            self.assertEqual(page.focused(), f"Seat {expected}, free")
        # Hold and confirm.
        page.press("Enter")
        self.assertEqual(page.focused(), "Hold seat B2")
        page.press("Enter")
        self.wait_said(page, "Seat B2 is yours for")
        self.assertEqual(page.focused(), "Confirm seat B2")
        page.press(" ")
        self.wait_said(page, "Seat B2 is confirmed")
        self.assertEqual(page.focused(), "Seat B2, yours")
        # Hold and cancel.
        page.press("ArrowRight")
        page.press(" ")
        self.assertEqual(page.focused(), "Hold seat B3")
        page.press("Escape")
        self.assertEqual(page.focused(), "Seat B3, free")
        page.press("Enter")
        page.press("Enter")
        self.wait_said(page, "Seat B3 is yours for")
        page.press("Tab")
        self.assertEqual(page.focused(), "Cancel the hold")
        page.press("Enter")
        self.wait_said(page, "The hold on seat B3 is cancelled")
        page.wait_for(f"{kind('B3')} == 'free'")
        # From the list of own seats back to one of them.
        page.evaluate("document.querySelector('#own button').focus()")
        page.press("Enter")
        self.assertEqual(page.evaluate("document.querySelector('#chosen').textContent"), "Seat B2")
        # The other desk, and a payment.
        page.evaluate("document.querySelector('input[value=reservations]').focus()")
        page.press("ArrowRight")
        self.assertTrue(page.evaluate("document.querySelector('input[value=tickets]').checked"))
        page.press("Tab")
        self.assertEqual(page.focused(), "Seat B2, free")
        page.press("Enter")
        self.assertEqual(page.focused(), "Buy seat B2 for $100")
        page.press("Enter")
        self.wait_said(page, "Seat B2 is booked")
        self.assert_same_document(page)

    def test_names_and_roles(self):
        server = self.make_page_server()
        page = self.visit(server)
        self.hold(page, "C3")
        tree = page.tree()
        for expected in (
                ("RootWebArea", "Take a seat · Reprise"), ("heading", "Take a seat"), ("region", "Take a seat"),
                ("group", "What would you like to do?"), ("radio", "Reserve"), ("radio", "Buy"), ("grid", "Seats"),
                ("rowheader", "Row A"), ("button", "Seat A1, free"), ("button", "Seat C3, your hold"),
                ("list", "What the seats look like"), ("region", "Seat C3"), ("heading", "Seat C3"),
                ("timer", "Time left"), ("button", "Confirm seat C3"), ("button", "Cancel the hold"),
                ("region", "Your seats"), ("status", "")):
            self.assertIn(expected, tree)
        roles = [role for role, _ in tree]
        self.assertEqual((roles.count("row"), roles.count("gridcell"), roles.count("rowheader")), (5, 50, 5))
        self.assertNotIn(("button", ""), tree)
        self.assertEqual(page.evaluate("document.documentElement.lang"), "en")
        self.assertEqual(page.evaluate("document.querySelectorAll('#plan [tabindex=\"0\"]').length"), 1)
        page.click("input[value=tickets]")
        self.choose(page, "A1")
        self.assertIn(("combobox", "Pay with"), page.tree())

    def test_light_dark_and_small(self):
        """Text stands out from what it is on, nothing is cut off, and whoever sets a folder gets pictures to look at."""
        server = self.make_page_server()
        for seat in ("A3", "A4", "D8"):
            held = post(server.ingress, "/reserve", {"seatId": seat}).json()
            if seat != "D8":
                post(server.ingress, f"/confirm/{held['reservationId']}")
        page = self.visit(server)
        self.hold(page, "C5")
        page.click("#first")
        self.wait_said(page, "confirmed")
        self.hold(page, "C6")
        for scheme in ("light", "dark"):
            page.scheme(scheme)
            for width, height in ((1280, 900), (360, 1250)):
                page.size(width, height)
                self.assertLessEqual(page.evaluate("document.documentElement.scrollWidth"), width)
                smallest = page.evaluate("Math.min(...[...document.querySelectorAll('button')].filter(one =>"
                                         " one.offsetParent).map(one => Math.min(one.offsetWidth, one.offsetHeight)))")
                self.assertGreaterEqual(smallest, 24, "a finger must hit it")
                if folder := os.environ.get("REPRISE_SCREENSHOTS"):
                    page.screenshot(os.path.join(folder, f"page-{scheme}-{width}.png"))
            wait_until(lambda: self.contrasts(page)[0][0] >= 4.5, lambda: f"{scheme}: {self.contrasts(page)[:3]}")

    def contrasts(self, page):
        """Ratios of contrast by WCAG, the worst first, of texts on plain backgrounds."""
        return page.evaluate("""(() => {
            const numbers = (color) => color.match(/[\\d.]+/g).map(Number).map(
                (value, index) => color.startsWith("color(") && index < 3 ? value * 255 : value);
            const light = (rgb) => rgb.slice(0, 3).map((value) => value / 255).map(
                (value) => value <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4)
                .reduce((sum, value, index) => sum + value * [0.2126, 0.7152, 0.0722][index], 0);
            const behind = (node) => {
                for (; node; node = node.parentElement) {
                    const style = getComputedStyle(node);
                    const color = numbers(style.backgroundColor);
                    if (color[3] !== 0) return color;
                    if (style.backgroundImage !== "none") return null;
                }
                return null;
            };
            const found = [];
            for (const node of document.querySelectorAll("h1, h2, p, li, button, label span, .letter, .what, .badge")) {
                const ground = node.offsetParent && node.textContent.trim() && behind(node);
                if (!ground) continue;
                const [one, other] = [light(numbers(getComputedStyle(node).color)), light(ground)].sort((a, b) => b - a);
                found.push([(one + 0.05) / (other + 0.05), node.className, node.textContent.trim().slice(0, 30)]);
            }
            return found.sort((a, b) => a[0] - b[0]);
        })()""")


class Token(PageCase):
    _TOKEN = "a-token-for-the-seats+/=="

    def make_page_server(self, **environment):
        server = self.make_server(**environment)
        tokens = server.directory / "tokens"
        tokens.write_text(self._TOKEN)
        return server.start(REPRISE_AUTH_TOKEN_FILE=str(tokens))

    def give(self, page, token):
        page.wait_for("document.querySelector('#token').open")
        page.evaluate(f"document.querySelector('#token-field').value = {token!r}")
        page.click("#token button")

    def test_what_is_refused_late_does_not_ask_again(self):
        """A request that was sent with the wrong token, and is answered when the right one was given."""
        page = self.visit(self.make_page_server(), is_live=False)
        page.wait_for("document.querySelector('#token').open")
        page.evaluate("""(() => {
            const send = window.fetch;
            window.answers = [];
            window.fetch = async (path, options) => {
                const answer = await send(path, options);
                window.answers.push(answer.status);
                if (window.answers.length == 2) await new Promise((go) => window.letGo = go);
                return answer;
            };
        })()""")
        self.give(page, "another-token")
        page.wait_for("document.querySelector('#token-sentence').textContent.includes('not accepted')")
        page.wait_for("!!window.letGo")
        self.give(page, self._TOKEN)
        page.wait_for("!document.querySelector('#token').open")
        page.wait_for("document.querySelector('#connection').textContent == 'Live'")
        before = page.evaluate("window.answers.length")
        page.evaluate("window.letGo()")
        page.wait_for(f"window.answers.length > {before}")
        self.assertEqual(page.evaluate("window.answers.slice(0, 2).join() + ' ' + window.answers.at(-1)"), "401,401 200")
        self.assertFalse(page.evaluate("document.querySelector('#token').open"))

    def test_the_page_asks_for_it_and_keeps_it(self):
        server = self.make_page_server()
        self.assertEqual(request(server.ingress, "GET", "/", headers={"accept": _HTML}).status, 200)
        for name in _ASSETS:
            self.assertEqual(get(server.ingress, f"/page/{name}").status, 200, name)
        for path in ("/seats", "/page/events", "/page/other.js"):
            self.assertEqual(get(server.ingress, path).status, 401, path)
        page = self.visit(server, is_live=False)
        page.wait_for("document.querySelector('#token').open")
        self.assertEqual(page.evaluate("document.activeElement.id"), "token-field")
        self.give(page, "another-token")
        page.wait_for("document.querySelector('#token-sentence').textContent.includes('not accepted')")
        self.give(page, self._TOKEN)
        page.wait_for("!document.querySelector('#token').open")
        page.wait_for("document.querySelector('#connection').textContent == 'Live'")
        page.wait_for("document.querySelector('#plan').getAttribute('aria-busy') == 'false'")
        self.hold(page, "C3")
        self.assertTrue(page.evaluate("window.isSameDocument"))
        page.go(server.ingress + "/")
        page.wait_for("document.querySelector('#connection')?.textContent == 'Live'")
        self.assertFalse(page.evaluate("document.querySelector('#token').open"))
