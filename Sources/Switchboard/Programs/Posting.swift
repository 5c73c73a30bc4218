import Foundation
import Synchronization

#if canImport(FoundationNetworking)
    import FoundationNetworking
#endif

/// One POST. A redirection is not followed, since that would turn the POST into a GET whose success says nothing, and no
/// more of an answer is read than is wanted.
public final class Posting: NSObject, URLSessionDataDelegate, Sendable {
    public struct Answer: Sendable, Hashable {
        public var status: Int
        public var body: [UInt8]
        /// There was more of it than is read.
        public var isCut: Bool
    }

    private struct State {
        var status: Int?
        var body: [UInt8] = []
        var isCut = false
        /// What came before anybody waited: a cancellation.
        var early: Result<Answer, any Error>?
        var waiter: CheckedContinuation<Result<Answer, any Error>, Never>?
    }
    private let state = Mutex(State())
    private let mostBytes: Int

    /// - Parameter mostBytes: of the answer's body; 0: only the status matters.
    public init(mostBytes: Int = 0) { self.mostBytes = mostBytes }

    /// Sends a request to its end; cancelled with the calling task.
    /// - Parameter timeout: after so long it is given up. The request's own time-out does not end the wait for a peer that
    ///   takes the connection and says nothing.
    public func send(_ request: URLRequest, within timeout: Duration) async -> Result<Answer, any Error> {
        let session = URLSession(configuration: .ephemeral, delegate: self, delegateQueue: nil)
        defer { session.finishTasksAndInvalidate() }
        let task = session.dataTask(with: request)
        let timer = Task {
            do {
                try await Task.sleep(for: timeout)
            } catch {
                return  // it came to its end first
            }
            // First, so that the end which the cancellation brings is not told in its place.
            self.end(
                .failure(URLError(.timedOut, userInfo: [NSLocalizedDescriptionKey: "no answer within \(timeout)"])))
            task.cancel()
        }
        defer { timer.cancel() }
        return await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                let early = state.withLock { state in
                    if state.early == nil { state.waiter = continuation }
                    return state.early
                }
                if let early { return continuation.resume(returning: early) }
                task.resume()
            }
        } onCancel: {
            self.end(.failure(URLError(.cancelled)))
            task.cancel()
        }
    }

    /// Whoever comes first answers.
    private func end(_ result: Result<Answer, any Error>) {
        let waiter = state.withLock { state in
            defer { state.waiter = nil }
            if state.waiter == nil { state.early = result }
            return state.waiter
        }
        waiter?.resume(returning: result)
    }

    public func urlSession(
        _ session: URLSession, task: URLSessionTask, willPerformHTTPRedirection response: HTTPURLResponse,
        newRequest request: URLRequest, completionHandler: @escaping @Sendable (URLRequest?) -> Void
    ) {
        state.withLock { state in
            state.status = response.statusCode
            state.isCut = true
        }
        completionHandler(nil)
        task.cancel()
    }

    public func urlSession(
        _ session: URLSession, dataTask: URLSessionDataTask, didReceive response: URLResponse,
        completionHandler: @escaping @Sendable (URLSession.ResponseDisposition) -> Void
    ) {
        state.withLock { state in
            state.status = state.status ?? (response as? HTTPURLResponse)?.statusCode ?? 0
            if mostBytes == 0 { state.isCut = true }
        }
        completionHandler(mostBytes == 0 ? .cancel : .allow)
    }

    public func urlSession(_ session: URLSession, dataTask: URLSessionDataTask, didReceive data: Data) {
        let isCut = state.withLock { state in
            let room = mostBytes - state.body.count
            state.body += Array(data.prefix(max(0, room)))
            if data.count > room { state.isCut = true }
            return state.isCut
        }
        if isCut { dataTask.cancel() }
    }

    public func urlSession(_ session: URLSession, task: URLSessionTask, didCompleteWithError error: (any Error)?) {
        let answer = state.withLock { state -> Answer? in
            guard let status = state.status ?? (task.response as? HTTPURLResponse)?.statusCode else { return nil }
            // We ended it ourselves, or it came to its own end.
            guard state.isCut || error == nil else { return nil }
            return Answer(status: status, body: state.body, isCut: state.isCut)
        }
        end(answer.map { .success($0) } ?? .failure(error ?? URLError(.badServerResponse)))
    }
}
