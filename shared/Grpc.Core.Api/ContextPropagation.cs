namespace Grpc.Core;

/// <summary>What of a server call's context a child call takes over.</summary>
public class ContextPropagationOptions(bool propagateDeadline = true, bool propagateCancellation = true)
{
    public static readonly ContextPropagationOptions Default = new();

    public bool IsPropagateDeadline { get; } = propagateDeadline;

    public bool IsPropagateCancellation { get; } = propagateCancellation;
}

/// <summary>A server call's context on its way to a child call; made by the transport.</summary>
public abstract class ContextPropagationToken
{
    protected internal ContextPropagationToken()
    {
    }
}
