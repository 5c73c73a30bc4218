import Foundation

/// The configuration a test's server runs with.
struct ServerOptions {
    var sip = "127.0.0.1:0"

    /// The configuration file's text.
    var yaml: String { "" }
}
