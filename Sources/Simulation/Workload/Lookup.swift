/// Requests for the results of invocations that others may have made, by every form of name.
enum Lookup {
    static func draw(_ random: inout SeededRandom) -> PlannedRequest {
        let verb = random.chance(50) ? "attach" : "output"
        var request: PlannedRequest
        switch random.below(4) {
        case 0:
            let key = WorkloadOperation.workflow(&random)
            request = PlannedRequest("/Approval/\(key)/process")
            request.target = "/restate/workflow/Approval/\(key)/\(verb)"
            request.method = "GET"
        case 1:
            let (account, key) = (WorkloadOperation.account(&random), WorkloadOperation.againKey(&random))
            request = PlannedRequest("/Account/\(account)/deposit")
            request.target = "/restate/invocation/Account/\(account)/deposit/\(key)/\(verb)"
            request.method = "GET"
        case 2:
            let key = WorkloadOperation.workflow(&random)
            request = PlannedRequest(
                "/Approval/\(key)/process",
                "{\"target\":\"workflow\",\"workflowName\":\"Approval\",\"workflowKey\":\"\(key)\"}")
            request.target = "/restate/\(verb)"
        default:
            let key = WorkloadOperation.againKey(&random)
            request = PlannedRequest(
                "/Errand/steps",
                "{\"target\":\"idempotentInvocation\",\"service\":\"Errand\",\"handler\":\"steps\","
                    + "\"idempotencyKey\":\"\(key)\"}")
            request.target = random.chance(20) ? "/restate/lookup" : "/restate/\(verb)"
        }
        request.isRead = true
        return request
    }
}

/// Requests that are not in order, each with the status that it must get.
enum Disorder {
    private static let requests: [@Sendable () -> PlannedRequest] = [
        { expecting(404, PlannedRequest("/Nobody/greet", "1")) },
        { expecting(404, PlannedRequest("/Account/ann/steal", "1")) },
        { expecting(400, PlannedRequest("/Account/ann/deposit", "\"much\"")) },
        { expecting(400, PlannedRequest("/Errand/steps", "{")) },
        { expecting(400, PlannedRequest("/Errand/secret", "1")) },
        {
            var request = expecting(405, PlannedRequest("/Errand/steps", "1"))
            request.method = "DELETE"
            return request
        },
        {
            var request = expecting(400, PlannedRequest("/Errand/steps", "1"))
            request.target = "/Errand/steps/send?delay=soon"
            return request
        },
        {
            var request = expecting(400, PlannedRequest("/Approval/w1/process", "\"s\""))
            request.idempotencyKey = "k"
            return request
        },
        { lookup("/restate/invocation/inv_1nonsense/attach", 400) },
        { lookup("/restate/workflow/Approval/nobody/output", 404) },
    ]

    static func draw(_ random: inout SeededRandom) -> PlannedRequest { requests[random.below(requests.count)]() }

    private static func lookup(_ target: String, _ status: Int) -> PlannedRequest {
        var request = expecting(status, PlannedRequest("/"))
        request.method = "GET"
        request.target = target
        return request
    }

    private static func expecting(_ status: Int, _ request: PlannedRequest) -> PlannedRequest {
        var request = request
        request.expects = status
        request.isRead = true
        return request
    }
}
