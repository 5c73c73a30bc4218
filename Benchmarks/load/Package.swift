// swift-tools-version: 6.2
import PackageDescription

/// A package of its own: whoever builds `hotline` does not build its load caller, and the load caller shares no code
/// with what it judges.
let ours: [SwiftSetting] = [
    .treatAllWarnings(as: .error),
    .enableUpcomingFeature("ExistentialAny"),
]

let package = Package(
    name: "hotline-load",
    platforms: [.macOS(.v15)],
    products: [
        .executable(name: "hotline-load", targets: ["HotlineLoad"])
    ],
    targets: [
        .target(name: "CLoad", cSettings: [.unsafeFlags(["-Wall", "-Wextra", "-Werror"])]),
        // What computes is optimised in debug builds too, which are what its tests test.
        .target(
            name: "LoadCaller", dependencies: ["CLoad"],
            swiftSettings: ours + [.unsafeFlags(["-O"], .when(configuration: .debug))]),
        .executableTarget(name: "HotlineLoad", dependencies: ["LoadCaller"], swiftSettings: ours),
        .testTarget(name: "LoadCallerTests", dependencies: ["LoadCaller", "HotlineLoad"], swiftSettings: ours),
    ]
)
