import DurableModel
import HTTPWire
import Testing

@testable import Ingress

@Suite struct LookupTests {
    static let idText = "inv_1gdJBtdVEcM942bjcDmb1c1khoaJe11Hbz"
    static let id = InvocationID(partitionKey: 0x493c_42ed_1c3c_f1bc, uuid: 0x018e_5257_b998_007d_b7f4_f3f4_7e80_9584)
    static let greet = InvocationID.idempotent(
        target: InvocationTarget(service: "Greeter", handler: "greet"), key: "K1")
    static let add = InvocationID.idempotent(
        target: InvocationTarget(service: "Counter", key: "a/b", handler: "add"), key: "K2")
    static let run = InvocationID.workflowRun(service: "Wf", key: "w 1")
    static let plainText = OutputRule.content(type: "text/plain", setIfEmpty: false)

    static let paths: [(String, InvocationID, ReplyShape.LookupOutput)] = [
        ("/restate/invocation/\(idText)/#", id, .targetUnknown),
        ("/restate/#/\(idText)", id, .targetUnknown),
        ("/restate/invocation/Greeter/greet/K1/#", greet, .known(.automatic)),
        ("/restate/invocation/Greeter/greet/%4B1/#", greet, .known(.automatic)),
        ("/restate/invocation/Counter/a%2Fb/add/K2/#", add, .known(.automatic)),
        (
            "/restate/invocation/Greeter/gone/K1/#",
            .idempotent(target: InvocationTarget(service: "Greeter", handler: "gone"), key: "K1"), .handlerGone
        ),
        ("/restate/workflow/Wf/w%201/#", run, .known(plainText)),
        ("/restate/workflow/Wf/w%201/#/x", run, .known(plainText)),
        ("/restate/workflow/Nope/w/#", .workflowRun(service: "Nope", key: "w"), .handlerGone),
    ]

    @Test(arguments: paths)
    func byPath(pattern: String, expected: InvocationID, output: ReplyShape.LookupOutput) throws {
        let attach = try command("GET " + pattern.replacing("#", with: "attach"), [("origin", "o")])
        #expect(attach == (.attach(expected), ReplyShape(.attach(output), origin: "o")))
        let peek = try command("GET " + pattern.replacing("#", with: "output"))
        #expect(peek == (.output(expected), ReplyShape(.output(output))))
    }

    static let counterBody =
        #"{"target":"idempotentInvocation","service":"Counter","key":"a\/b","handler":"add","#
        + #""idempotencyKey":"K2"}"#

    static let bodies: [(String, InvocationID, ReplyShape.LookupOutput)] = [
        (#"{"target":"invocation","invocationId":"\#(idText)"}"#, id, .targetUnknown),
        (#"{"target":"workflow","workflowName":"Wf","workflowKey":"w 1","scope":null}"#, run, .known(plainText)),
        (
            #"{"service":"Greeter","handler":"greet","idempotencyKey":"K1","target":"idempotentInvocation","x":[1]}"#,
            greet, .known(.automatic)
        ),
        (counterBody, add, .known(.automatic)),
        (
            #"{"target":"idempotentInvocation","service":"No","handler":"h","idempotencyKey":"K"}"#,
            .idempotent(target: InvocationTarget(service: "No", handler: "h"), key: "K"), .handlerGone
        ),
    ]

    @Test(arguments: bodies)
    func byBody(body: String, expected: InvocationID, output: ReplyShape.LookupOutput) throws {
        #expect(try command("POST /restate/attach", [], body) == (.attach(expected), ReplyShape(.attach(output))))
        #expect(try command("POST /restate/output", [], body) == (.output(expected), ReplyShape(.output(output))))
        let lookup = try reply("POST /restate/lookup", [], body)
        #expect(lookup.status == 200)
        #expect(lookup.header("content-type") == "application/json")
        #expect(lookup.header("x-restate-id") == nil)
        #expect(lookup.text == "{\"invocationId\":\"\(expected.text)\"}")
    }

    static let badBodies: [(String, String)] = [
        ("", "a value is missing at byte 0"), ("{}", "member 'target' is missing"), ("[]", "not a JSON object"),
        ("{\"target\":\"invocation\"", "a comma or } is missing"),
        (#"{"target":"bogus"}"#, "target 'bogus' is unknown"),
        (#"{"target":1}"#, "member 'target' must be a string"),
        (#"{"target":"invocation"}"#, "member 'invocationId' is missing"),
        (#"{"target":"invocation","invocationId":"garbage"}"#, "bad invocation id 'garbage'"),
        (#"{"target":"workflow","workflowName":"Wf"}"#, "member 'workflowKey' is missing"),
        (#"{"target":"workflow","workflowName":"Wf","workflowKey":"w","scope":"s"}"#, "not enabled"),
        (#"{"target":"workflow","workflowName":"Wf","workflowKey":"w","scope":"!"}"#, "bad scope"),
        (#"{"target":"idempotentInvocation","service":"S","handler":"h"}"#, "member 'idempotencyKey' is missing"),
        (#"{"target":"workflow","target":"workflow"}"#, "occurs twice"),
    ]

    @Test(arguments: badBodies)
    func badBody(body: String, message: String) throws {
        for verb in ["attach", "output", "lookup"] {
            let reply = try reply("POST /restate/" + verb, json, body)
            #expect(reply.status == 400)
            #expect(reply.header("x-restate-error-source") == "ingress")
            #expect(reply.text.contains(message))
        }
    }

    @Test func hugeBodyIsNotRead() throws {
        let reply = try reply("POST /restate/lookup", [], String(repeating: "[", count: 70_000))
        #expect(reply.status == 413)
    }
}

@Suite struct AwakeableTests {
    static let text = "sign_1XaULgbTwP4YBl2OeOiizwzgRDEewO7H5AAAAEQ"

    @Test(arguments: ["/restate/awakeables/", "/restate/a/"], [text, text + "=="])
    func resolveAndReject(prefix: String, text: String) throws {
        let id = try AwakeableID(parsing: text)
        #expect(try command("POST \(prefix)\(text)/resolve", json, "\"x\"")
            == (.completeAwakeable(id, .success(Bytes("\"x\"".utf8))), ReplyShape(.awakeable)))
        #expect(try command("POST \(prefix)\(text)/resolve/ignored")
            == (.completeAwakeable(id, .success([])), ReplyShape(.awakeable)))
        let failure = TerminalFailure(code: 500, message: "{\"a\":1}")
        #expect(try command("POST \(prefix)\(text)/reject", json, "{\"a\":1}")
            == (.completeAwakeable(id, .failure(failure)), ReplyShape(.awakeable)))
    }

    @Test func rejectDecodesLossily() throws {
        var request = message("POST /restate/a/\(Self.text)/reject")
        request.body = [0x61, 0xFF]
        guard case .command(.completeAwakeable(_, let outcome), _) = fixtureIngress.decide(request) else {
            throw UnexpectedDecision()
        }
        #expect(outcome == .failure(TerminalFailure(message: "a\u{FFFD}")))
    }

    /// Nobody here waits for an awakeable of older protocols.
    @Test func legacyIDIsAcceptedWithoutEffect() throws {
        let reply = try reply("POST /restate/a/prom_1NMyOAvDK2CcBjUH4Rmb7eGBp0DNNDnmsAAAAAQ/resolve", json, "1")
        #expect(reply.status == 202)
        #expect(reply.body.isEmpty)
    }
}
