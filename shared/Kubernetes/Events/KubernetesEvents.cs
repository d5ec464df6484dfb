using Federation.Resources;

namespace Federation.Kubernetes;

/// <summary>Events into the Kubernetes API that we work against, one by one.</summary>
public sealed class KubernetesEvents(IKubernetesApi api) : IEventSink
{
    public async Task<bool> TryWriteAsync(IReadOnlyList<EventObject> events, CancellationToken cancel)
    {
        try
        {
            var written = 0;
            foreach (var happening in events) written += await IsTakenAsync(happening, cancel) ? 1 : 0;
            return written == events.Count;
        }
        catch (Exception e) when (e is HttpRequestException or System.Text.Json.JsonException)
        {
            return false; // nobody answers: events are no reason to wait
        }
    }

    /// <summary>A namespace that is on its way out takes no events; that is no reason against those of the others.</summary>
    async Task<bool> IsTakenAsync(EventObject happening, CancellationToken cancel)
    {
        try
        {
            await WriteAsync(happening, cancel);
            return true;
        }
        catch (KubernetesApiException)
        {
            return false;
        }
    }

    /// <summary>A repetition changes the event there is; one that is gone meanwhile is made again.</summary>
    async Task WriteAsync(EventObject happening, CancellationToken cancel)
    {
        if (happening.Count > 1 && await TryCountAsync(happening, cancel)) return;
        try
        {
            await api.CreateAsync(happening, cancel);
        }
        catch (KubernetesApiException e) when (e.IsAlreadyExists)
        {
            // An answer was lost, and this event is there.
        }
    }

    async Task<bool> TryCountAsync(EventObject happening, CancellationToken cancel)
    {
        try
        {
            await api.MergePatchAsync<EventObject>(happening.Namespace, happening.Metadata.Name!, new { happening.Count, happening.LastTimestamp }, cancel);
            return true;
        }
        catch (KubernetesApiException e) when (e.IsNotFound)
        {
            return false;
        }
    }
}
