using System.Reflection;
using Microsoft.Extensions.Logging;

namespace Federation.Tests.Telemetry;

/// <summary>An event's id names it for good: whoever searches logs, or counts them, relies on it.</summary>
public sealed class EventIdTests
{
    /// <summary>Every class of log messages, with the first id of its thousand.</summary>
    static readonly Dictionary<string, int> Ranges = new(StringComparer.Ordinal)
    {
        ["ApiLog"] = 1000,
        ["HubLog"] = 2000,
        ["EdgeLog"] = 3000,
        ["RpcLog"] = 4000,
        ["KubernetesLog"] = 5000,
    };

    static readonly List<(string Class, string Name, int Id)> Events = [.. new[] { "federation-hub", "federation-edge", "Federation.ApiServer", "Federation.Rpc", "Federation.Kubernetes", "Federation.Telemetry" }
        .SelectMany(static assembly => Assembly.Load(assembly).GetTypes())
        .SelectMany(static type => type.GetMethods(BindingFlags.Static | BindingFlags.Public | BindingFlags.NonPublic))
        .Where(static method => method.GetCustomAttribute<LoggerMessageAttribute>() is not null)
        .Select(static method => (method.DeclaringType!.Name, method.Name, method.GetCustomAttribute<LoggerMessageAttribute>()!.EventId))];

    [Fact]
    public void No_two_events_share_an_id_or_a_name()
    {
        Assert.Equal(Events.Count, Events.Select(static logged => logged.Id).Distinct().Count());
        Assert.Equal(Events.Count, Events.Select(static logged => (logged.Class, logged.Name)).Distinct().Count());
    }

    [Fact]
    public void Every_class_of_messages_has_a_thousand_ids_of_its_own()
    {
        Assert.Equal(Ranges.Keys.Order(), Events.Select(static logged => logged.Class).Distinct().Order());
        Assert.All(Events, static logged => Assert.InRange(logged.Id, Ranges[logged.Class] + 1, Ranges[logged.Class] + 999));
    }
}
