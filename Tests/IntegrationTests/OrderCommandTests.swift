import Calls
import Foundation
import Media
import Storage
import Testing

extension Integration {
    /// Work orders, duties, outages, other ticket stores and audits from the command line, against a running server.
    @Suite struct OrderCommandTests {
        private static let number = "20261101-0001"

        private static func order(in folder: String) async throws {
            let time = SystemTime()
            let store = try Store.open(
                folder: folder, identity: NodeIdentity(name: "earlier", number: 7, boot: "boot"), time: time,
                random: { UInt64.random(in: .min ... .max) })
            try await store.record([
                .orderCreated(
                    OrderCreated(
                        order: OrderID(high: 0x019A_0000_0000_7000, low: 0x8000_0000_0000_0001), at: time.now(),
                        number: number, code: "4711", category: "complaint", call: nil, caller: "13900000001",
                        fields: [:]))
            ])
            await store.close()
        }

        private struct Desk {
            let scratch: Scratch
            let data: String

            func run(_ arguments: String...) async throws -> (code: Int32, said: String, errors: String) {
                let (code, child) = try await Child.run(
                    "run-\(UUID().uuidString.prefix(6))", program: Repository.program,
                    arguments: arguments + ["--data", data], folder: scratch.folder, seconds: 30)
                return (code, child.output, child.errors)
            }

            @discardableResult
            func done(_ arguments: String...) async throws -> String {
                let (code, child) = try await Child.run(
                    "run-\(UUID().uuidString.prefix(6))", program: Repository.program,
                    arguments: arguments + ["--data", data], folder: scratch.folder, seconds: 30)
                #expect(code == 0, "\(arguments): \(child.tail())")
                return child.output
            }

            /// A step of the order.
            func step(_ name: String, _ role: String, _ fields: [String], unit: String? = nil) async throws {
                var arguments = ["orders", "step", name, number, "--by", "1001", "--role", role]
                for field in fields { arguments += ["--field", field] }
                if let unit { arguments += ["--unit", unit] }
                let (code, child) = try await Child.run(
                    "step-\(name)-\(UUID().uuidString.prefix(6))", program: Repository.program,
                    arguments: arguments + ["--data", data], folder: scratch.folder, seconds: 30)
                #expect(code == 0, "\(name): \(child.tail())")
            }
        }

        @Test(.timeLimit(.minutes(2))) func anOrderIsLivedPunishedToldAndAudited() async throws {
            let scratch = try Scratch("orders")
            let data = scratch.folder.appendingPathComponent("data")
            let archive = scratch.folder.appendingPathComponent("archive")
            try await Self.order(in: data.path)
            var options = ServerOptions()
            options.more = """
                orders:
                  policy: yongqiang
                  norms: \(Repository.root.appendingPathComponent("norms").path)
                  stores:
                    - {name: archive, since: 2020-01-01, folder: "\(archive.path)", final: closed}
                """
            let server = try await RunningServer.start(options, scratch: scratch)
            let desk = Desk(scratch: scratch, data: data.path)

            // A reply that is found bad: 50 yuan are proposed (002 六2), and only a person makes them due.
            let said = ["content=抄表员两个月没有来", "channel=telephone", "identity=anonymous", "topic=conduct"]
            try await desk.step("accept", "agent", said)
            try await desk.step("audit", "shift_leader", ["verdict=passed"])
            try await desk.step("dispatch", "shift_leader", ["department=power_station"])
            try await desk.step("receive", "department", [], unit: "power_station")
            try await desk.step("contact", "department", ["reached=no_contact"], unit: "power_station")
            let reply = ["result=已处理", "finding=unsubstantiated", "customer_view=not_given", "explained=yes"]
            try await desk.step("reply", "department", reply, unit: "power_station")
            try await desk.step("director_contact", "hotline_director", ["reached=no_contact"])
            try await desk.step("review", "hotline_director", ["assessment=unqualified", "fault_of_reply=incomplete"])
            let proposed = try await desk.done("penalties", "list", "--json")
            let penalties = try JSONDecoder().decode([PenaltySummary].self, from: Data(proposed.utf8))
            let penalty = try #require(penalties.first { $0.trigger == "unqualified" })
            #expect(penalty.state == "proposed" && penalty.least == 50)
            let who = ["--by", "1003", "--role", "supervisor", "--why", "核实"]
            let much = try await desk.run(
                "penalties", "confirm", Self.number, penalty.penalty, "--yuan", "70", who[0], who[1], who[2], who[3],
                who[4], who[5])
            #expect(much.code != 0 && much.errors.contains("exactly 50"))
            let confirmed = try await desk.done(
                "penalties", "confirm", Self.number, penalty.penalty, "--yuan", "50", who[0], who[1], who[2], who[3],
                who[4], who[5])
            #expect(confirmed.contains("confirmed, 50 yuan"))
            // A contact without a recording is shown as unproven.
            #expect(
                try await desk.done("orders", "life", Self.number).contains("without a recording: 1 accept, 5 contact"))

            // The other store: told through its folder, and heard.
            let out = archive.appendingPathComponent("out/\(Self.number).json")
            for _ in 0..<100 where !FileManager.default.fileExists(atPath: out.path) {
                try await Task.sleep(for: .milliseconds(100))
            }
            #expect(FileManager.default.fileExists(atPath: out.path))
            #expect(try await desk.done("tickets", "list").contains("archive"))
            try await desk.done(
                "tickets", "link", Self.number, "--store", "archive", "--reference", "A-7", "--status", "closed")
            let differs = try await desk.run("tickets", "reconcile", "--store", "archive", "--from", "2020-01-01")
            #expect(differs.code == 1 && differs.said.contains("open here, final there: \(Self.number)"))

            // Duties and outages.
            try await desk.done(
                "duties", "done", "gds-box", "--by", "1001", "--note", "无信件", "--subject", "营业厅", "--evidence",
                Self.number)
            #expect(try await desk.done("duties", "log").contains("营业厅"))
            let outage = try await desk.done(
                "outages", "announce", "--kind", "planned", "--area", "东门路", "--begins", "2099-01-10T08:00", "--ends",
                "2099-01-10T17:00", "--reason", "检修", "--text", "计划停电", "--by", "1001")
            #expect(try await desk.done("outages", "list").contains("东门路"))
            // A caller hears of it under key 1.
            let caller = "13900000671"
            let (code, child) = try await Child.run(
                "call-outage", program: Repository.program,
                arguments: [
                    "call", "sip:95598@\(server.sip)", "--from", caller, "--digits", "ww1wwwwwwwwwwwwwwh", "--json",
                ], folder: scratch.folder, seconds: 60)
            #expect(code == 0, "\(child.tail())")
            let shown = try await server.show(try await server.finishedCall(from: caller).callId)
            let plays = shown.timeline.filter { $0.kind == "play" }.compactMap { $0.data?["items"] }
            #expect(plays.contains { $0.hasPrefix("outage.planned outage.from digit.2 digit.0") }, "\(plays)")
            try await desk.done(
                "outages", "withdraw", outage.trimmingCharacters(in: .whitespacesAndNewlines), "--by", "1001", "--why",
                "改期")
            #expect(try await desk.done("outages", "list").contains("No outages"))

            // The audit, beside the running server: the same bytes in every format, twice.
            for format in ["table", "json", "csv", "html", "xlsx"] {
                var written: [Data] = []
                for turn in 1...2 {
                    let file = scratch.folder.appendingPathComponent("audit-\(turn).\(format)")
                    try await desk.done(
                        "audit", "--profile", "yongqiang", "--from", "2020-01-01", "--to", "2100-01-01", "--format",
                        format,
                        "--out", file.path)
                    written.append(try Data(contentsOf: file))
                }
                #expect(!written[0].isEmpty && written[0] == written[1], "\(format)")
            }
            let json = try Data(contentsOf: scratch.folder.appendingPathComponent("audit-1.json"))
            let report = try #require(try JSONSerialization.jsonObject(with: json) as? [String: Any])
            #expect(report["profile"] as? String == "yongqiang@1")
            let rules = try #require(report["rules"] as? [[String: Any]])
            let qualified = try #require(rules.first { $0["measure"] as? String == "reply_qualified" })
            #expect(qualified["broken"] as? Int == 1 && qualified["conclusion"] as? String == "broken")
            let sums = try #require((report["penalties"] as? [[String: Any]])?.first)
            #expect(sums["confirmed"] as? Int == 1 && sums["yuan"] as? Int == 50)
            let text = try String(
                contentsOf: scratch.folder.appendingPathComponent("audit-1.table"), encoding: .utf8)
            #expect(text.contains("违反 BROKEN") && text.contains(Self.number))
            let again = try await desk.run(
                "audit", "--profile", "yongqang", "--month", "2026-11")
            #expect(again.code != 0 && again.errors.contains("yongqiang"))

            #expect(try await server.stop() == 0)
            #expect(try await desk.done("evidence", "verify").contains("self-consistent"))
        }
    }
}
