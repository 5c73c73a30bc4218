import Testing

/// Gives a whole suite one running server: started before its first test, stopped after its last.
struct ServerTrait: SuiteTrait, TestScoping {
    @TaskLocal static var current: RunningServer?

    var options: ServerOptions

    func provideScope(
        for test: Test, testCase: Test.Case?, performing function: @Sendable () async throws -> Void
    ) async throws {
        try await withServer(options) { server in
            try await Self.$current.withValue(server) { try await function() }
        }
    }
}

extension Trait where Self == ServerTrait {
    static func server(_ options: ServerOptions = ServerOptions()) -> Self { ServerTrait(options: options) }
}

extension RunningServer {
    /// The suite's server.
    static var shared: RunningServer {
        get throws {
            guard let server = ServerTrait.current else { throw HarnessError("the suite has no .server trait") }
            return server
        }
    }
}
