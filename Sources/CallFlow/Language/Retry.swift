import Documents

/// What happens when the caller did not do what was asked: reminded so many times, then sent elsewhere.
///
///     no_input: {prompts: [error.no_input], retries: 2, next: bye}
struct Retry: Sendable {
    /// Said before the question is put again.
    let prompts: Speech
    /// How often the question is put again.
    let retries: Int
    /// Where to after that.
    let next: Target
}
