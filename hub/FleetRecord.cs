using Federation.ApiServer;
using Federation.Domain.Conditions;
using Federation.Resources;

namespace Federation.Hub;

/// <summary>Keeps the one <c>Federation</c> object.</summary>
sealed class FleetRecord(ObjectStore store, AddressBook book)
{
    public Task EnsureAsync(CancellationToken cancel) => store.WriteOwnAsync("hub", Refresh, cancel);

    public FederationObject Refresh(Transaction transaction) => transaction.PutIfChanged(Reported(transaction));

    FederationObject Reported(Transaction transaction)
    {
        var current = transaction.Find<FederationObject>(null, FederationObject.SingletonName) ?? new FederationObject { Metadata = HubObjects.Meta(transaction, FederationObject.SingletonName) };
        var (total, notReady) = (book.Fleet.Total, book.Fleet.NotReady);
        return current with
        {
            Status = (current.Status ?? new()) with
            {
                Edges = new() { Total = total, Ready = total - notReady.Count },
                Conditions = (current.Status?.Conditions ?? []).With([FleetFinding.Of(total, notReady)], current.Metadata.Generation ?? 1, transaction.Now),
            },
        };
    }
}
