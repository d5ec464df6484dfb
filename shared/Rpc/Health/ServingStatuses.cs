using System.Runtime.CompilerServices;
using System.Threading.Channels;
using ServingStatus = Federation.Proto.Grpc.Health.V1.HealthCheckResponse.Types.ServingStatus;

namespace Federation.Rpc;

/// <summary>Which services take calls. The empty name stands for the whole server, which serves unless told otherwise.</summary>
public sealed class ServingStatuses
{
    readonly Lock gate = new();
    readonly Dictionary<string, ServingStatus> statuses = new(StringComparer.Ordinal) { [""] = ServingStatus.Serving };
    readonly List<Watcher> watchers = [];

    public void Set(string service, ServingStatus status)
    {
        lock (gate)
        {
            if (statuses.TryGetValue(service, out var known) && known == status) return;
            statuses[service] = status;
            foreach (var watcher in watchers.Where(watcher => watcher.Service == service)) watcher.Tell(status);
        }
    }

    /// <summary>Null for a service nobody has set.</summary>
    public ServingStatus? Find(string service)
    {
        lock (gate) return statuses.TryGetValue(service, out var status) ? status : null;
    }

    /// <summary>The status now, and what it changes to; a slow reader sees the last change and may miss those before.</summary>
    public async IAsyncEnumerable<ServingStatus> WatchAsync(string service, [EnumeratorCancellation] CancellationToken cancel)
    {
        var watcher = new Watcher(service);
        lock (gate)
        {
            watchers.Add(watcher);
            watcher.Tell(statuses.GetValueOrDefault(service, ServingStatus.ServiceUnknown));
        }

        try
        {
            await foreach (var status in watcher.Changes.ReadAllAsync(cancel)) yield return status;
        }
        finally
        {
            lock (gate) watchers.Remove(watcher);
        }
    }

    sealed class Watcher(string service)
    {
        readonly Channel<ServingStatus> changes = Channel.CreateBounded<ServingStatus>(
            new BoundedChannelOptions(capacity: 1) { FullMode = BoundedChannelFullMode.DropOldest });

        public string Service { get; } = service;

        public ChannelReader<ServingStatus> Changes => changes.Reader;

        public void Tell(ServingStatus status) => changes.Writer.TryWrite(status);
    }
}
