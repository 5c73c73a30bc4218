import Access
import Calls
import Foundation
import Storage
import Switchboard
import Testing

/// Agents, queues and key customers changed in the browser: in the agents' file, at once, and journalled.
@Suite(.serialized) struct RosterPageTests {
    private static func file(_ bench: Bench, _ name: String = "agents.yaml") throws -> String {
        try String(contentsOfFile: "\(bench.folder.path)/\(name)", encoding: .utf8)
    }

    private static func text(_ id: String, in page: String) throws -> String {
        let begin = try #require(page.firstRange(of: "id=\"\(id)\">"))
        return String(page[begin.upperBound...].prefix { $0 != "<" })
    }

    @Test func anAgentIsEnteredChangedAndTakenOff() async throws {
        try await Bench.with { bench async throws in
            let visitor = try await Visitor.signedIn(bench, [.operator])
            var form = [
                "number": "1003", "name": "张 <三>", "role": "shift_leader", "department": "客服", "new_skill": "fault",
                "pin": "new",
            ]
            let made = try await visitor.post("/operation/agents/new", form)
            #expect(made.status == 200)
            let password = try Self.text("phone-password", in: made.text)
            let pin = try Self.text("phone-pin", in: made.text)
            #expect(password.count == 20 && pin.count == 6 && pin.allSatisfy(\.isNumber))
            // Shown that once.
            #expect(try await !visitor.get("/operation/agents").text.contains(password))
            let agent = try #require(bench.desk?.rosterAgent(workNumber("1003")))
            #expect(agent.agent.name == "张 <三>" && agent.agent.role == .shiftLeader && agent.agent.skills == ["fault"])
            #expect(agent.password.text == password && agent.pin?.text == pin)
            let text = try Self.file(bench)
            #expect(text.contains("# of the bench") && text.contains("skills: [service, fault]"))
            #expect(!text.contains(password) && !text.contains(pin))
            #expect(try Self.file(bench, "secrets/1003.password") == password + "\n")
            let mode = try FileManager.default.attributesOfItem(atPath: "\(bench.folder.path)/secrets/1003.password")[
                .posixPermissions]
            #expect(mode as? Int == 0o600)
            // At work at once, by the API as by a phone.
            #expect(try await bench.post("agents/1003/state", #"{"state": "available"}"#).status == 200)

            #expect(try await visitor.post("/operation/agents/new", form).status == 400)
            form["name"] = "李四"
            form["new_skill"] = ""
            form["pin"] = "none"
            #expect(
                try await visitor.post("/operation/agents/1003", form).headers["location"]?.hasSuffix("done=agent")
                    == true)
            let changed = try #require(bench.desk?.rosterAgent(workNumber("1003")))
            #expect(changed.agent.name == "李四" && changed.agent.skills.isEmpty && changed.pin == nil)
            #expect(changed.password == agent.password)
            #expect(
                bench.desk?.status.agents.first { $0.agent.number == workNumber("1003") }?.state == .available,
                "whoever is at work stays so")

            #expect(try await visitor.post("/operation/agents/1003/removal", [:]).status == 303)
            #expect(bench.desk?.rosterAgent(workNumber("1003")) == nil)
            #expect(try await visitor.get("/operation/agents/1003").status == 404)
            let head = try #require(try await bench.store.reader.heads().first)
            let changes = try await bench.store.reader.journal(chain: head.chain, after: 0, through: head.sequence)
                .map { String(decoding: $0.sealed.body ?? [], as: UTF8.self) }.filter { $0.contains("roster_changed") }
            #expect(changes.count == 3 && changes.allSatisfy { !$0.contains(password) && !$0.contains(pin) })
        }
    }

    @Test func whatTheFileWouldNotAllowIsToldAndChangesNothing() async throws {
        try await Bench.with { bench async throws in
            let visitor = try await Visitor.signedIn(bench, [.operator])
            let before = try Self.file(bench)
            for (path, form) in [
                ("/operation/agents/new", ["number": "10 03", "name": "a", "role": "agent", "pin": "keep"]),
                ("/operation/agents/new", ["number": "1003", "name": "", "role": "agent", "pin": "keep"]),
                ("/operation/agents/new", ["number": "1003", "name": "a", "role": "boss", "pin": "keep"]),
                ("/operation/agents/1001", ["name": "a", "role": "agent", "pin": "keep", "new_skill": "No Skill"]),
                ("/operation/queues/night_service", ["q_skill": "nobody"]),
                ("/operation/queues/night_service", ["q_wrap_up": "30"]),
                ("/operation/queues/night_service", ["q_hours": "someday"]),
                ("/operation/queues/night_service", ["q_duty": "7777"]),
            ] {
                let answer = try await visitor.post(path, form)
                #expect(answer.status == 400 && answer.text.contains("id=\"complaint\""), "\(path) \(form)")
            }
            #expect(try await visitor.post("/operation/agents/7777", ["name": "a"]).status == 404)
            #expect(try await visitor.post("/operation/queues/nobody", [:]).status == 404)
            #expect(try Self.file(bench) == before)
            #expect(!FileManager.default.fileExists(atPath: bench.folder.path + "/secrets"))
        }
    }

    @Test func aQueueIsSetAndAFileReadAnew() async throws {
        try await Bench.with { bench async throws in
            let visitor = try await Visitor.signedIn(bench, [.operator])
            let page = try await visitor.get("/operation/queues/night_service", language: "zh").text
            #expect(page.contains("话后处理时间") && page.contains("value=\"service\""))
            #expect(
                try await visitor.post(
                    "/operation/queues/night_service",
                    ["q_wrap_up": "45s", "q_hours": "mon-fri 08:00-12:00,13:00-18:00\r\nsat 09:00-12:00"]
                ).status == 303)
            let queue = try #require(bench.desk?.rosterQueues.first)
            #expect(
                queue.rules.wrapUpMilliseconds == 45_000 && queue.rules.skill == nil && queue.hours.weekly?[6] != nil)

            // Somebody changed the file by hand meanwhile: both changes stand.
            let path = bench.folder.path + "/agents.yaml"
            let text = try Self.file(bench).replacing("name: 坐席一", with: "name: 坐席甲")
            try text.write(toFile: path, atomically: true, encoding: .utf8)
            let reread = try await visitor.post("/operation/roster", [:])
            #expect(reread.status == 200 && reread.text.contains("id=\"read\"") && reread.text.contains("坐席甲"))
            // A mistake changes nothing, nor does a queue that is gone.
            for wrong in [
                text.replacing("skills: [service]\n    password", with: "skills: [nothing]\n    password"),
                text.replacing("night_service", with: "day"),
            ] {
                try wrong.write(toFile: path, atomically: true, encoding: .utf8)
                #expect([400, 409].contains(try await visitor.post("/operation/roster", [:]).status))
                #expect(bench.desk?.rosterQueues.first?.rules.name == "night_service")
            }
        }
    }

    /// Two people with one form open, and a file that somebody edits: nobody undoes what they have not seen.
    @Test func whatSomebodyElseChangedIsNotUndone() async throws {
        try await Bench.with { bench async throws in
            let visitor = try await Visitor.signedIn(bench, [.operator])
            let page = try await visitor.get("/operation/agents/1001").text
            let version = String(try #require(page.firstMatch(of: #/name="version" value="([0-9a-f]{64})"/#)).1)
            var form = ["name": "甲", "role": "agent", "pin": "keep", "version": version]
            #expect(try await visitor.post("/operation/agents/1001", form).status == 303)
            form["name"] = "乙"
            let refused = try await visitor.post("/operation/agents/1001", form)
            #expect(refused.status == 400 && refused.text.contains("was changed since"))
            #expect(bench.desk?.rosterAgent(workNumber("1001"))?.agent.name == "甲")
            // By hand, not taken over yet: the form shows what is in force, and does not write over what is not.
            let path = bench.folder.path + "/agents.yaml"
            try Self.file(bench).replacing("name: 坐席二", with: "name: 坐席丙").write(
                toFile: path, atomically: true, encoding: .utf8)
            let shown = try await visitor.get("/operation/agents/1002").text
            form["version"] = String(try #require(shown.firstMatch(of: #/name="version" value="([0-9a-f]{64})"/#)).1)
            #expect(try await visitor.post("/operation/agents/1002", form).status == 400)
            #expect(try Self.file(bench).contains("坐席丙"))
        }
    }

    /// A file of secrets that another agent's entry names is never written to.
    @Test func nobodyGetsTheFileOfAnothersSecret() async throws {
        try await Bench.with { bench async throws in
            let folder = bench.folder.path
            try FileManager.default.createDirectory(atPath: folder + "/secrets", withIntermediateDirectories: true)
            try "of-the-old-number\n".write(
                toFile: folder + "/secrets/1003.password", atomically: true, encoding: .utf8)
            try Self.file(bench).replacing("password: test-only-1002", with: "password_file: ./secrets/1003.password")
                .write(toFile: folder + "/agents.yaml", atomically: true, encoding: .utf8)
            let visitor = try await Visitor.signedIn(bench, [.operator])
            #expect(try await visitor.post("/operation/roster", [:]).status == 200)
            let made = try await visitor.post(
                "/operation/agents/new", ["number": "1003", "name": "a", "role": "agent", "pin": "keep"])
            #expect(made.status == 200)
            #expect(bench.desk?.rosterAgent(workNumber("1002"))?.password.text == "of-the-old-number")
            #expect(try Self.file(bench, "secrets/1003.password") == "of-the-old-number\n")
            #expect(
                try Self.file(bench, "secrets/1003-2.password")
                    == Self.text("phone-password", in: made.text) + "\n")
            let left = try FileManager.default.contentsOfDirectory(atPath: folder).filter { $0.contains("draft") }
            #expect(left.isEmpty)
        }
    }

    @Test func keyCustomersComeAndGo() async throws {
        try await Bench.with { bench async throws in
            let leader = try await Visitor.signedIn(bench, [.shiftLeader])
            #expect(
                try await leader.post("/operation/customers", ["number": "13900000099", "remark": "自来水厂 # 2026"]).status
                    == 303)
            #expect(
                try await leader.post("/operation/customers", ["number": "+8613900000077", "remark": "医院"]).status
                    == 303)
            #expect(try Self.file(bench, "key.txt") == "13900000077  # 医院\n13900000099  # 自来水厂 # 2026\n")
            #expect(bench.desk?.isKeyCustomer("13900000099") == true)
            // A remark is one line: nobody is entered by the way.
            #expect(
                try await leader.post("/operation/customers", ["number": "13900000099", "remark": "水厂\n13900000666"])
                    .status == 303)
            #expect(bench.desk?.isKeyCustomer("13900000666") == false)
            #expect(
                try await leader.post("/operation/customers", ["number": "13900000099", "remark": "自来水厂 # 2026"])
                    .status == 303)
            let page = try await leader.get("/operation/customers", language: "zh").text
            #expect(page.contains("自来水厂 # 2026") && page.contains("移除"))
            for number in ["13900000078", "13900000077"] {
                #expect(try await leader.post("/operation/customers/removal", ["number": number]).status == 303)
                #expect(bench.desk?.isKeyCustomer(number) == false)
                #expect(try await leader.post("/operation/customers/removal", ["number": number]).status == 400)
            }
            #expect(try !Self.file(bench).contains("13900000078"))
            #expect(try await leader.post("/operation/customers", ["number": "abc"]).status == 400)
            // By the API; a number that is not there is 404.
            let list = try await bench.get("key_customers").text
            #expect(list.contains("13900000099") && !list.contains("13900000077"))
            #expect(
                try await bench.client.ask(
                    "DELETE", "/api/v1/key_customers/13900000099?by=8001", authorization: "Bearer \(Bench.token)"
                ).status == 204)
            #expect(
                try await bench.client.ask(
                    "DELETE", "/api/v1/key_customers/13900000099?by=8001", authorization: "Bearer \(Bench.token)"
                ).status == 404)
        }
    }
}
