import Access
import Hummingbird
import Storage
import Switchboard

/// Turns whatever a route of the API throws into a problem document. What nobody foresaw is logged, and told without
/// its inside. A browser that is signed in is told in the language of its pages, programs in English.
struct ProblemDocuments: RouterMiddleware {
    typealias Context = ConsoleContext
    let words: Words

    func handle(
        _ request: Request, context: ConsoleContext,
        next: (Request, ConsoleContext) async throws -> Response
    ) async throws -> Response {
        let problem: Problem
        do {
            return try await next(request, context)
        } catch let error as Problem {
            problem = error
        } catch let error as StorageError {
            problem = Problem(error)
            log(error, as: problem, context)
        } catch let error as SwitchboardError {
            problem = Problem(error)
            log(error, as: problem, context)
        } catch let error as AccessError {
            problem = Problem(error)
            log(error, as: problem, context)
        } catch let error as BodyBroken {
            throw error.cause
        } catch let error as any HTTPResponseError where error.status.code < 500 {
            problem = Problem(error.status, "the request cannot be read: \(error)")
        } catch {
            problem = .unexpected
            log(error, as: problem, context)
        }
        return try said(problem, request).response(from: request, context: context)
    }

    private func said(_ problem: Problem, _ request: Request) -> Problem {
        guard request.headers[.authorization] == nil, request.cookies[WhoAsks.cookie] != nil else { return problem }
        return Problem(
            problem.status, words.said(problem.detail, Language(of: request)), headers: problem.headers)
    }

    private func log(_ error: any Error, as problem: Problem, _ context: ConsoleContext) {
        guard problem.status.code >= 500 else { return }
        context.logger.error(
            "a request of the API failed",
            metadata: [
                "http.status": "\(problem.status.code)", "http.route": "\(context.endpointPath ?? "-")",
                "error": "\(error)",
            ])
    }
}

/// Addresses below `/api/` that lead nowhere, told like every other error there; to whoever is known, which methods an
/// address has that was asked with another (RFC 9110 15.5.6).
struct UnknownAddresses: RouterMiddleware {
    typealias Context = ConsoleContext
    let who: WhoAsks

    func handle(
        _ request: Request, context: ConsoleContext,
        next: (Request, ConsoleContext) async throws -> Response
    ) async throws -> Response {
        do {
            return try await next(request, context)
        } catch let error as HTTPError where error.status == .notFound && request.uri.path.hasPrefix("/api/") {
            return try problem(request, context).response(from: request, context: context)
        }
    }

    private func problem(_ request: Request, _ context: ConsoleContext) -> Problem {
        let methods = APIRights.methods(at: request.uri.path)
        guard !methods.isEmpty, !methods.contains(request.method.rawValue), isKnown(request, context) else {
            return Problem(
                .notFound, "nothing is here for this method; docs/json.md lists the addresses and their methods")
        }
        let allowed = methods.sorted().joined(separator: ", ")
        return Problem(
            .methodNotAllowed, "this address has \(allowed), not \(quoted(request.method.rawValue))",
            headers: [.allow: allowed])
    }

    private func isKnown(_ request: Request, _ context: ConsoleContext) -> Bool {
        do {
            return try who.identified(request, context).asker != nil
        } catch {
            // A wrong token is none.
            return false
        }
    }
}
