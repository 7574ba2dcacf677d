import Reprise
import Reservations
import Ticketing

/// The page for people: the hall's seats, live, for reservations and for tickets. It speaks to the same HTTP API as
/// everybody else.
struct SeatPlanPage: Sendable {
    static let document = PageAsset(
        PackageResources.plan_html, contentType: "text/html; charset=utf-8",
        headers: [
            // Nothing but what this server serves, no inline code, nobody's frame.
            "content-security-policy":
                "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; "
                + "base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
        ])

    private static let script = "text/javascript; charset=utf-8"

    private static let assets: [String: PageAsset] = [
        "plan.css": PageAsset(PackageResources.plan_css, contentType: "text/css; charset=utf-8"),
        "icon.svg": PageAsset(PackageResources.icon_svg, contentType: "image/svg+xml"),
        "main.js": PageAsset(PackageResources.main_js, contentType: script),
        "api.js": PageAsset(PackageResources.api_js, contentType: script),
        "token.js": PageAsset(PackageResources.token_js, contentType: script),
        "news.js": PageAsset(PackageResources.news_js, contentType: script),
        "reservations.js": PageAsset(PackageResources.reservations_js, contentType: script),
        "tickets.js": PageAsset(PackageResources.tickets_js, contentType: script),
        "plan.js": PageAsset(PackageResources.plan_js, contentType: script),
        "panel.js": PageAsset(PackageResources.panel_js, contentType: script),
    ]

    /// What the page is made of is everybody's; what it shows is not.
    static let routes: [Route] =
        assets.map { name, asset in .get("/page/\(name)") { request, _ in asset.response(to: request) }.open() } + [
            .get("/page/events") { _, _ in .events(topics: [.reservations, .tickets]) }
        ]
}
