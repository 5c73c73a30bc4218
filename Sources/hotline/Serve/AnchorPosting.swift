import Foundation
import Synchronization

#if canImport(FoundationNetworking)
    import FoundationNetworking
#endif

/// One POST of which only the status matters: its answer's body is not read, and a redirection is not followed, since
/// that would turn the POST into a GET whose success says nothing.
final class AnchorPosting: NSObject, URLSessionDataDelegate, Sendable {
    private struct State {
        var status: Int?
        /// What came before anybody waited: a cancellation.
        var early: Result<Int, any Error>?
        var waiter: CheckedContinuation<Result<Int, any Error>, Never>?
    }
    private let state = Mutex(State())

    /// Runs the task to its end; cancelled with the calling task.
    /// - Parameter timeout: after so long it is given up. The request's own time-out does not end the wait for a peer that
    ///   takes the connection and says nothing.
    func status(of task: URLSessionDataTask, within timeout: Duration) async -> Result<Int, any Error> {
        let timer = Task {
            do {
                try await Task.sleep(for: timeout)
            } catch {
                return  // it came to its end first
            }
            task.cancel()
            self.end(
                .failure(URLError(.timedOut, userInfo: [NSLocalizedDescriptionKey: "no answer within \(timeout)"])))
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
            task.cancel()
            self.end(.failure(URLError(.cancelled)))
        }
    }

    /// Whoever comes first answers.
    private func end(_ result: Result<Int, any Error>) {
        let waiter = state.withLock { state in
            defer { state.waiter = nil }
            if state.waiter == nil { state.early = result }
            return state.waiter
        }
        waiter?.resume(returning: result)
    }

    func urlSession(
        _ session: URLSession, task: URLSessionTask, willPerformHTTPRedirection response: HTTPURLResponse,
        newRequest request: URLRequest, completionHandler: @escaping @Sendable (URLRequest?) -> Void
    ) {
        state.withLock { $0.status = response.statusCode }
        completionHandler(nil)
        task.cancel()
    }

    func urlSession(
        _ session: URLSession, dataTask: URLSessionDataTask, didReceive response: URLResponse,
        completionHandler: @escaping @Sendable (URLSession.ResponseDisposition) -> Void
    ) {
        state.withLock { state in
            state.status = state.status ?? (response as? HTTPURLResponse)?.statusCode ?? 0
        }
        completionHandler(.cancel)
    }

    func urlSession(_ session: URLSession, task: URLSessionTask, didCompleteWithError error: (any Error)?) {
        let known = state.withLock { $0.status } ?? (task.response as? HTTPURLResponse)?.statusCode
        end(known.map { .success($0) } ?? .failure(error ?? URLError(.badServerResponse)))
    }
}
