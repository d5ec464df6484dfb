using Federation.Kubernetes;
using Federation.Resources;

namespace Federation.Edge;

/// <summary>The only writer of statuses: nothing changed, nothing written; always against the version that was read.</summary>
sealed class StatusWriter(AgentState state)
{
    /// <summary>Writes the status of <paramref name="wanted"/>, which was made from <paramref name="read"/>; answers what is stored now.</summary>
    /// <exception cref="KubernetesApiException">409 when somebody else wrote since: read again and decide anew.</exception>
    public async Task<T> WriteAsync<T>(T read, T wanted, Informer<T> copy, CancellationToken cancel) where T : Resource
    {
        if (ResourceJson.Same(read.Report, wanted.Report)) return read;
        var written = await state.Api.ReplaceStatusAsync(wanted, cancel);
        copy.Observe(written);
        state.Events.Record(read, written);
        if (read is IPClaim before && written is IPClaim after) state.Metrics?.Answered(state, before, after);
        return written;
    }
}
