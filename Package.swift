// swift-tools-version: 6.2
import PackageDescription

/// Every target of ours: Swift 6 language mode (the tools version's default) and no warning let through.
let ours: [SwiftSetting] = [
    .treatAllWarnings(as: .error),
    // Existentials are spelled out, so that their cost is seen where it is paid (SE-0335).
    .enableUpcomingFeature("ExistentialAny"),
]

let yams = Target.Dependency.product(name: "Yams", package: "Yams")
let crypto = Target.Dependency.product(name: "Crypto", package: "swift-crypto")
let grdb = Target.Dependency.product(name: "GRDB", package: "GRDB.swift")
let logging = Target.Dependency.product(name: "Logging", package: "swift-log")
let lifecycle = Target.Dependency.product(name: "ServiceLifecycle", package: "swift-service-lifecycle")
let hummingbird = Target.Dependency.product(name: "Hummingbird", package: "hummingbird")
let mustache = Target.Dependency.product(name: "Mustache", package: "swift-mustache")
let arguments = Target.Dependency.product(name: "ArgumentParser", package: "swift-argument-parser")

/// The rooms of the house. The allowed imports stand in `scripts/check-imports`, which reads the `import` lines:
/// SwiftPM itself does not stop a target from importing what another one builds.
/// - Parameter computes: the media tick, codecs and hashes: optimised in debug builds too, which are what `make test`
///   tests. Without it a test that computes an hour of sound takes minutes; with it a room takes two to seven times as
///   long to build, so it is for rooms whose tests would wait longer than that.
/// - Parameter path: nil: `Sources/<name>`.
func room(
    _ name: String, _ dependencies: [Target.Dependency], computes: Bool = false, path: String? = nil
) -> Target {
    .target(
        name: name, dependencies: dependencies, path: path,
        swiftSettings: ours + (computes ? [.unsafeFlags(["-O"], .when(configuration: .debug))] : []))
}

/// - Parameter data: folders of data files, which tests find through `#filePath`.
func tests(_ name: String, _ dependencies: [Target.Dependency], data: [String] = []) -> Target {
    .testTarget(name: name, dependencies: dependencies, path: "Tests/\(name)", exclude: data, swiftSettings: ours)
}

let package = Package(
    name: "hotline",
    platforms: [.macOS(.v15)],
    products: [
        .executable(name: "hotline", targets: ["hotline"])
    ],
    dependencies: [
        .package(url: "https://github.com/jpsim/Yams", from: "6.2.2"),
        .package(url: "https://github.com/apple/swift-crypto", from: "4.5.2"),
        .package(url: "https://github.com/groue/GRDB.swift", from: "7.10.0"),
        .package(url: "https://github.com/apple/swift-log", from: "1.16.2"),
        .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.2"),
        .package(url: "https://github.com/swift-server/swift-service-lifecycle", from: "2.13.0"),
        .package(url: "https://github.com/hummingbird-project/hummingbird", from: "2.28.1"),
        .package(url: "https://github.com/hummingbird-project/swift-mustache", from: "2.1.1"),
    ],
    targets: [
        // C libraries from Debian (packaging/apt-packages lists them).
        .systemLibrary(name: "CSofiaSIPSystem", path: "Sources/System/CSofiaSIPSystem", pkgConfig: "sofia-sip-ua"),
        .systemLibrary(name: "CSndFile", path: "Sources/System/CSndFile", pkgConfig: "sndfile"),
        .systemLibrary(name: "CSpanDSP", path: "Sources/System/CSpanDSP", pkgConfig: "spandsp"),
        .systemLibrary(name: "CAlsa", path: "Sources/System/CAlsa", pkgConfig: "alsa"),
        .systemLibrary(name: "CSpeexDSP", path: "Sources/System/CSpeexDSP", pkgConfig: "speexdsp"),
        .systemLibrary(name: "CArchive", path: "Sources/System/CArchive", pkgConfig: "libarchive"),
        .systemLibrary(name: "CXlsxWriterSystem", path: "Sources/System/CXlsxWriterSystem", pkgConfig: "xlsxwriter"),
        .systemLibrary(name: "CZlib", path: "Sources/System/CZlib"),
        .systemLibrary(name: "CSQLite", path: "Sources/System/CSQLite", pkgConfig: "sqlite3"),
        .systemLibrary(name: "CSodium", path: "Sources/System/CSodium", pkgConfig: "libsodium"),
        .target(name: "CLinux", path: "Sources/System/CLinux"),
        .target(
            name: "CXlsxWriter", dependencies: ["CXlsxWriterSystem", "CArchive"], path: "Sources/System/CXlsxWriter",
            cSettings: [.unsafeFlags(["-Wall", "-Wextra", "-Werror"])]),
        .target(
            name: "CSofiaSIP", dependencies: ["CSofiaSIPSystem"],
            cSettings: [.unsafeFlags(["-Wall", "-Wextra", "-Werror"])]),

        // Pure: no I/O, no threads, no clock, no randomness.
        room("Documents", [yams]),
        room("Calls", [], computes: true),
        room("AudioLog", ["Calls"], computes: true),
        room("Norms", ["Documents"]),
        room("WorkOrders", ["Documents", "Norms"]),
        room("Audit", ["Calls", "Norms", "WorkOrders"]),
        room("Quality", ["Documents", "Norms", "Audit", "Calls", "Evidence"]),
        room("CallFlow", ["Documents"]),
        room("Evidence", [crypto], computes: true),

        // The edges.
        room(
            "Media", ["CLinux", "CSndFile", "CSpanDSP", "CAlsa", "CSpeexDSP", "Calls", "AudioLog", "Documents"],
            computes: true),
        room("Lines", ["CSofiaSIP", "CLinux", "Calls", "Media", "Documents"]),
        room(
            "Recordings", ["CLinux", "CSndFile", "CArchive", "Calls", "Evidence", "AudioLog", crypto], computes: true),
        room(
            "Storage",
            [
                "CSQLite", "Calls", "Norms", "WorkOrders", "Audit", "Quality", "CallFlow", "Evidence", "AudioLog",
                "Recordings", grdb,
            ]),

        // Who may do what, and how they come in.
        room("Access", ["CSodium", "Calls", "Evidence", "Storage"]),

        // The running exchange, its screens, its command line.
        room(
            "Switchboard",
            [
                "Documents", "Calls", "Norms", "WorkOrders", "Audit", "Quality", "CallFlow", "Evidence", "AudioLog",
                "Media", "Lines", "Recordings", "Storage", "CXlsxWriter", logging, lifecycle,
            ]),
        room(
            "Console",
            [
                "Access", "Audit", "Quality", "CZlib", "Calls", "CallFlow", "Documents", "Evidence", "Norms",
                "Recordings",
                "Switchboard", "Storage", "WorkOrders",
                hummingbird, mustache, logging,
            ]),
        .executableTarget(
            name: "hotline",
            dependencies: [
                "Documents", "Calls", "Norms", "WorkOrders", "Audit", "CallFlow", "Evidence", "AudioLog", "Media",
                "Lines",
                "Recordings", "Storage", "Access", "Switchboard", "Console", arguments, logging, lifecycle, hummingbird,
            ],
            swiftSettings: ours),

        // Figures for docs/performance.md (make bench).
        .target(name: "CBench", path: "Benchmarks/CBench"),
        .executableTarget(
            name: "MediaBench", dependencies: ["Media", "Calls", "CBench", "CLinux"], path: "Benchmarks/MediaBench",
            swiftSettings: ours),

        .executableTarget(
            name: "RecordingsBench", dependencies: ["Recordings", "AudioLog", "Calls", "CSndFile"],
            path: "Benchmarks/RecordingsBench", swiftSettings: ours),

        .executableTarget(
            name: "StoreBench", dependencies: ["Storage", "Calls", grdb], path: "Benchmarks/StoreBench",
            swiftSettings: ours),
        // A year of a hotline's life: for the audit's benchmark, and for the test that computes it twice.
        .target(
            name: "YearOfLife", dependencies: ["Calls", "Norms", "WorkOrders", "Storage"],
            path: "Benchmarks/YearOfLife",
            swiftSettings: ours),
        .executableTarget(
            name: "AuditBench",
            dependencies: ["YearOfLife", "Audit", "Calls", "Documents", "Norms", "WorkOrders", "Storage", grdb],
            path: "Benchmarks/AuditBench", swiftSettings: ours),

        // What tests hear in audio: Fourier transforms over minutes of it.
        room("AudioMeasure", [], computes: true, path: "Tests/AudioMeasure"),

        // Tests, one target a room; IntegrationTests and CommandTests run the built program.
        tests("CallsTests", ["Calls"]),
        tests("NormsTests", ["Norms", "Documents"]),
        tests("WorkOrdersTests", ["WorkOrders", "Documents", "Norms"]),
        tests("QualityTests", ["Quality", "Audit", "Calls", "Norms", "Documents"]),
        tests("AuditTests", ["Audit", "Calls", "WorkOrders", "Norms", "Documents"]),
        tests("DocumentsTests", ["Documents"]),
        tests("CallFlowTests", ["CallFlow", "Documents"]),
        tests("AudioLogTests", ["AudioLog", "Calls"]),
        tests("EvidenceTests", ["Evidence"]),
        tests("MediaTests", ["Media", "Calls", "AudioLog", "Documents", "CLinux", "CSndFile", "CSpanDSP"]),
        tests("LinesTests", ["Lines", "Media", "Calls", "Documents"], data: ["rfc4475", "shim"]),
        tests("RecordingsTests", ["Recordings", "AudioLog", "Calls", "Evidence", "CSndFile", "CLinux", "CArchive"]),
        tests("StorageTests", ["Storage", "Evidence", "Recordings", "Calls", "Norms", "WorkOrders", "Quality", grdb]),
        tests("AccessTests", ["Access", "Storage", "Calls"]),
        tests(
            "SwitchboardTests",
            [
                "Switchboard", "Documents", "Audit", "Quality", "CallFlow", "Calls", "Lines", "Media", "Norms",
                "Recordings",
                "Storage", logging,
            ]),
        tests(
            "ConsoleTests",
            [
                "Console", "Access", "Switchboard", "Documents", "CallFlow", "Calls", "Lines", "Media", "Norms",
                "Recordings",
                "Storage", grdb, hummingbird, logging,
            ]),
        tests("CommandTests", ["YearOfLife", "Calls", "Norms", "WorkOrders", "Storage"]),
        tests(
            "IntegrationTests",
            ["hotline", "AudioMeasure", "Calls", "Lines", "Media", "Storage", "Recordings", "AudioLog", "Evidence"],
            data: ["Scenarios", "Flows", "Browser"]),
    ]
)
