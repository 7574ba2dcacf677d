package import DurableModel

/// What the admin API asks of the server: committed data, and figures of the running process.
package protocol AdminBackend: Sendable {
    /// Committed invocations that match, newest first, without journals.
    func invocations(matching filter: InvocationFilter) throws(StoreError) -> [StoredInvocation]
    /// One committed invocation with its journal.
    func invocation(_ id: InvocationID) throws(StoreError) -> StoredInvocation?
    func metrics() -> MetricsSnapshot
}

package struct AdminConfiguration: Sendable {
    /// Of the server, as semantic version.
    package var version: String
    /// Where clients reach the ingress, such as `http://127.0.0.1:8080/`.
    package var ingressEndpoint: String?
    /// Host names, beside those of the loopback interface, under which this API may be addressed: the address to which
    /// it is bound. IPv6 in brackets, without port.
    package var hosts: [String]

    package init(version: String, ingressEndpoint: String? = nil, hosts: [String] = []) {
        self.version = version
        self.ingressEndpoint = ingressEndpoint
        self.hosts = hosts
    }
}
