using System.Collections.Concurrent;
using Federation.Proto.V1;
using Federation.Rpc;
using Google.Protobuf.WellKnownTypes;
using Grpc.Core;

namespace Federation.Interop;

/// <summary>Just enough of a hub to speak every kind of message of the contract: one block for each request.</summary>
sealed class LeaseServiceDouble : LeaseService.LeaseServiceBase
{
    static readonly Duration Term = Duration.FromTimeSpan(TimeSpan.FromHours(168));
    static readonly ConcurrentDictionary<string, Lease> Leases = new();

    public override Task<RegisterResponse> Register(RegisterRequest request, ServerCallContext context) =>
        Task.FromResult(new RegisterResponse
        {
            StoreEpoch = "1",
            Term = Term,
            RenewAfter = Duration.FromTimeSpan(Term.ToTimeSpan() / 2),
            HeartbeatInterval = Duration.FromTimeSpan(TimeSpan.FromSeconds(30)),
        });

    public override Task<Lease> RequestLease(RequestLeaseRequest request, ServerCallContext context) =>
        Task.FromResult(Leases.GetOrAdd($"{request.Edge}/{request.RequestId}", key => new Lease
        {
            Id = key,
            Edge = request.Edge,
            Pool = request.Pool,
            Cidr = $"10.0.0.0/{request.PrefixLength}",
            Epoch = 1L << 40,
            State = LeaseState.Offered,
            RequestId = request.RequestId,
            Term = Term,
        }));

    public override Task<Lease> ConfirmLease(ConfirmLeaseRequest request, ServerCallContext context)
    {
        if (!Leases.TryGetValue(request.LeaseId, out var lease))
        {
            throw RpcFailure.Create(StatusCode.NotFound, ErrorReason.LeaseNotFound, "no such lease");
        }

        if (request.Epoch < lease.Epoch)
        {
            throw RpcFailure.Create(StatusCode.FailedPrecondition, ErrorReason.StaleEpoch, "the epoch was overtaken");
        }

        return Task.FromResult(new Lease(lease) { State = LeaseState.Active, ChildPool = request.ChildPool });
    }

    public override async Task Watch(WatchRequest request, IServerStreamWriter<WatchEvent> responseStream, ServerCallContext context)
    {
        var root = new Pool { Name = "root", Cidr = "::/0", Capacity = new PoolCapacity { Total = "340282366920938463463374607431768211456" } };
        await responseStream.WriteAsync(new WatchEvent { Catalogue = new PoolCatalogue { Pools = { root } } }, context.CancellationToken);
        await responseStream.WriteAsync(new WatchEvent { Bookmark = new Bookmark() }, context.CancellationToken);
        await Task.Delay(Timeout.InfiniteTimeSpan, TimeProvider.System, context.CancellationToken);
    }
}
