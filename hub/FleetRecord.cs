using Federation.ApiServer;
using Federation.Domain.Conditions;
using Federation.Resources;

namespace Federation.Hub;

/// <summary>Keeps the one <c>Federation</c> object.</summary>
sealed class FleetRecord(ObjectStore store)
{
    public Task EnsureAsync(CancellationToken cancel) => store.WriteAsync("hub", Refresh, cancel);

    public static FederationObject Refresh(Transaction transaction) => transaction.PutIfChanged(Reported(transaction));

    static FederationObject Reported(Transaction transaction)
    {
        var current = transaction.Find<FederationObject>(null, FederationObject.SingletonName) ?? new FederationObject { Metadata = HubObjects.Meta(transaction, FederationObject.SingletonName) };
        var edges = transaction.All<Edge>().ToList();
        var ready = edges.Count(static edge => edge.Status?.Phase is EdgePhase.Ready);
        var finding = new Finding(ConditionTypes.Ready,
            ready == edges.Count ? ConditionStatus.True : ConditionStatus.False,
            ready == edges.Count ? Reasons.EdgesReady : Reasons.EdgesProgressing,
            $"{ready}/{edges.Count} edges are ready");
        return current with
        {
            Status = (current.Status ?? new()) with
            {
                Edges = new() { Total = edges.Count, Ready = ready },
                Conditions = (current.Status?.Conditions ?? []).With([finding], current.Metadata.Generation ?? 0, transaction.Now),
            },
        };
    }
}
