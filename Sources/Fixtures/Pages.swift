import Reprise

/// Routes beside the services: one that everybody may see, and one that repeats what it is shown.
enum Pages {
    static let routes = [
        Route.get("/page") { _, _ in .text("who are you?") }.open(),
        Route.any("/page/headers", cors: .permissive) { request, _ in
            try .json(request.headers.map { [$0.name.canonicalName, $0.value] })
        },
    ]
}
