"""The ladder's results as Markdown for docs/performance.md."""


def places(value, digits=1):
    return "" if value is None else f"{value:.{digits}f}"


def pair(spread, digits=0):
    return f"{spread['p50']:.{digits}f} / {spread['p99']:.{digits}f}" if spread["count"] else ""


def markdown(results, began):
    lines = []
    first = next((r["load"]["machine"] for r in results if "load" in r), None)
    if first:
        processor = next((line.split(":", 1)[1].strip() for line in open("/proc/cpuinfo") if line.startswith("model name")), "unknown processor")
        lines += [f"{began}: {first['processors']} processors ({processor}), Linux {first['kernel']}, load {first['load_average']} at the start. "
                  "Set-up and lateness in milliseconds, p50 / p99.", ""]
    for mode in dict.fromkeys(result["mode"] for result in results):
        rows = [result for result in results if result["mode"] == mode]
        if mode == "self":
            head = ["calls at once", "verdict", "caller, % of a core", "its packets late", "timer floor p99", "packets missing, %", "packets late"]
        elif mode == "storm":
            head = ["new calls a second", "verdict", "failed", "of a core in all", "INVITE to 180", "INVITE to 200", "INVITE to first packet",
                    "packets missing, %", "packets late", "timer floor p99", "recordings right"]
        elif mode == "bridged":
            head = ["bridged calls", "verdict", "joined", "% of a core a call", "KiB a call", "mouth to ear", "samples differing", "packets missing, %",
                    "packets late", "timer floor p99", "recordings right"]
        else:
            head = ["calls at once", "verdict", "failed", "% of a core a call (live path)", "of a core in all", "KiB a call", "INVITE to 200",
                    "INVITE to first packet", "packets missing, %", "packets late", "timer floor p99", "audio right", "recordings right",
                    "finished after, s", "finishing, CPU s an hour"]
        lines += ["| " + " | ".join(head) + " |", "|" + "---|" * len(head)]
        for result in rows:
            lines.append("| " + " | ".join(cells(mode, result)) + " |")
        lines.append("")
        for result in rows:
            for fault in result["broken"]:
                lines.append(f"- {result['rung']}: {fault}")
        if any(result["broken"] for result in rows):
            lines.append("")
        kept = [result["rung"] for result in rows if result["verdict"] == "kept"]
        lines += [f"Largest {mode} rung kept: {max(kept, default=0):,}.", ""]
    return "\n".join(lines)


def cells(mode, result):
    number, verdict = f"{result['rung']:,}", result["verdict"]
    if "load" not in result:
        return [number, verdict]
    load, recorded, finished = result["load"], result.get("recordings"), result.get("finishing")
    calls, streams, server, audio = load["calls"], load["streams"], load.get("server") or {}, load["audio"]
    missing, late = f"{streams['missing_share'] * 100:.3f}", pair(streams["lateness"], 1)
    floor = f"{load['machine']['timer_floor_before']['p99']:.1f}"
    right = f"{recorded['right']} of {recorded['expected']}" if recorded else ""
    live, whole = places(server.get("live_cpu_percent_per_call"), 4), places(server.get("cpu_percent_per_call"), 4)
    memory = places(server.get("resident_kb_per_call"), 0)
    cpu = (server.get("plateau") or {}).get("cpu_percent")
    share = places(cpu, 1) + (" %" if cpu is not None else "")
    if mode == "self":
        return [number, verdict, places((load["caller"].get("process") or {}).get("cpu_percent"), 1), pair(load["caller"]["sending"], 1), floor,
                missing, late]
    if mode == "storm":
        return [number, verdict, str(calls["failed"]), share, pair(calls["invite_to_ringing"]), pair(calls["invite_to_answer"]),
                pair(calls["invite_to_first_packet"]), missing, late, floor, right]
    if mode == "bridged":
        bridge = load["bridge"]
        return [number, verdict, f"{bridge['joined']} of {result['rung']}", f"{live} ({whole} with finishing)", memory, pair(bridge["delay"]),
                str(bridge["differing_samples"] + bridge["shifted_samples"]), missing, late, floor, right]
    heard = f"{audio['right']} of {audio['judged']}" if audio["judged"] else "not compared"
    return [number, verdict, str(calls["failed"]), live, share, memory, pair(calls["invite_to_answer"]),
            pair(calls["invite_to_first_packet"]), missing, late, floor, heard, right, str(finished["drain_s"]) if finished else "",
            str(finished["idle_cpu_s_an_hour"]) if finished else ""]
