// swift-tools-version: 6.1
import PackageDescription

// The rival of `scripts/bench`: Hummingbird's hello world. A package of its own, so that Reprise does not depend on it.
let package = Package(
    name: "hummingbird-hello",
    dependencies: [.package(url: "https://github.com/hummingbird-project/hummingbird", from: "2.28.1")],
    targets: [
        .executableTarget(name: "Hello", dependencies: [.product(name: "Hummingbird", package: "hummingbird")])
    ])
