namespace Federation.Edge;

/// <summary>Everything the agent says. Event ids are never reused.</summary>
static partial class EdgeLog
{
    [LoggerMessage(3001, LogLevel.Information, "Edge {Name} is at work; hub {Hub}")]
    public static partial void Working(this ILogger log, string name, Uri hub);

    [LoggerMessage(3002, LogLevel.Information, "Registered at the hub as {Name}, holding {Leases} leases there")]
    public static partial void Registered(this ILogger log, string name, int leases);

    [LoggerMessage(3003, LogLevel.Warning, "The hub cannot be reached: {Reason}: {Detail}")]
    public static partial void HubLost(this ILogger log, string reason, string detail);

    [LoggerMessage(3004, LogLevel.Warning, "{Kind} {Key} is tried again later")]
    public static partial void TriedAgain(this ILogger log, string kind, string key, Exception e);

    [LoggerMessage(3006, LogLevel.Debug, "The hub did not take the inventory it asked for: {Code}")]
    public static partial void InventoryRefused(this ILogger log, string code);

    [LoggerMessage(3007, LogLevel.Warning, "What the hub says of pool {Pool} is ignored: {Why}")]
    public static partial void PoolIgnored(this ILogger log, string pool, string why);

    [LoggerMessage(3008, LogLevel.Warning, "The hub no longer offers pool {Pool}; what was lent of it stays")]
    public static partial void PoolWithdrawn(this ILogger log, string pool);

    [LoggerMessage(3005, LogLevel.Critical, "The agent has failed and stops")]
    public static partial void Failed(this ILogger log, Exception e);

    [LoggerMessage(3021, LogLevel.Warning, "Could not judge {Operation} of {Resource} {Name}; the API server decides by itself")]
    public static partial void NotJudged(this ILogger log, string? operation, string? resource, string? name, Exception e);
}
