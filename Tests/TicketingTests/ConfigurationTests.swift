import Foundation
import Testing

@testable import Ticketing

@Suite struct ConfigurationTests {
    @Test func nothingSetIsTheDefault() throws {
        let configuration = try TicketingConfiguration(environment: ["PATH": "/bin", "TICKET_HOLD_MS": ""])
        #expect(configuration == TicketingConfiguration())
        #expect(configuration.holdMs == 900_000)
        #expect(configuration.paymentMs == 500)
        #expect(configuration.emailMs == 200)
        #expect(configuration.gatewayURL == nil)
        #expect(configuration.emailURL == nil)
    }

    @Test func everyVariableIsRead() throws {
        let configuration = try TicketingConfiguration(environment: [
            "TICKET_HOLD_MS": "2000", "TICKET_PAYMENT_MS": "0", "TICKET_EMAIL_MS": "7",
            "PAYMENT_GATEWAY_URL": "http://127.0.0.1:9/pay", "EMAIL_SINK_URL": "https://mail.example",
        ])
        #expect(configuration.holdMs == 2_000)
        #expect(configuration.paymentMs == 0)
        #expect(configuration.emailMs == 7)
        #expect(configuration.gatewayURL == URL(string: "http://127.0.0.1:9/pay"))
        #expect(configuration.emailURL == URL(string: "https://mail.example"))
    }

    @Test(arguments: [
        ("TICKET_HOLD_MS", "0"), ("TICKET_HOLD_MS", "abc"), ("TICKET_HOLD_MS", "-5"), ("TICKET_PAYMENT_MS", "+5"),
        ("TICKET_PAYMENT_MS", "1.5"), ("TICKET_EMAIL_MS", " 5"), ("TICKET_EMAIL_MS", "99999999999999999999"),
        ("PAYMENT_GATEWAY_URL", "ftp://x"), ("PAYMENT_GATEWAY_URL", "gateway"), ("EMAIL_SINK_URL", "http://"),
    ])
    func badValuesAreRefusedByName(_ name: String, _ value: String) {
        let error = #expect(throws: TicketingConfigurationError.self) {
            try TicketingConfiguration(environment: [name: value])
        }
        #expect(error?.description.hasPrefix("\(name) must be ") == true)
        #expect(error?.description.hasSuffix("not '\(value)'") == true)
        #expect(error?.description.contains("\n") == false)
    }
}
