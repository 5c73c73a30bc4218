import Foundation
import Media
import Synchronization

/// The other process, as the run sees it.
struct Peers {
    let ports: [UInt16]
    private let process = Process()
    private let input = Pipe()
    private let output = Pipe()

    init(legs: Int, seconds: Int) throws {
        process.executableURL = URL(fileURLWithPath: "/proc/self/exe").resolvingSymlinksInPath()
        process.arguments = ["peer", "--legs", String(legs), "--seconds", String(seconds)]
        process.standardInput = input
        process.standardOutput = output
        try process.run()
        ports = Self.line(output).split(whereSeparator: \.isWhitespace).compactMap { UInt16($0) }
        guard ports.count == legs else { throw BenchError("the peers have \(ports.count) ports instead of \(legs)") }
    }

    func begin(_ engine: [UInt16]) throws {
        try input.fileHandleForWriting.write(
            contentsOf: Data((engine.map(String.init).joined(separator: " ") + "\n").utf8))
    }

    func finish() throws -> PeerProcess.Result {
        let line = Self.line(output)
        process.waitUntilExit()
        return try JSONDecoder().decode(PeerProcess.Result.self, from: Data(line.utf8))
    }

    private static func line(_ pipe: Pipe) -> String {
        var bytes = Data()
        while bytes.last != UInt8(ascii: "\n") {
            let more = pipe.fileHandleForReading.availableData
            if more.isEmpty { break }
            bytes.append(more)
        }
        return String(decoding: bytes, as: UTF8.self)
    }
}

/// Sums what the legs tell at their end.
final class Tally: Sendable {
    private let figures = Mutex<(lost: UInt64, concealed: UInt64)>((0, 0))
    var sum: (lost: UInt64, concealed: UInt64) { figures.withLock { $0 } }

    func note(_ event: MediaEvent) {
        guard case .closed(let statistics) = event.kind else { return }
        figures.withLock {
            $0.lost += statistics.lost
            $0.concealed += statistics.concealedTicks
        }
    }
}
