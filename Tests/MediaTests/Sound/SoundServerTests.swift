import Foundation
import Media
import Testing

extension SoundSystemTests {
    /// The server with the virtual cards, as a process.
    @Suite struct SoundServerTests {
        @Test func startsKillsAndStartsAgain() throws {
            let folder = try SoundFolder()
            let server = try SoundServer(folder: folder.url, pairs: ["one", "two"])
            #expect(try String(contentsOf: server.configurationFile, encoding: .utf8).contains("pcm.two_far_cap "))
            #expect(SoundServer.line("one").capture == "one_line_cap")
            #expect(SoundServer.far("two").playback == "two_far_play")
            let first = folder.servers
            #expect(first.count == 1)
            server.kill()
            #expect(folder.waitForServers { $0.isEmpty })
            try server.restart()
            #expect(folder.servers.count == 1)
            #expect(folder.servers != first)
            server.stop()
            server.stop()
            #expect(folder.waitForServers { $0.isEmpty })
            #expect(folder.waitForShells { $0.isEmpty })
        }

        @Test(arguments: [[], [""], ["a b"], ["a", "a"], ["../x"], [String(repeating: "a", count: 33)]])
        func refusesNames(_ pairs: [String]) throws {
            let folder = try SoundFolder()
            let error = #expect(throws: MediaError.self) { try SoundServer(folder: folder.url, pairs: pairs) }
            #expect(error?.code == .soundServer)
            #expect(error?.message.contains("name") == true)
        }

        @Test func refusesFoldersThatItsFilesCannotName() throws {
            let blank = #expect(throws: MediaError.self) {
                try SoundServer(folder: URL(fileURLWithPath: "/tmp/a b"), pairs: ["a"])
            }
            #expect(blank?.message.contains("choose another folder") == true)
            let long = #expect(throws: MediaError.self) {
                try SoundServer(
                    folder: URL(fileURLWithPath: "/tmp/" + String(repeating: "x", count: 100)), pairs: ["a"])
            }
            #expect(long?.message.contains("choose a shorter one") == true)
            let file = #expect(throws: MediaError.self) {
                try SoundServer(folder: URL(fileURLWithPath: "/dev/null/x"), pairs: ["a"])
            }
            #expect(file?.message.contains("cannot be written") == true)
        }
    }
}
