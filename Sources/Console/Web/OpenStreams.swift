import Hummingbird
import Synchronization

/// How many streams may be open at once: each holds a connection for as long as somebody looks.
final class OpenStreams: Sendable {
    /// One of them.
    final class Place: Sendable {
        private let streams: OpenStreams
        private let isTaken = Mutex(true)

        init(_ streams: OpenStreams) { self.streams = streams }

        func giveBack() {
            let was = isTaken.withLock { taken in
                defer { taken = false }
                return taken
            }
            if was { streams.open.withLock { $0 -= 1 } }
        }

        // A client that left before the stream began.
        deinit { giveBack() }
    }

    private let most: Int
    private let open = Mutex(0)

    init(most: Int) { self.most = most }

    /// Nil where all are taken.
    func take() -> Place? {
        let isFree = open.withLock { open in
            guard open < most else { return false }
            open += 1
            return true
        }
        return isFree ? Place(self) : nil
    }
}

extension OpenStreams.Place {
    /// Server-sent events, told each second until there is nothing more to tell; then the browser hears of the end.
    /// - Parameters:
    ///   - state: what `next` keeps from one event to the next.
    ///   - next: the lines to be sent; nil: that was all.
    func events<State: Sendable>(
        _ state: State, _ next: @escaping @Sendable (inout State) async throws -> [UInt8]?
    ) -> Response {
        var headers = Pages.headers
        headers[.contentType] = "text/event-stream; charset=utf-8"
        return Response(
            status: .ok, headers: headers,
            body: ResponseBody { writer in
                // Given back when the stream ends, however it does.
                defer { self.giveBack() }
                var state = state
                while let said = try await next(&state) {
                    try await writer.write(ByteBuffer(bytes: said))
                    try await Task.sleep(for: .seconds(1))
                }
                try await writer.write(ByteBuffer(string: "event: end\ndata: \n\n"))
                try await writer.finish(nil)
            })
    }
}
