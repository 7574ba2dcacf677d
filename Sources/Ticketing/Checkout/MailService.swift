public import Reprise

/// Delivers mails at least once, and gives up in the end. Internal: checkouts send to it.
public struct MailService: Service {
    public static let name = "Mail"
    public static let isPrivate = true

    /// Delivers one mail. A mail that cannot be delivered is logged; the sale stands.
    public static let deliver = handler("deliver", MailService.deliverMail)

    public static let handlers: Handlers = [deliver]

    /// About ten minutes in all.
    private static let patience = RunRetryPolicy(
        initialDelay: .milliseconds(500), maxDelay: .seconds(60), maxAttempts: 16)

    let mailer: any Mailer
    let log: TicketingLog

    public init(mailer: any Mailer, log: TicketingLog) {
        self.mailer = mailer
        self.log = log
    }

    private func deliverMail(_ ctx: ServiceContext, _ mail: Mail) async throws {
        let (mailer, log) = (mailer, log)
        do {
            try await ctx.run("send-email", retry: Self.patience) {
                log.write("Sending email to \(mail.to)")
                log.write("Subject: \(mail.subject)")
                log.write("Body: \(mail.body)")
                try await mailer.deliver(mail)
                log.write("Email sent successfully")
            }
        } catch let error as TerminalError {
            ctx.logger.error("Email \(mail.id) to \(mail.to) given up: \(error.message)")
        }
    }
}
