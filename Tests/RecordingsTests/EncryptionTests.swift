import AudioLog
import Calls
import Evidence
import Glibc
import Recordings
import Testing

/// Recordings made, kept, read and given out with a key file: nothing of the audio lies in the clear anywhere below the
/// data folder, at any step.
@Suite struct EncryptionTests {
    private let folder: TestFolder
    private let keys: TestKeys
    private let data: String

    init() throws {
        folder = try TestFolder()
        keys = try TestKeys(folder)
        data = folder.path + "/data"
        mkdir(data, 0o700)
    }

    private func bench(
        format: RecordingFormat = .flac, keys: RecordingKeys?,
        _ change: (inout RecordingService.Settings) -> Void = { _ in }
    ) throws -> Bench {
        try Bench(data, format: format) { settings in
            settings.keys = keys
            change(&settings)
        }
    }

    /// The same calls, recorded without encryption elsewhere.
    private func reference(_ calls: [TestCall], format: RecordingFormat = .flac) throws -> [FinishedRecording: [UInt8]]
    {
        let plain = try TestFolder()
        let bench = try Bench(plain.path, format: format)
        let segment = try FinishingTests.interleaved(plain.path, calls: calls)
        try segment.write()
        bench.publish(segment)
        bench.settle()
        bench.service.stop()
        return Dictionary(uniqueKeysWithValues: bench.finished.map { ($0, Bytes.read(bench.path($0))) })
    }

    private func row(_ recording: FinishedRecording) -> RecordingVerifier.Row {
        RecordingVerifier.Row(
            id: recording.recording, file: recording.file, sha256: recording.sha256, frames: recording.frames,
            channels: 2)
    }

    /// Runs of A-law that a call's tracks hold.
    private func runs(_ call: TestCall) -> [[UInt8]] {
        (0..<2 as Range<UInt8>).flatMap { channel in
            stride(from: 0, to: 24_000, by: 1600).map { call.tone(channel: channel, first: $0 + 100, count: 48) }
        }
    }

    /// Runs of a file's bytes.
    private func runs(_ bytes: [UInt8]) -> [[UInt8]] {
        stride(from: 0, to: max(1, bytes.count - 32), by: 997).map { Array(bytes[$0..<min($0 + 32, bytes.count)]) }
    }

    @Test(arguments: RecordingFormat.allCases)
    func aRecordingFromItsFirstBlockToItsReplay(format: RecordingFormat) async throws {
        let calls = [TestCall(1), TestCall(2)]
        let plain = try reference(calls, format: format)
        var secret = calls.flatMap { runs($0) }
        // The search is no search where it finds nothing in the clear.
        let clear = try FinishingTests.interleaved(folder.path, calls: calls)
        #expect(secret.allSatisfy { PlainSearch.contains(clear.bytes, $0) })

        let bench = try bench(format: format, keys: keys.ring)
        let segment = try FinishingTests.interleaved(data, calls: calls, keys: keys.ring)
        try segment.write()
        #expect(PlainSearch.found(secret, in: data) == [])
        // As far as the middle: the tracks are under way.
        bench.service.progress(
            AudioLogProgress(
                sequence: 1, path: segment.path, flushedBytes: UInt64(segment.blocks[30].bytes.upperBound),
                isSealed: false))
        bench.settle()
        #expect(bench.partials.count == 4)
        #expect(PlainSearch.found(secret, in: data) == [])
        bench.publish(segment)
        bench.settle()
        #expect(bench.errors.isEmpty)
        // Peaks and figures too.
        for file in plain.keys {
            secret += runs(try #require(plain[file]))
        }
        #expect(PlainSearch.files(data).count >= 6)
        #expect(PlainSearch.found(secret, in: data) == [])
        for file in PlainSearch.files(data + "/recordings") {
            #expect(Bytes.read(file).starts(with: Array("HLSEALED".utf8)))
        }
        // What is told of it is what is told without encryption: length and hash are those of the plain file.
        #expect(Set(bench.finished) == Set(plain.keys))
        bench.confirmAll()
        #expect(bench.partials.isEmpty && bench.segments.isEmpty)
        bench.service.stop()

        let verifier = RecordingVerifier(folder: data + "/recordings", keys: keys.ring)
        #expect(try verifier.verify(bench.finished.map(row)).isAllOK)
        for recording in bench.finished {
            let bytes = try #require(plain[recording])
            #expect(verifier.look(recording.file, bytes: Int64(bytes.count)) == .ok)
            #expect(verifier.look(recording.file, bytes: Int64(bytes.count + 1)) != .ok)
            let file = try RecordingFile(path: bench.path(recording), keys: keys.ring)
            #expect(file.length == recording.bytes)
            #expect(try await file.read(at: 0, count: bytes.count) == bytes)
            let last = bytes.count - 10
            #expect(try await file.read(at: Int64(last), count: 10) == Array(bytes[last...]))
            let (folder, name) = (data + "/recordings", recording.file)
            #expect(
                DerivedFiles.storedFigures(folder: folder, file: name, frames: recording.frames, keys: keys.ring)
                    == recording.figures)
            #expect(
                DerivedFiles.storedPeaks(folder: folder, file: name, frames: recording.frames, keys: keys.ring) != nil)
            #expect(DerivedFiles.storedFigures(folder: folder, file: name, frames: recording.frames) == nil)
            #expect(try DerivedFiles.measure(bench.path(recording), keys: keys.ring).figures.frames == recording.frames)
        }
    }

    /// A crash in the middle, and the rest from tracks, index and log of the run before.
    @Test func tracksOfAnEarlierRunAreGoneOnWith() throws {
        let call = TestCall(1)
        let plain = try #require(try reference([call]).keys.first)
        do {
            let bench = try bench(keys: keys.ring)
            var first = try SegmentFile(data, sequence: 1, keys: keys.ring)
            try first.start(call)
            for number in 0..<7 { try Self.audio(call, number, into: &first) }
            try first.write()
            bench.publish(first)
            bench.settle()
            #expect(bench.segments.isEmpty && bench.partials.count == 3)
            bench.service.stop()
        }
        // The key changed meanwhile: the tracks stay under theirs, the file gets the new one.
        let new = try RecordingKeys.add(to: keys.path, remark: "")
        var second = try SegmentFile(data, sequence: 2, keys: keys.ring)
        for number in 7..<15 { try Self.audio(call, number, into: &second) }
        try second.end(call, length: 15 * 9_600)
        try second.write()
        #expect(PlainSearch.found(runs(call), in: data) == [])
        let bench = try bench(keys: try RecordingKeys(path: keys.path))
        #expect(try bench.service.recover().count == 1)
        bench.settle()
        #expect(bench.errors.isEmpty)
        #expect(bench.finished == [plain])
        bench.confirmAll()
        bench.service.stop()
        let alone = try keys.ring("new", [try #require(keys.lines.last)])
        #expect(alone.currentID == new)
        #expect(try RecordingVerifier(folder: data + "/recordings", keys: alone).verify([row(plain)]).isAllOK)
    }

    private static func audio(_ call: TestCall, _ number: Int, into segment: inout SegmentFile) throws {
        for channel in 0..<2 as Range<UInt8> {
            try segment.audio(
                call, channel: channel, position: Int64(number) * 9_600,
                payload: call.tone(channel: channel, first: number * 1600, count: 1600))
        }
    }

    /// Taken into use while a call is recorded, and out of use while another is.
    @Test(arguments: [true, false]) func switchedWhileACallIsRecorded(isOn: Bool) throws {
        let call = TestCall(1)
        let plain = try #require(try reference([call]).keys.first)
        do {
            let bench = try bench(keys: isOn ? nil : keys.ring)
            var first = try SegmentFile(data, sequence: 1, keys: isOn ? nil : keys.ring)
            try first.start(call)
            for number in 0..<7 { try Self.audio(call, number, into: &first) }
            try first.write()
            bench.publish(first)
            bench.settle()
            bench.service.stop()
        }
        var second = try SegmentFile(data, sequence: 2, keys: isOn ? keys.ring : nil)
        for number in 7..<15 { try Self.audio(call, number, into: &second) }
        try second.end(call, length: 15 * 9_600)
        try second.write()
        let bench = try bench(keys: isOn ? keys.ring : nil)
        _ = try bench.service.recover()
        bench.settle()
        if isOn {
            #expect(bench.finished == [plain] && bench.errors.isEmpty)
        } else {
            // Its tracks wait for their key.
            #expect(bench.finished.isEmpty)
            #expect(bench.errors.contains { $0.message.contains(keys.ring.currentID.description) })
            #expect(bench.partials.contains { $0.hasSuffix(".track") })
        }
        bench.service.stop()
    }

    // MARK: the audio log

    /// As a power failure leaves it.
    @Test func aLogCutAnywhereIsRecovered() throws {
        let call = TestCall(1)
        let segment = try FinishingTests.interleaved(data, calls: [call], keys: keys.ring)
        var random = SeededGenerator(seed: 11)
        for cut in (0..<24).map({ _ in Int.random(in: 300..<segment.bytes.count, using: &random) }) {
            let run = try TestFolder()
            let bench = try Bench(run.path) { $0.keys = keys.ring }
            let whole = segment.blocks.filter { $0.bytes.upperBound <= cut }
            try Bytes.write(
                Array(segment.bytes.prefix(cut)),
                to: "\(run.path)/audio-log/\(AudioLogSegmentHeader.fileName(sequence: 1))")
            _ = try bench.service.recover()
            bench.settle()
            let expected = whole.map { $0.block.position.units + Int64($0.block.duration) }.max() ?? 0
            #expect(bench.errors.isEmpty)
            #expect(bench.finished.first?.length.units == expected, "cut at \(cut)")
            #expect(bench.finished.first?.gaps.last?[1] ?? expected <= expected)
            bench.service.stop()
        }
    }

    @Test func withADamagedHeaderEveryKeyIsTried() throws {
        let call = TestCall(1)
        let plain = try #require(try reference([call]).keys.first)
        let segment = try FinishingTests.interleaved(data, calls: [call], keys: keys.ring)
        for _ in 0..<2 { _ = try RecordingKeys.add(to: keys.path, remark: "") }
        let bench = try bench(keys: keys.ring)
        var bytes = segment.bytes
        bytes[20] ^= 1
        try Bytes.write(bytes, to: segment.path)
        _ = try bench.service.recover()
        bench.settle()
        #expect(bench.finished == [plain])
        // Told as ever, and kept.
        #expect(bench.errors.contains { $0.message.contains("damaged") })
        bench.service.stop()
    }

    /// Whoever alters on purpose mends the checksum; the tag he cannot.
    @Test func aBlockWithAMendedChecksumIsMissingAndTold() throws {
        let call = TestCall(1)
        let segment = try FinishingTests.interleaved(data, calls: [call], keys: keys.ring)
        let bench = try bench(keys: keys.ring)
        var bytes = segment.bytes
        let block = segment.blocks[9].bytes
        bytes[block.lowerBound + 96 + 70] ^= 1
        for index in 92..<96 { bytes[block.lowerBound + index] = 0 }
        var crc = CRC32C()
        crc.update(Array(bytes[block]).span.bytes)
        for index in 0..<4 {
            bytes[block.lowerBound + 92 + index] = UInt8(truncatingIfNeeded: crc.value >> UInt32(index * 8))
        }
        try Bytes.write(bytes, to: segment.path)
        bench.publish(segment)
        bench.settle()
        let finished = try #require(bench.finished.first)
        let missing = segment.blocks[9].block
        #expect(finished.gaps == [[missing.position.units, missing.position.units + 9_600]])
        #expect(bench.errors.contains { $0.message.contains("encrypted audio is not what was written") })
        bench.confirmAll()
        #expect(bench.segments == ["\(AudioLogSegmentHeader.fileName(sequence: 1)).damaged"])
        bench.service.stop()
    }

    /// Headers stay in the clear: what is there is known without a key, and waits for it.
    @Test func withoutItsKeyTheLogWaits() throws {
        let call = TestCall(1)
        let plain = try #require(try reference([call]).keys.first)
        let segment = try FinishingTests.interleaved(data, calls: [call], keys: keys.ring)
        do {
            let bench = try bench(keys: nil)
            try segment.write()
            _ = try bench.service.recover()
            #expect(bench.finished.isEmpty)
            bench.settle()
            #expect(
                bench.errors.contains {
                    $0.message.contains(keys.ring.currentID.description) && $0.message.contains("no key file")
                })
            #expect(bench.segments.count == 1)
            bench.service.stop()
        }
        let bench = try bench(keys: keys.ring)
        _ = try bench.service.recover()
        bench.settle()
        #expect(bench.finished == [plain] && bench.errors.isEmpty)
        bench.service.stop()
    }

    @Test func aCallIsFollowedThroughTheEncryptedLog() throws {
        let call = TestCall(1)
        let bench = try bench(keys: keys.ring)
        try FinishingTests.interleaved(data, calls: [call, TestCall(2)], keys: keys.ring).write()
        var live = LiveRecording(dataFolder: data, call: call.call, keys: keys.ring)
        let pieces = try live.read(lead: AudioPosition(milliseconds: 10_000))
        #expect(pieces.count == 30 && live.isOver)
        #expect(Tone.share(pieces[0].samples[...], at: call.left) > 0.9)
        var deaf = LiveRecording(dataFolder: data, call: call.call)
        #expect { try deaf.read() } throws: { ($0 as? RecordingError)?.code == .key }
        bench.service.stop()
    }

    // MARK: what reads it

    private func finished(_ call: TestCall = TestCall(1)) throws -> (FinishedRecording, path: String) {
        let bench = try bench(keys: keys.ring)
        let segment = try FinishingTests.interleaved(data, calls: [call], keys: keys.ring)
        try segment.write()
        bench.publish(segment)
        bench.settle()
        bench.confirmAll()
        bench.service.stop()
        let recording = try #require(bench.finished.first)
        return (recording, bench.path(recording))
    }

    @Test func theVerifierFindsAFlippedBit() throws {
        let (recording, path) = try finished()
        let verifier = RecordingVerifier(folder: data + "/recordings", keys: keys.ring)
        let whole = Bytes.read(path)
        var random = SeededGenerator(seed: 5)
        let inside = (0..<6).map { _ in Int.random(in: 128..<whole.count - 128, using: &random) }
        for place in inside {
            var bytes = whole
            bytes[place] ^= 1 << UInt8.random(in: 0..<8, using: &random)
            try Bytes.write(bytes, to: path)
            guard case .altered(let reason) = verifier.check(row(recording)) else {
                Issue.record("byte \(place) was altered, and nobody saw it")
                continue
            }
            #expect(reason.contains("not what was written"))
        }
        try Bytes.write(whole, to: path)
        #expect(verifier.check(row(recording)) == .ok)
        // Without the key it is not said to be in order, and the key is named.
        guard case .altered(let reason) = RecordingVerifier(folder: data + "/recordings").check(row(recording)) else {
            Issue.record("nobody missed the key")
            return
        }
        #expect(reason.contains(keys.ring.currentID.description))
        // One that was exchanged for a plain one is as good as its hash says.
        let bytes = try #require(try reference([TestCall(1)])[recording])
        try Bytes.write(bytes, to: path)
        #expect(verifier.check(row(recording)) == .ok)
    }

    @Test func otherFormsAreEncryptedInTheCacheAndPlainWhereTheyAreGivenOut() async throws {
        let (recording, path) = try finished()
        let keys = keys.ring
        let cache = try AudioCache(folder: data + "/cache", limitBytes: 10_000_000, minimumFreeBytes: 0, keys: keys)
        let wav = try await cache.file(of: recording.recording, "a.wav") { (target) throws(RecordingError) in
            try Transcoder.write(
                path, frames: recording.frames, as: ReplayForm(format: .wav), to: target, keys: keys, isSealed: true)
        }
        let heard = try await wav.read(at: 0, count: Int(wav.length))
        #expect(heard.starts(with: Array("RIFF".utf8)))
        let opus = try await cache.file(of: recording.recording, "a.opus") { (target) throws(RecordingError) in
            try Transcoder.write(
                path, frames: recording.frames, as: ReplayForm(format: .opus, channel: .left), to: target, keys: keys,
                isSealed: true)
        }
        #expect(try await opus.read(at: 0, count: 4) == Array("OggS".utf8))
        let peaks = try await cache.file(of: recording.recording, "a.peaks") { (target) throws(RecordingError) in
            try DerivedFiles.write(.peaks, of: path, frames: recording.frames, to: target, keys: keys)
        }
        #expect(try await peaks.read(at: 0, count: 4) == [2, 0, 0, 0])
        #expect(PlainSearch.found(runs(heard) + [Array("OggS".utf8), Array("RIFF".utf8)], in: data) == [])
        #expect(PlainSearch.files(data + "/cache").count == 3)
        // Found again after a restart.
        let again = try AudioCache(folder: data + "/cache", limitBytes: 10_000_000, minimumFreeBytes: 0, keys: keys)
        let found = try await again.file(of: recording.recording, "a.wav") { (_) throws(RecordingError) in
            throw RecordingError(.read, "it is there")
        }
        #expect(try await found.read(at: 0, count: Int(found.length)) == heard)

        let out = folder.path + "/out"
        mkdir(out, 0o700)
        let plain = try #require(try reference([TestCall(1)])[recording])
        #expect(
            try RecordingCopy.copy(path, sha256: recording.sha256, to: "\(out)/a.flac", keys: keys) == .written)
        #expect(Bytes.read("\(out)/a.flac") == plain)
        #expect(try RecordingCopy.copy(path, sha256: recording.sha256, to: "\(out)/a.flac", keys: keys) == .same)
        #expect(try RecordingCopy.wave(of: path, frames: recording.frames, to: "\(out)/a.wav", keys: keys) == .written)
        #expect(Bytes.read("\(out)/a.wav") == heard)
        #expect(
            try RecordingCopy.waveBytes(
                of: path, frames: recording.frames, scratch: "\(out)/.s", limit: 1_000_000, keys: keys) == heard)
        #expect { try RecordingCopy.copy(path, sha256: recording.sha256, to: "\(out)/b.flac") } throws: {
            ($0 as? RecordingError)?.code == .key
        }
        var altered = Bytes.read(path)
        altered[altered.count / 2] ^= 1
        try Bytes.write(altered, to: path)
        #expect { try RecordingCopy.copy(path, sha256: recording.sha256, to: "\(out)/b.flac", keys: keys) } throws: {
            ($0 as? RecordingError)?.code == .altered
        }
        #expect {
            try Transcoder.write(
                path, frames: recording.frames, as: ReplayForm(format: .wav), to: "\(out)/b.wav", keys: keys)
        } throws: {
            ($0 as? RecordingError)?.code == .altered
        }
        #expect { try DerivedFiles.measure(path, keys: keys) } throws: { ($0 as? RecordingError)?.code == .altered }
        #expect(TestFolder.names(out).allSatisfy { !$0.hasPrefix("b.f") })
    }

    @Test func theArchiveHoldsWhatTheDiskHeld() throws {
        let (recording, path) = try finished()
        let places = RecordingPlaces(folder: data + "/recordings", archive: data + "/archive", keys: keys.ring)
        #expect {
            try RecordingPlaces(folder: places.folder, archive: places.archive).archive(
                recording.file, sha256: recording.sha256)
        } throws: { ($0 as? RecordingError)?.code == .key }
        let bytes = Bytes.read(path)
        var altered = bytes
        altered[200] ^= 1
        try Bytes.write(altered, to: path)
        #expect { try places.archive(recording.file, sha256: recording.sha256) } throws: {
            ($0 as? RecordingError)?.code == .altered
        }
        #expect(PlainSearch.files(data + "/archive") == [])
        try Bytes.write(bytes, to: path)
        // A copy that is no good is written over.
        try TestFolder.make("\(data)/archive/\(recording.file)", altered)
        try places.archive(recording.file, sha256: recording.sha256)
        #expect(Bytes.read("\(data)/archive/\(recording.file)") == bytes)
        try places.archive(recording.file, sha256: recording.sha256)
        _ = try places.remove(recording.file, isDeleted: false, isArchived: true)
        let verifier = RecordingVerifier(folder: places.folder, archive: places.archive, keys: keys.ring)
        #expect(verifier.check(row(recording)) == .ok)
    }

    @Test func anImportedRecordingIsEncrypted() throws {
        let source = folder.path + "/source"
        let plain = try #require(try reference([TestCall(1)]).values.first)
        try TestFolder.make(source + "/a.flac", plain)
        let placed = try ImportPlacer(recordings: data + "/recordings", keys: keys.ring).place(
            try ImportSource(folder: source, name: "a.flac"), recording: TestCall(1).recording, call: TestCall(1).call,
            start: 1_795_317_165_000_000)
        let path = "\(data)/recordings/\(placed.file)"
        for file in PlainSearch.files(data) { #expect(Bytes.read(file).starts(with: Array("HLSEALED".utf8))) }
        #expect(PlainSearch.files(data).count == 3)
        #expect(try RecordingFile(path: path, keys: keys.ring).length == placed.bytes)
        let row = RecordingVerifier.Row(
            id: TestCall(1).recording, file: placed.file, sha256: placed.sha256, frames: placed.frames, channels: 2)
        #expect(RecordingVerifier(folder: data + "/recordings", keys: keys.ring).check(row) == .ok)
    }

    // MARK: evidence

    @Test func aBundleOfAnEncryptedStoreVerifies() throws {
        let stage = try BundleStage()
        let (path, summary) = try stage.write(folder, keys: keys.ring)
        #expect(summary.faults.isEmpty && summary.recordings == 6)
        let trust = BundleTrust(keys: [try stage.publicKey], anchors: stage.kept())
        let report = EvidenceBundleVerifier(path: path, trust: trust).verify()
        #expect(report.finding == nil)
        // It holds them in the clear: whoever verifies it has no key.
        #expect(stage.files.allSatisfy { PlainSearch.contains(Bytes.read(path), $0.bytes) })
        #expect(PlainSearch.found(stage.files.map(\.bytes), in: folder.path + "/recordings") == [])
    }

    @Test func aBundleNamesARecordingThatCannotBeOpened() throws {
        let stage = try BundleStage()
        let (path, summary) = try stage.write(folder, keys: keys.ring) { index, bytes in
            if index == 1 { bytes[300] ^= 1 }
        }
        #expect(summary.faults.count == 1)
        #expect(summary.faults[0].contains(BundleStage.file(1)) && summary.faults[0].contains("not what was written"))
        #expect(summary.recordings == 5)
        let report = EvidenceBundleVerifier(path: path, trust: BundleTrust(keys: [try stage.publicKey])).verify()
        #expect(report.finding?.member.contains(BundleStage.file(1)) == true)
        // Without the key no bundle is made at all.
        #expect {
            try EvidenceBundleWriter(
                path: "\(folder.path)/b.tar", isReplacing: true, description: try stage.description()
            ).finishWithoutKeys(stage, recordings: "\(folder.path)/recordings")
        } throws: { error in
            guard let error = error as? RecordingError else { return false }
            return error.code == .bundle && error.message.contains(keys.ring.currentID.description)
        }
    }
}

extension EvidenceBundleWriter {
    fileprivate func finishWithoutKeys(_ stage: BundleStage, recordings: String) throws -> Summary {
        try begin(keys: [try stage.publicKey], anchors: [])
        for item in stage.events { try append(item.sealed, type: item.type) }
        try endChain()
        return try finish(recordings: recordings, privateKey: stage.key)
    }
}
