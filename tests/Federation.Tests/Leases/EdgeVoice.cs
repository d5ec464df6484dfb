using Federation.Proto.V1;
using Federation.Rpc;
using Federation.Tests.Hub;
using Grpc.Core;
using Lease = Federation.Proto.V1.Lease;

namespace Federation.Tests.Leases;

/// <summary>Speaks to a hub as an edge does, over a real connection; says exactly what the test has it say.</summary>
sealed class EdgeVoice : IDisposable
{
    readonly HubChannel channel;
    string mark = "";

    EdgeVoice(string name, HubChannel channel) => (Name, this.channel, Service) = (name, channel, new(channel.Invoker));

    public string Name { get; }

    public LeaseService.LeaseServiceClient Service { get; }

    public string Incarnation { get; init; } = "site-1";

    public static EdgeVoice Of(string name, TestHub hub, string incarnation = "site-1") =>
        new(name, HubChannel.Open(new() { Address = hub.GrpcAddress, EdgeName = name }, TimeProvider.System)) { Incarnation = incarnation };

    public static async Task<EdgeVoice> RegisteredAsync(string name, TestHub hub)
    {
        var edge = Of(name, hub);
        await edge.RegisterAsync();
        return edge;
    }

    public async Task<RegisterResponse> RegisterAsync(params string[] localCidrs)
    {
        var request = new RegisterRequest { Edge = Name, Incarnation = Incarnation };
        request.LocalCidrs.AddRange(localCidrs);
        var registered = await Service.RegisterAsync(request).ResponseAsync.Within();
        mark = registered.Mark;
        return registered;
    }

    public async Task<Lease> RequestAsync(string pool, int length, string requestId, string cidr = "")
    {
        var request = new RequestLeaseRequest { Edge = Name, Incarnation = Incarnation, Pool = pool, RequestId = requestId, Cidr = cidr };
        if (cidr.Length == 0) request.PrefixLength = length;
        return await Service.RequestLeaseAsync(request).ResponseAsync.Within();
    }

    public async Task<Lease> ConfirmAsync(Lease lease) =>
        await Service.ConfirmLeaseAsync(new() { Edge = Name, Incarnation = Incarnation, LeaseId = lease.Id, Epoch = lease.Epoch }).ResponseAsync.Within();

    /// <summary>A confirmed lease.</summary>
    public async Task<Lease> LeaseAsync(string pool, int length, string requestId, string cidr = "") => await ConfirmAsync(await RequestAsync(pool, length, requestId, cidr));

    public async Task<ReleaseLeaseResponse> ReleaseAsync(string id, long epoch) =>
        await Service.ReleaseLeaseAsync(new() { Edge = Name, Incarnation = Incarnation, LeaseId = id, Epoch = epoch, Reason = ReleaseReason.ClaimDeleted }).ResponseAsync.Within();

    /// <summary>A full report of these leases.</summary>
    public Task<IReadOnlyList<RenewalOutcome>> ReportAsync(params IEnumerable<Lease> leases) => ReportAsync(leases.Select(static lease => Renewal(lease)), static request => request.FullReport = true);

    public async Task<IReadOnlyList<RenewalOutcome>> ReportAsync(IEnumerable<LeaseRenewal> renewals, Action<RenewLeasesRequest>? but = null)
    {
        var request = new RenewLeasesRequest { Edge = Name, Incarnation = Incarnation, AfterMark = mark };
        request.Leases.AddRange(renewals);
        but?.Invoke(request);
        var answer = await Service.RenewLeasesAsync(request).ResponseAsync.Within();
        mark = answer.Mark;
        return answer.Outcomes;
    }

    /// <summary>Listens until the hub asks for an inventory; the report's id.</summary>
    public async Task<string> WantedAsync()
    {
        using var call = Service.Watch(new() { Edge = Name, Incarnation = Incarnation });
        while (await call.ResponseStream.MoveNext(Limits.Cancel))
        {
            if (call.ResponseStream.Current.EventCase is WatchEvent.EventOneofCase.InventoryWanted) return call.ResponseStream.Current.InventoryWanted.ReportId;
        }

        throw new InvalidOperationException("the hub ended the watch");
    }

    /// <summary>Answers when it is asked.</summary>
    public async Task<ReportInventoryResponse> InventoryAsync(IReadOnlyList<InventoryChunk> chunks) => await SendInventoryAsync(await WantedAsync(), chunks);

    /// <param name="keepIds">Whether chunks that name a report keep its id.</param>
    public async Task<ReportInventoryResponse> SendInventoryAsync(string reportId, IReadOnlyList<InventoryChunk> chunks, bool keepIds = false)
    {
        using var call = Service.ReportInventory();
        foreach (var chunk in chunks)
        {
            try
            {
                await call.RequestStream.WriteAsync(new(chunk) { ReportId = keepIds && chunk.ReportId.Length > 0 ? chunk.ReportId : reportId });
            }
            catch (RpcException)
            {
                break; // refused already; the answer says why
            }
        }

        try
        {
            await call.RequestStream.CompleteAsync();
        }
        catch (RpcException)
        {
            // As above.
        }

        return await call.ResponseAsync.Within();
    }

    public static LeaseRenewal Renewal(Lease lease, Usage? usage = null) => new()
    {
        LeaseId = lease.Id,
        Epoch = lease.Epoch,
        Usage = usage,
        Held = new() { Pool = lease.Pool, Cidr = lease.Cidr, RequestId = lease.RequestId, StickyKey = lease.StickyKey },
    };

    public void Dispose() => channel.Dispose();
}

static class Refusals
{
    /// <summary>The call is refused, for this reason.</summary>
    public static async Task IsRefusedAsync(this Task call, ErrorReason reason)
    {
        var refusal = await Assert.ThrowsAsync<RpcException>(() => call);
        Assert.Equal(reason, RpcFailure.Read(refusal).Reason);
    }
}
