import Foundation

/// Runs the built program and keeps what it said. The program is `HOTLINE_BIN`, or the one built beside these tests.
struct Command {
    var status: Int32
    var output: String
    var errors: String

    static let project = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent()

    static var program: URL {
        ProcessInfo.processInfo.environment["HOTLINE_BIN"].map { URL(fileURLWithPath: $0) }
            ?? URL(fileURLWithPath: "/proc/self/exe").resolvingSymlinksInPath().deletingLastPathComponent()
            .appendingPathComponent("hotline")
    }

    /// - Parameter environment: added to a bare environment, so that nothing of the caller's leaks in.
    static func run(_ arguments: [String], environment: [String: String] = [:]) throws -> Command {
        let process = Process()
        process.executableURL = program
        process.arguments = arguments
        process.environment = ["PATH": "/usr/bin:/bin", "HOME": NSTemporaryDirectory()].merging(environment) { $1 }
        let output = Pipe()
        let errors = Pipe()
        process.standardOutput = output
        process.standardError = errors
        process.standardInput = FileHandle.nullDevice
        try process.run()
        let errorReader = DispatchQueue(label: "errors")
        nonisolated(unsafe) var errorData = Data()  // written before `sync` below returns, read after it
        errorReader.async { errorData = errors.fileHandleForReading.readDataToEndOfFile() }
        let outputData = output.fileHandleForReading.readDataToEndOfFile()
        errorReader.sync {}
        process.waitUntilExit()
        return Command(
            status: process.terminationStatus, output: String(decoding: outputData, as: UTF8.self),
            errors: String(decoding: errorData, as: UTF8.self))
    }

    /// A file with this text in a folder that only this test uses.
    static func file(_ text: String, named name: String = "hotline.yaml") throws -> String {
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent("hotline-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        let path = folder.appendingPathComponent(name).path
        try text.write(toFile: path, atomically: true, encoding: .utf8)
        return path
    }
}
