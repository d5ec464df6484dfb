using System.Globalization;
using Federation.Domain.Leases;

namespace Federation.Edge;

/// <summary>
/// The machine's clocks. Terms of leases are counted on the one that only goes forward, also while the machine sleeps and
/// while the agent is not running.
/// </summary>
interface IBootClock
{
    ClockReading Read();
}

/// <summary>
/// Linux says how long it runs, and which run this is. Elsewhere each start of the agent counts as one of the machine,
/// and the calendar has to tell how long it was off.
/// </summary>
sealed class SystemBootClock(TimeProvider time) : IBootClock
{
    const string UptimeFile = "/proc/uptime";
    const string BootIdFile = "/proc/sys/kernel/random/boot_id";

    readonly long started = time.GetTimestamp();
    readonly string bootId = OperatingSystem.IsLinux() && File.Exists(UptimeFile) && File.Exists(BootIdFile) ? File.ReadAllText(BootIdFile).Trim() : "";
    readonly string processId = Guid.NewGuid().ToString();

    public ClockReading Read() => bootId.Length > 0
        ? new(bootId, Uptime(), time.GetUtcNow())
        : new(processId, time.GetElapsedTime(started), time.GetUtcNow());

    static TimeSpan Uptime()
    {
        var text = File.ReadAllText(UptimeFile).AsSpan();
        return TimeSpan.FromSeconds(double.Parse(text[..text.IndexOf(' ')], CultureInfo.InvariantCulture));
    }
}
