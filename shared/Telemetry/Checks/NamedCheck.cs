namespace Federation.Telemetry;

/// <summary>What a check decides.</summary>
public enum CheckWeight
{
    Unspecified = 0,

    /// <summary>Whether the process lives: a new start is the cure.</summary>
    Live,

    /// <summary>Whether it can do its work, and shall be asked to.</summary>
    Ready,

    /// <summary>Nothing: it is told, and can be asked for by its name. For what no new start and no other process would cure.</summary>
    Told,
}

/// <summary>One thing that can be well or not.</summary>
/// <param name="Trouble">What is wrong; null when nothing is. Safe from any thread, and quick.</param>
public sealed record NamedCheck(string Name, CheckWeight Weight, Func<string?> Trouble);
