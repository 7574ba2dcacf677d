import HTTPTypes
import HTTPWire
import Testing

@testable import RepriseServer

@Suite struct BearerTokensTests {
    private func tokens(_ text: String) throws -> BearerTokens { try BearerTokens(parsing: Array(text.utf8)) }

    @Test func oneALine() throws {
        let tokens = try tokens("# of the shop\nfirst-token-0001\r\n\n  second.token~2+/== \n#no\n")
        #expect(tokens.count == 2)
        #expect(tokens.holds("first-token-0001".utf8) && tokens.holds("second.token~2+/==".utf8))
        for other in ["", "first-token-000", "first-token-00011", "#no", "first-token-0002", "irst-token-0001",
            "first-token-0001first-token-0001", "second.token~2+/="]
        {
            #expect(!tokens.holds(other.utf8), "\(other)")
        }
    }

    @Test(arguments: ["", "\n\n", "# nothing\n", "two words\n", "caf\u{E9}\n", "a=b\n", "==\n", "semi;colon\n"])
    func isRefused(text: String) {
        #expect(throws: AccessError.self) { try tokens(text) }
    }

    @Test func whatIsWrongIsSaidWithoutTheToken() {
        let error = #expect(throws: AccessError.self) { try tokens("good-token\nse cret\n") }
        #expect(error?.description.hasPrefix("line 2 is no bearer token") == true)
        #expect(error?.description.contains("cret") == false)
    }
}

@Suite struct CredentialsTests {
    private func presented(_ method: String, _ fields: [(String, String)]) -> [String] {
        let message = HTTPMessage(method: method, target: "/", headers: HTTPHeaderBlock(fields))
        guard case .tokens(let tokens) = Credentials.presented(by: message) else { return [] }
        return tokens.map { String(decoding: $0, as: UTF8.self) }
    }

    static let authorizations = [
        ("Bearer t", ["t"]), ("bearer t", ["t"]), ("BEARER   t", ["t"]), ("Basic t", []), ("Bearer", []), ("Bearert", []),
        ("t", []), ("", []),
    ]

    @Test(arguments: authorizations) func authorization(value: String, tokens: [String]) {
        #expect(presented("POST", [("authorization", value)]) == tokens)
    }

    @Test func aCookieOfOurPage() {
        let cookie = ("cookie", "a=b; reprise_token=t;reprise_token=u; xreprise_token=v")
        #expect(presented("GET", [cookie]) == ["t", "u"])
        #expect(presented("GET", [cookie, ("authorization", "Basic x")]) == [], "who says so much is not our page")
        let host = ("host", "shop.example:8443")
        #expect(presented("POST", [cookie, host, ("origin", "https://shop.example:8443")]) == ["t", "u"])
        #expect(presented("POST", [cookie, host, ("sec-fetch-site", "same-origin")]) == ["t", "u"])
    }

    @Test(arguments: [
        [("origin", "https://evil.example")], [("origin", "null")], [("origin", "https://shop.example")],
        [("origin", "https://shop.example:8443.evil")], [("sec-fetch-site", "same-site")],
        [("sec-fetch-site", "cross-site"), ("origin", "https://shop.example:8443")], [],
    ])
    func aCookieThatAnotherPageMadeTheBrowserSend(fields: [(String, String)]) {
        let cookie = [("cookie", "reprise_token=t"), ("host", "shop.example:8443")]
        #expect(presented("POST", cookie + fields) == [])
    }

    @Test func routesDoNotSeeIt() {
        var fields = HTTPFields()
        fields[.authorization] = "Bearer t"
        fields[.cookie] = "a=b; reprise_token=t; c=d"
        fields.removeCredentials()
        #expect(fields[.authorization] == nil)
        #expect(fields[.cookie] == "a=b; c=d")
        fields[.cookie] = "reprise_token=t"
        fields.removeCredentials()
        #expect(fields[.cookie] == nil)
    }
}
