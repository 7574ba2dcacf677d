package import DurableModel
package import Reprise

// The engine's words and the service author's for the same things.

extension Outcome {
    package init(_ result: OperationResult) {
        self =
            switch result {
            case .success(let bytes): .success(bytes)
            case .failure(let error): .failure(TerminalFailure(error))
            }
    }
}

extension OperationResult {
    package init(_ outcome: Outcome) {
        self =
            switch outcome {
            case .success(let bytes): .success(bytes)
            case .failure(let failure): .failure(TerminalError(failure))
            }
    }
}

extension TerminalFailure {
    init(_ error: TerminalError) {
        self.init(
            code: error.code, message: error.message,
            metadata: error.metadata.sorted { $0.key < $1.key }.map { Metadata($0.key, $0.value) })
    }
}

extension TerminalError {
    init(_ failure: TerminalFailure) {
        self.init(
            failure.message, code: failure.code,
            metadata: Dictionary(
                failure.metadata.map { ($0.name, $0.value) }, uniquingKeysWith: { _, last in last }))
    }
}
