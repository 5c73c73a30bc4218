/// Somebody's stay, from signing in to signing out.
public struct Session: Sendable, Hashable {
    /// The name that signed in.
    public let person: String
    /// What a form or a request that changes something has to bear (CSRF).
    public let csrf: String
    /// CLOCK_MONOTONIC nanoseconds, as the next.
    let began: Int64
    var seen: Int64
}
