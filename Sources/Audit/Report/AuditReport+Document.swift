import Norms

// The report as a document, for tables, spreadsheets and print: Chinese and English beside each other.

extension AuditReport {
    private typealias Cell = ReportDocument.Cell
    private typealias Column = ReportDocument.Column
    private typealias Section = ReportDocument.Section

    public var document: ReportDocument {
        ReportDocument(
            title: "服务规范审计 Audit: \(profile.name)", asOf: context.asOf, facts: facts,
            sections: [rules, breaches]
                + ([reasons] + answers + statistics + [cases, penaltySection, published, unjudged])
                .filter { !$0.rows.isEmpty })
    }

    private var facts: [ReportDocument.Fact] {
        var facts: [ReportDocument.Fact] = [
            .init("规范 profile", .text(profile.citation)), .init("发布 issuer", .text(profile.issuer)),
            .init("自 from", .instant(context.from)), .init("至 to", .instant(context.to)),
            .init("截至 as of", .instant(context.asOf)),
        ]
        if let event = basis.event {
            facts.append(.init("依据事件 event", .text("\(event.chain) \(event.sequence)")))
        }
        let cycle = context.rings.cycleMilliseconds
        facts += [
            .init("日历 calendar", .text(basis.calendar)), .init("时区 zone", .text(basis.zone)),
            .init(
                "铃声 rings",
                .text(
                    "\(cycle) ms 一声, \(profile.rings.rawValue); 局端以外的振铃不可知 what the network rang before is not known")),
        ]
        return facts
    }

    private var rules: Section {
        var section = Section(
            title: "条款判定 Rules",
            note: "合格率 = 合格 ÷ 已判定; 占全部 = 合格 ÷ 全部. kept ÷ judged; kept ÷ all.",
            columns: [
                Column("结论 conclusion"), Column("规则 rule", .identifier), Column("条款 clause", .text, width: 24),
                Column("原文 words", .text, width: 48), Column("指标 measure"), Column("限 limit"),
                Column("全部 all", .integer), Column("判定 judged", .integer), Column("合格 kept", .integer),
                Column("违反 broken", .integer), Column("未到期 pending", .integer), Column("列示 shown", .integer),
                Column("不判 not judged", .integer), Column("合格率 kept of judged", .share),
                Column("占全部 kept of all", .share), Column("p50", .duration), Column("p90", .duration),
                Column("p95", .duration), Column("p99", .duration), Column("最长 max", .duration),
            ])
        section.rows = run.figures.map { figure in
            let rule = figure.rule
            let spread = AuditSpread(of: figure.measured)
            let share =
                figure.span.map { Cell.share($0.numerator, of: $0.denominator) }
                ?? .share(Int64(figure.kept), of: Int64(figure.judged))
            let conclusion = figure.conclusion
            return [
                conclusion == .broken ? .breach(conclusion.words) : .text(conclusion.words), .text(rule.id),
                .text("\(rule.source) \(rule.clause)"), .text(rule.words.text),
                .text(rule.measure?.chinese ?? ""), .text(rule.limit?.description ?? "-"), .integer(figure.all),
                .integer(figure.judged), .integer(figure.kept), .integer(figure.broken), .integer(figure.pending),
                .integer(figure.shown), .integer(figure.notJudgedCount), share,
                .share(Int64(figure.kept), of: Int64(figure.all)), duration(spread.p50), duration(spread.p90),
                duration(spread.p95), duration(spread.p99), duration(spread.max),
            ]
        }
        return section
    }

    private func duration(_ milliseconds: Int64?) -> Cell { milliseconds.map { .milliseconds($0) } ?? .empty }
    private func text(_ text: String?) -> Cell { text.map { .text($0) } ?? .empty }
    private func instant(_ wall: Int64?) -> Cell { wall.map { .instant($0) } ?? .empty }

    private var reasons: Section {
        Section(
            title: "不判的原因 Why not judged",
            columns: [
                Column("规则 rule", .identifier), Column("原因 reason", .text, width: 60), Column("件数 count", .integer),
            ],
            rows: run.figures.flatMap { figure in
                figure.notJudged.sorted { $0.key < $1.key }.map {
                    [.text(figure.rule.id), .text($0.key), .integer($0.value)]
                }
            })
    }

    private var breaches: Section {
        let left = run.figures.reduce(0) { $0 + max(0, $1.breaches.count - basis.mostBreaches) }
        return Section(
            title: "违反 Breaches",
            note: left > 0 ? "另有 \(left) 件未列 \(left) more are left off (--breaches)" : nil,
            columns: [
                Column("规则 rule", .identifier), Column("条款 clause", .text, width: 24),
                Column("对象 call, order or duty", .identifier), Column("起始 at", .instant),
                Column("实测 measured", .duration), Column("期限 due", .instant), Column("完成 done", .instant),
                Column("工号 agent", .identifier), Column("部门 unit"), Column("说明 note", .text, width: 32),
                Column("工单 orders", .identifier), Column("录音 recordings", .identifier),
            ],
            rows: run.figures.flatMap { figure in
                figure.breaches.prefix(basis.mostBreaches).map { item in
                    [
                        .text(figure.rule.id), .text("\(figure.rule.source) \(figure.rule.clause)"),
                        .text(item.subject.text), .instant(item.at), duration(item.milliseconds), instant(item.due),
                        instant(item.done), text(item.agent), text(item.unit), text(item.note),
                        .text(item.trail.orders.joined(separator: " ")),
                        .text(item.trail.recordings.joined(separator: " ")),
                    ]
                }
            })
    }

    // MARK: - Answer times

    private static let passageColumns: [ReportDocument.Column] = [
        Column("进队 entered", .integer), Column("应答 answered", .integer), Column("放弃 abandoned", .integer),
        Column("短放弃 short", .integer), Column("拒绝 refused", .integer), Column("及时/应答 in time of answered", .share),
        Column("及时/呈送 in time of offered", .share), Column("放弃率 abandonment", .share),
        Column("限内 within rings", .share), Column("振铃 p50", .duration), Column("振铃 p90", .duration),
        Column("振铃 max", .duration), Column("等待 p50", .duration), Column("等待 p90", .duration),
        Column("等待 max", .duration),
    ]

    private func cells(_ passages: AnswerFigures.Passages) -> [Cell] {
        let answers = passages.answers
        return [
            .integer(passages.entered), .integer(answers.answered), .integer(passages.abandoned),
            .integer(passages.shortAbandoned), .integer(passages.refused), share(answers.inTime),
            share(passages.inTimeOfOffered), share(passages.abandonment), share(answers.ringing.withinLimit),
        ] + spreads(answers)
    }

    private func spreads(_ answers: AnswerFigures.Answers) -> [Cell] {
        let (ringing, wait) = (answers.ringing.spread, answers.wait)
        return [ringing.p50, ringing.p90, ringing.max, wait.p50, wait.p90, wait.max].map(duration)
    }

    private func share(_ share: AnswerFigures.Share?) -> Cell {
        share.map { .share(Int64($0.numerator), of: Int64($0.denominator)) } ?? .empty
    }

    private var answers: [Section] {
        let figures = run.answers.figures
        let note =
            "及时 = \(figures.answerWithinMilliseconds / 1000) s 内; 短放弃 = \(figures.shortAbandonMilliseconds / 1000) s 内; "
            + "限 \(figures.ringLimit?.description ?? "-")"
        let agents = [Column("应答 answered", .integer), Column("及时 in time", .share), Column("限内 within rings", .share)]
        return [
            Section(
                title: "接听 按小时 Answer times by hour", note: note,
                columns: [Column("时 hour", .integer)] + Self.passageColumns,
                rows: figures.hours.filter { $0.passages.entered + $0.passages.refused > 0 }.map {
                    [.integer($0.hour)] + cells($0.passages)
                } + (figures.total.entered > 0 ? [[.text("合计 total")] + cells(figures.total)] : [])),
            Section(
                title: "接听 按日 Answer times by day", columns: [Column("日 day", .identifier)] + Self.passageColumns,
                rows: figures.days.map { [.text($0.date.description)] + cells($0.passages) }),
            Section(
                title: "接听 按工号 Answer times by agent",
                columns: [Column("工号 agent", .identifier)] + agents + Self.passageColumns.suffix(6),
                rows: figures.agents.map { agent in
                    let answers = agent.answers
                    return [
                        .text(agent.agent), .integer(answers.answered), share(answers.inTime),
                        share(answers.ringing.withinLimit),
                    ] + spreads(answers)
                }),
            Section(
                title: "接听 按线路 Answer times by line",
                columns: [
                    Column("线路 line", .identifier), Column("呈送 offered", .integer),
                    Column("线路应答 line answered", .integer), Column("线路振铃 p50", .duration),
                    Column("线路振铃 max", .duration),
                ] + Self.passageColumns,
                rows: figures.lines.map { line in
                    [
                        .text(line.line), .integer(line.offered), .integer(line.answered),
                        duration(line.ringing.spread.p50), duration(line.ringing.spread.max),
                    ] + cells(line.passages)
                }),
            Section(
                title: "铃声分布 Answers by ring", note: "人工接听, 各话机振铃合计 people's phones, summed over the hunt",
                columns: [Column("第几声 ring", .integer), Column("应答 answers", .integer)],
                rows: figures.total.answers.ringing.rings.map { [.integer($0.ring), .integer($0.answers)] }),
        ]
    }

    // MARK: - Statistics

    private func section(_ title: String, by stretch: AuditStatistics.Stretch) -> Section {
        Section(
            title: title,
            columns: [
                Column("自 from", .identifier), Column("呼入 offered", .integer), Column("应答 answered", .integer),
                Column("放弃 abandoned", .integer), Column("拒绝 refused", .integer), Column("呼出 placed", .integer),
                Column("工单 orders", .integer), Column("投诉举报 complaints", .integer), Column("报修 faults", .integer),
                Column("办结 closed", .integer),
            ],
            rows: run.statistics.counts(by: stretch).map { begin, counts in
                [
                    .text(begin.description), .integer(counts.offered), .integer(counts.answered),
                    .integer(counts.abandoned), .integer(counts.refused), .integer(counts.placed),
                    .integer(counts.orders), .integer(counts.complaints), .integer(counts.faults),
                    .integer(counts.closed),
                ]
            })
    }

    private func section(_ title: String, _ counts: [String: Int]) -> Section {
        Section(
            title: title, columns: [Column("项 of", .identifier), Column("件数 count", .integer)],
            rows: counts.sorted { $0.key < $1.key }.map { [.text($0.key), .integer($0.value)] })
    }

    private var statistics: [Section] {
        let statistics = run.statistics
        return [
            section("日统计 Days", by: .day), section("周统计 Weeks", by: .week), section("月统计 Months", by: .month),
            Section(
                title: "工单 按类别 Orders by category",
                columns: [
                    Column("类别 category", .identifier), Column("受理 created", .integer),
                    Column("办结 closed", .integer), Column("延期 extended", .integer),
                    Column("退单 returned", .integer), Column("并入 merged", .integer),
                    Column("属实 substantiated", .integer), Column("不属实 unsubstantiated", .integer),
                ],
                rows: statistics.categories.sorted { $0.key < $1.key }.map { name, one in
                    [
                        .text(name), .integer(one.created), .integer(one.closed), .integer(one.extended),
                        .integer(one.returned), .integer(one.merged), .integer(one.substantiated),
                        .integer(one.unsubstantiated),
                    ]
                }),
            section("投诉 按项目 Complaints by item", statistics.items),
            section("投诉 按性质 Complaints by severity", statistics.severities),
            section("投诉 按态度 Complaints by attitude", statistics.attitudes),
            section("投诉 按渠道 Complaints by channel", statistics.channels),
            section("工单 按部门 Orders by department", statistics.departments),
            section("满意度 Satisfaction", statistics.satisfaction),
        ]
    }

    // MARK: - The rest

    private var cases: Section {
        Section(
            title: "案例通报 Cases", note: "属实, 或严重、重大的投诉举报; 举报不列部门 found true, serious or major",
            columns: [
                Column("工单 order", .identifier), Column("类别 category"), Column("受理 created", .instant),
                Column("性质 severity"), Column("项目 item", .identifier), Column("部门 department"),
                Column("结论 finding"), Column("问题 breach"),
            ],
            rows: run.statistics.cases.map { one in
                [
                    .text(one.number), .text(one.category), .instant(one.createdAt), .text(one.severity),
                    text(one.item), text(one.department), text(one.finding), text(one.breach),
                ]
            })
    }

    private var penaltySection: Section {
        Section(
            title: "考核 Penalties", note: "未经人确认不扣 nothing is due before a person has confirmed it",
            columns: [
                Column("考核 penalty", .identifier), Column("条款 clause", .text, width: 24),
                Column("待定 proposed", .integer), Column("确认 confirmed", .integer), Column("不考核 dropped", .integer),
                Column("金额 yuan", .yuan),
            ],
            rows: penaltySums.map { sum in
                [
                    .text(sum.id), .text(sum.clause), .integer(sum.proposed), .integer(sum.confirmed),
                    .integer(sum.dropped), .integer(sum.yuan),
                ]
            })
    }

    private var published: Section {
        Section(
            title: "公布日期 Publication", note: "期末所在月 of the month in which the period ends",
            columns: [
                Column("规则 rule", .identifier), Column("条款 clause", .text, width: 24),
                Column("原定 nominal", .identifier),
                Column("应于 due", .identifier), Column("说明 note"),
            ],
            rows: publications.map { rule, nominal, date in
                [
                    .text(rule.id), .text("\(rule.source) \(rule.clause)"), .text(nominal.description),
                    .text(date.date.description),
                    date.isProvisional ? .text("放假通知未出 provisional") : .empty,
                ]
            })
    }

    private var unjudged: Section {
        Section(
            title: "不由本系统判定的条款 Not measured",
            columns: [
                Column("规则 rule", .identifier), Column("条款 clause", .text, width: 24),
                Column("原文 words", .text, width: 48), Column("原因 because", .text, width: 60),
            ],
            rows: unmeasured.map { rule, because in
                [.text(rule.id), .text("\(rule.source) \(rule.clause)"), .text(rule.words.text), .text(because)]
            })
    }
}
