namespace Federation.Resources;

/// <summary>Where events end up: the store of this process, or the Kubernetes API it works against.</summary>
public interface IEventSink
{
    /// <summary>Writes events, each new or a later version of one that was written before. False when they are lost, for any reason that is not ours.</summary>
    Task<bool> TryWriteAsync(IReadOnlyList<EventObject> events, CancellationToken cancel);
}
