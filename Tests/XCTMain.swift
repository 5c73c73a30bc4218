import Testing

/// The tests' `main`, in place of the one that SwiftPM derives: that one asks the index of sources for XCTest cases, of
/// which there are none here, and making the index takes a sixth of the build (docs/decisions/0016-test-build.md).
/// Like SwiftPM's it runs what `--testing-library swift-testing` names; XCTest's run, which `swift test` asks for as
/// well, has nothing to do.
@main
struct TestMain {
    static func main() async {
        let arguments = CommandLine.arguments
        guard let place = arguments.firstIndex(of: "--testing-library"),
            arguments.dropFirst(place + 1).first?.lowercased() == "swift-testing"
        else { return }
        await Testing.__swiftPMEntryPoint() as Never
    }
}
