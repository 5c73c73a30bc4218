import Calls

/// RTCP: reports in, reports out, BYE at the end.
extension EngineCore {
    /// Datagrams of one leg read in a tick; more than these are a flood and wait.
    private static var mostPerLeg: Int { 4 }

    mutating func receiveControl() {
        for index in 0..<control.poll() {
            guard let leg = control.leg(index), !leg.pointee.isClosing else { continue }
            for _ in 0..<Self.mostPerLeg {
                guard let (bytes, source) = control.read(leg) else { break }
                figures.controlReceived &+= 1
                let believed = leg.pointee.receiver.receiveControl(
                    bytes, source: source, ourSSRC: leg.pointee.stream.ssrc, at: now)
                if believed, leg.pointee.receiver.session?.nat == true {
                    leg.pointee.controlDestination = SocketAddress(source)
                }
            }
        }
    }

    mutating func report(_ leg: LegPointer) {
        sendReport(leg, bye: false)
        leg.pointee.scheduleReport(after: now.mono, first: false)
    }

    mutating func sayBye(_ leg: LegPointer) {
        // Who never sent anything needs no leave-taking (RFC 3550 §6.3.7).
        guard leg.pointee.mayReport, leg.pointee.isStarted, leg.pointee.stream.packets > 0 else { return }
        sendReport(leg, bye: true)
    }

    private mutating func sendReport(_ leg: LegPointer, bye: Bool) {
        let stream = leg.pointee.stream
        let sender =
            stream.packets > stream.packetsReported
            ? RTCPSenderInfo(
                packets: UInt32(truncatingIfNeeded: stream.packets),
                octets: UInt32(truncatingIfNeeded: stream.octets), timestamp: stream.timestamp) : nil
        leg.pointee.stream.packetsReported = stream.packets
        let block = leg.pointee.receiver.reportBlock(at: now.mono)
        let length = RTCPBuilder.write(
            ssrc: stream.ssrc, sender: sender, block: block, cname: scratch.cname, bye: bye, wall: now.wall,
            into: UnsafeMutableRawBufferPointer(start: control.bytes, count: ControlPort.size))
        guard length > 0, case .rtp(let sockets) = leg.pointee.transport else { return }
        if leg.pointee.controlDestination.send(control.bytes, count: length, on: sockets.rtcp) {
            figures.controlSent &+= 1
        }
    }
}
