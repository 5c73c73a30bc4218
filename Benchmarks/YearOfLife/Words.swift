/// What synthetic people are called, where they live and what they say.
enum Words {
    private static let families = ["王", "李", "张", "刘", "陈", "杨", "黄", "赵", "吴", "周", "徐", "孙"]

    static func name(_ draw: inout Draw) -> String { draw.pick(families) + draw.pick(["女士", "先生"]) }

    /// 13900000000 to 13900009999.
    static func telephone(_ draw: inout Draw) -> String { telephone(draw.below(10_000)) }

    static func telephone(_ serial: Int) -> String {
        let text = String(serial)
        return "1390000" + String(repeating: "0", count: 4 - text.utf8.count) + text
    }

    static func account(_ draw: inout Draw) -> String { String(3_300_000_000 + draw.below(40_000)) }

    static let districts = ["东城", "西城", "南湖", "北苑", "永中", "滨海"]

    static func place(_ draw: inout Draw) -> String {
        draw.pick(districts) + draw.pick(["人民路", "建设路", "新村", "工业园", "一村", "二村"]) + String(1 + draw.below(60)) + "号"
    }

    static func matter(_ category: String, _ draw: inout Draw) -> String {
        switch category {
        case "fault": draw.pick(["全村停电", "家中停电，空气开关未跳", "电线杆倾斜", "变压器冒火花", "电压忽高忽低", "表箱烧坏"])
        case "complaint": draw.pick(["抄表员态度生硬", "停电未提前通知", "报装迟迟不办", "电费计算有误", "抢修来得太晚", "施工破坏路面"])
        case "report": draw.pick(["有人私接电线", "工作人员收取好处费", "邻居窃电", "指定施工单位"])
        case "business": draw.pick(["新装居民照明", "店铺增容", "厂房新装专变", "更名过户"])
        case "suggestion": draw.pick(["希望增加网点", "建议短信通知停电", "建议路口增设警示牌"])
        case "information": draw.pick(["树枝靠近电线", "路边电缆井盖松动", "塔吊靠近线路"])
        default: draw.pick(["阶梯电价如何计算", "何时恢复供电", "如何开具发票", "峰谷电申请条件"])
        }
    }
}
