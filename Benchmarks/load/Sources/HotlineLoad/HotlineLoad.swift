import LoadCaller
@main struct HotlineLoad { static func main() {} }
