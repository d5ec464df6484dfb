using Federation.ApiServer;
using Federation.Domain.Addressing;
using Federation.Domain.Leases;
using Federation.Proto.V1;
using Federation.Resources;
using Federation.Rpc;
using Google.Protobuf.WellKnownTypes;
using Grpc.Core;

namespace Federation.Hub;

/// <summary>The lease service as edges call it: who asks is known from credentials, what is decided is durable before it is answered.</summary>
sealed class LeaseEndpoint(ObjectStore store, LeaseDesk leases, ReportDesk reports, ReportMarks marks, EdgeDesk edges, FleetWatch fleet, InventoryBook inventories, Auditor auditor, HubMetrics metrics, HubOptions options) : LeaseService.LeaseServiceBase
{
    const int TextMax = 400;
    const int RenewalsMax = 1_000;
    const int LocalCidrsMax = 256;

    /// <summary>How often an edge reports, at least.</summary>
    static readonly TimeSpan Heartbeat = TimeSpan.FromSeconds(30);

    public override async Task<RegisterResponse> Register(RegisterRequest request, ServerCallContext context)
    {
        var name = Identify(request.Edge, context);
        Bounded("incarnation", request.Incarnation);
        foreach (var (key, value) in request.Labels)
        {
            if (!LabelSyntax.IsKey(key) || !LabelSyntax.IsValue(value)) throw Malformed("labels", LabelSyntax.KeyRule);
        }

        var local = LocalCidrs(request);
        var edge = await RefusableAsync(store.WriteAsync(name, transaction =>
        {
            var registered = edges.Register(transaction, name, request.Incarnation, Shorten(request.AgentVersion), request.Labels, local) ?? throw Stale(name);
            return leases.FindLocal(name, local) is var (shared, lease) ? throw LocalConflict(shared, lease) : registered;
        }, context.CancellationToken));
        var response = new RegisterResponse
        {
            StoreEpoch = store.StoreEpoch,
            Mark = marks.Next(),
            Term = Duration.FromTimeSpan(leases.Terms.Term),
            RenewAfter = Duration.FromTimeSpan(leases.Terms.Term / 2),
            HeartbeatInterval = Duration.FromTimeSpan(Heartbeat),
            ServerVersion = HubOptions.Version,
            Cordoned = edge.Spec.Cordoned ?? false,
            Draining = edge.Spec.Draining ?? false,
        };
        response.Leases.AddRange(LeasesOf(name));
        return response;
    }

    public override async Task<Proto.V1.Lease> RequestLease(RequestLeaseRequest request, ServerCallContext context)
    {
        var name = Identify(request.Edge, context);
        var wish = new LeaseWish
        {
            Edge = name,
            RequestId = Bounded("request_id", request.RequestId),
            Pool = Bounded("pool", request.Pool),
            PrefixLength = request.HasPrefixLength ? request.PrefixLength : null,
            Family = request.IpFamily is IpFamily.Unspecified ? null : (IPFamily)(int)request.IpFamily,
            Block = request.Cidr.Length == 0 ? null : Cidr.TryParse(request.Cidr, out var block) ? block : throw Malformed("cidr", CidrText.Explain(request.Cidr)),
            StickyKey = request.StickyKey.Length == 0 ? null : Bounded("sticky_key", request.StickyKey),
        };
        var decision = await WriteAsync(name, request.Incarnation, context, (transaction, edge) => leases.Request(transaction, wish, edge));
        return Answered(decision).ToWire(leases.Terms);
    }

    public override async Task<Proto.V1.Lease> ConfirmLease(ConfirmLeaseRequest request, ServerCallContext context)
    {
        var name = Identify(request.Edge, context);
        var decision = await WriteAsync(name, request.Incarnation, context, (transaction, _) => leases.Confirm(transaction, request.LeaseId, name, request.Epoch));
        return Answered(decision).ToWire(leases.Terms);
    }

    public override async Task<RenewLeasesResponse> RenewLeases(RenewLeasesRequest request, ServerCallContext context)
    {
        var name = Identify(request.Edge, context);
        if (request.Leases.Count > RenewalsMax) throw Malformed("leases", $"at most {RenewalsMax} in one call");
        if (request.Parts > 1 && (request.Part < 1 || request.Part > request.Parts || request.Parts > ReportBook.PartsMax)) throw Malformed("part", $"must be 1 to parts, which is {ReportBook.PartsMax} at most");
        if (request.Parts > 1) Bounded("report_id", request.ReportId);
        var response = new RenewLeasesResponse
        {
            Term = Duration.FromTimeSpan(leases.Terms.Term),
            RenewAfter = Duration.FromTimeSpan(leases.Terms.Term / 2),
            StoreEpoch = store.StoreEpoch,
            Mark = marks.Next(),
        };
        response.Outcomes.AddRange(await WriteAsync(name, request.Incarnation, context, (transaction, edge) => reports.Take(transaction, edge, request)));
        return response;
    }

    public override async Task<ReleaseLeaseResponse> ReleaseLease(ReleaseLeaseRequest request, ServerCallContext context)
    {
        var name = Identify(request.Edge, context);
        var decision = await WriteAsync(name, request.Incarnation, context, (transaction, _) => leases.Release(transaction, request.LeaseId, name, request.Epoch, $"released: {request.Reason}"));
        if (decision is LeaseDecision.Refused { Refusal: LeaseRefusal.LeaseNotFound })
        {
            metrics.Refused(ErrorReason.LeaseNotFound.WireName);
            return new();
        }

        return new() { State = (LeaseState)(int)Answered(decision).Phase };
    }

    public override async Task<ListLeasesResponse> ListLeases(ListLeasesRequest request, ServerCallContext context)
    {
        var name = Identify(request.Edge, context);
        await ReadyAsync(context.CancellationToken);
        Speaking(store.Current.Find<Edge>(null, name), name, request.Incarnation);
        var response = new ListLeasesResponse { StoreEpoch = store.StoreEpoch };
        response.Leases.AddRange(LeasesOf(name));
        return response;
    }

    public override async Task Watch(WatchRequest request, IServerStreamWriter<WatchEvent> responseStream, ServerCallContext context)
    {
        var name = Identify(request.Edge, context);
        await ReadyAsync(context.CancellationToken);
        Speaking(store.Current.Find<Edge>(null, name), name, request.Incarnation);
        await fleet.ServeAsync(name, responseStream, context.CancellationToken);
    }

    public override async Task<ReportInventoryResponse> ReportInventory(IAsyncStreamReader<InventoryChunk> requestStream, ServerCallContext context)
    {
        var (cancel, intake, first) = (context.CancellationToken, default(InventoryIntake), default(InventoryChunk));
        await ReadyAsync(cancel);
        while (await requestStream.MoveNext(cancel))
        {
            var chunk = requestStream.Current;
            if (first is null) (first, intake) = (chunk, Expected(chunk, context));
            if (chunk.Edge != first.Edge || chunk.ReportId != first.ReportId || chunk.Incarnation != first.Incarnation) throw Malformed("report_id", "must be the same in all chunks");
            intake!.Take(chunk);
        }

        if (intake is null) throw Malformed("report_id", "an inventory has at least one chunk");
        var inventory = intake.Whole();
        if (!inventories.TryKeep(inventory)) throw RpcFailure.Create(StatusCode.ResourceExhausted, ErrorReason.Throttled, "the hub holds as many inventories as it can", retryAfter: TimeSpan.FromMinutes(10));
        await auditor.AuditAsync(inventory, cancel);
        return new() { Entries = intake.Count };
    }

    /// <summary>The lease a decision ends with; a refusal is counted and thrown.</summary>
    Domain.Leases.Lease Answered(LeaseDecision decision)
    {
        if (decision is LeaseDecision.Refused(var refusal, _)) metrics.Refused(LeaseAnswers.ReasonOf(refusal).WireName);
        return LeaseAnswers.LeaseOf(decision);
    }

    static List<Cidr> LocalCidrs(RegisterRequest request)
    {
        if (request.LocalCidrs.Count > LocalCidrsMax) throw Malformed("local_cidrs", $"at most {LocalCidrsMax}");
        return [.. request.LocalCidrs.Select(static (text, index) => Cidr.TryParse(text, out var block) ? block : throw Malformed($"local_cidrs[{index}]", CidrText.Explain(text))).Distinct().Order()];
    }

    static RpcException LocalConflict(Cidr shared, Domain.Leases.Lease lease) => RpcFailure.Create(StatusCode.FailedPrecondition, ErrorReason.LocalCidrConflict,
        $"local CIDR {shared} overlaps lease {lease.Id}, {lease.Block}", new Dictionary<string, string> { ["cidr"] = shared.ToString(), ["lease"] = lease.Id });

    /// <summary>Where a report goes that was asked for.</summary>
    InventoryIntake Expected(InventoryChunk chunk, ServerCallContext context)
    {
        var name = Identify(chunk.Edge, context);
        Speaking(store.Current.Find<Edge>(null, name), name, chunk.Incarnation);
        return inventories.IsWanted(name, chunk.ReportId) ? new(name) : throw Malformed("report_id", "is not of an inventory that was asked for");
    }

    /// <summary>One transaction in the name of a registered edge, by the installation that speaks for it.</summary>
    Task<T> WriteAsync<T>(string name, string incarnation, ServerCallContext context, Func<Transaction, Edge, T> act) => RefusableAsync(store.WriteAsync(name, transaction =>
    {
        var answer = act(transaction, Speaking(transaction.Find<Edge>(null, name), name, incarnation));
        edges.Hear(transaction, transaction.Find<Edge>(null, name)!);
        return answer;
    }, context.CancellationToken));

    /// <summary>What is refused is counted; what the store refuses for want of room or rest, as an edge is told.</summary>
    async Task<T> RefusableAsync<T>(Task<T> writing)
    {
        try
        {
            return await writing;
        }
        catch (RpcException e) when (RpcFailure.Read(e).Reason is { } reason)
        {
            metrics.Refused(reason.WireName);
            throw;
        }
        catch (ApiException e) when (e.Status.Code is 429)
        {
            throw RpcFailure.Create(StatusCode.ResourceExhausted, ErrorReason.Throttled, e.Message, retryAfter: TimeSpan.FromSeconds(1));
        }
        catch (ApiException e) when (e.Status.Code is 503)
        {
            throw NotReady(e);
        }
    }

    async Task ReadyAsync(CancellationToken cancel)
    {
        try
        {
            await store.ReadyAsync(cancel);
        }
        catch (ApiException e)
        {
            throw NotReady(e);
        }
    }

    static RpcException NotReady(ApiException e) => RpcFailure.Create(StatusCode.Unavailable, ErrorReason.NotReady, e.Message, retryAfter: TimeSpan.FromSeconds(1));

    /// <summary>The edge, when this installation speaks for it.</summary>
    static Edge Speaking(Edge? edge, string name, string incarnation)
    {
        if (edge?.Status?.Incarnation is not { } speaker) throw RpcFailure.Create(StatusCode.FailedPrecondition, ErrorReason.EdgeNotRegistered, $"edge {name} is not registered");
        return speaker == incarnation ? edge : throw Stale(name);
    }

    IEnumerable<Proto.V1.Lease> LeasesOf(string edge) => store.Current.All<IPLease>()
        .Where(lease => lease.Spec.EdgeName == edge && lease.Status?.Phase is not (LeasePhase.Released or LeasePhase.Failed))
        .Select(lease => lease.ToLease().ToWire(leases.Terms));

    /// <summary>The name the caller proved; on loopback without TLS, the name it says.</summary>
    string Identify(string claimed, ServerCallContext context)
    {
        var identity = EdgeIdentity.Of(context, trustMetadata: options.Tls is null)
            ?? throw RpcFailure.Create(StatusCode.Unauthenticated, ErrorReason.IdentityMissing, "the caller shows no identity");
        if (!LabelSyntax.IsDnsLabel(identity)) throw Malformed("edge", LabelSyntax.DnsLabelRule);
        return claimed == identity
            ? identity
            : throw RpcFailure.Create(StatusCode.PermissionDenied, ErrorReason.IdentityMismatch, $"the caller is {identity} and may not speak for another edge");
    }

    static string Bounded(string field, string value) =>
        value.Length is > 0 and <= TextMax ? value : throw Malformed(field, $"must have 1 to {TextMax} characters");

    static string Shorten(string text) => text.Length <= 64 ? text : text[..64];

    static RpcException Malformed(string field, string rule) =>
        RpcFailure.Create(StatusCode.InvalidArgument, ErrorReason.InvalidRequest, $"{field}: {rule}", new Dictionary<string, string> { ["field"] = field });

    static RpcException Stale(string edge) => RpcFailure.Create(StatusCode.Aborted, ErrorReason.StaleIncarnation,
        $"another installation speaks for edge {edge}; when that one is gone for good, revoke its leases");
}
