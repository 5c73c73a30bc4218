import CSndFile
import Foundation
import Glibc

/// What the machine can do at all: libsndfile encoding the same samples from memory, and a copy of the encoded audio with
/// a sync, an hour of stereo each, at normal priority.
struct Floor {
    let folder: String

    func run() throws {
        let place = try BenchFolder(folder)
        let material = Material()
        let samples = (0..<Material.seconds * 8000).flatMap { frame in
            material.sides.map { Material.sample($0[frame]) }
        }
        let begin = KernelTime.seconds
        try encode(samples, to: place.path + "/floor.flac")
        let encoded = KernelTime.seconds
        try copy(Data(material.sides[0] + material.sides[1]), to: place.path + "/floor.track")
        let copied = KernelTime.seconds
        say(
            """
            floor: libsndfile encodes an hour to FLAC in \(String(format: "%.2f", encoded - begin)) s \
            (\(String(format: "%.0f", 3600 / (encoded - begin))) × real time); the hour's A-law is written and synced in \
            \(String(format: "%.2f", copied - encoded)) s (\(String(format: "%.0f", 3600 / (copied - encoded))) ×)
            """)
        try place.remove()
    }

    private func encode(_ minute: [Int16], to path: String) throws {
        var info = SF_INFO()
        info.samplerate = 8000
        info.channels = 2
        info.format = Int32(SF_FORMAT_FLAC | SF_FORMAT_PCM_16)
        guard let handle = sf_open(path, Int32(SFM_WRITE), &info) else { throw BenchError("\(path) cannot be written") }
        var level = 3.0 / 8.0
        sf_command(handle, Int32(SFC_SET_COMPRESSION_LEVEL), &level, Int32(MemoryLayout<Double>.size))
        for _ in 0..<60 { sf_writef_short(handle, minute, sf_count_t(minute.count / 2)) }
        guard sf_close(handle) == 0 else { throw BenchError("\(path) cannot be completed") }
    }

    private func copy(_ minute: Data, to path: String) throws {
        guard FileManager.default.createFile(atPath: path, contents: nil), let file = FileHandle(forWritingAtPath: path)
        else { throw BenchError("\(path) cannot be written") }
        for _ in 0..<60 { try file.write(contentsOf: minute) }
        try file.synchronize()
        try file.close()
    }
}
