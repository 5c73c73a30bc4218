import Foundation
import Testing

/// The C shim on its own: valgrind cannot run Swift programs, so a small driver in C makes two stacks call each other.
@Suite(
    .enabled(if: FileManager.default.isExecutableFile(atPath: "/usr/bin/gcc"), "gcc is missing: apt-get install gcc"))
struct ShimTests {
    @Test func driverRunsCleanUnderValgrind() async throws {
        let folder = URL(fileURLWithPath: #filePath).deletingLastPathComponent().appendingPathComponent("shim")
        let process = Process()
        let output = Pipe()
        process.executableURL = URL(fileURLWithPath: "/bin/bash")
        process.arguments = [folder.appendingPathComponent("check").path]
        process.standardOutput = output
        process.standardError = output
        try process.run()
        let text = String(decoding: output.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
        process.waitUntilExit()
        #expect(process.terminationStatus == 0, "\(text)")
    }
}
