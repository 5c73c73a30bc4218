import Testing

/// Tests against a running server, with peers nobody here wrote. They run one after the other: each of them may take
/// the whole machine.
@Suite(.serialized) struct Integration {}
