using Federation.Domain.Addressing;
using Federation.Domain.Conditions;
using Federation.Domain.Leases;
using Federation.Kubernetes;
using Federation.Proto.V1;
using Federation.Resources;
using Google.Protobuf.WellKnownTypes;

namespace Federation.Edge;

/// <summary>What the edge tells its hub of its leases, and what it makes of the answer.</summary>
sealed class LeaseReport(AgentState state)
{
    /// <summary>The hub takes no more in one call.</summary>
    const int LeasesMax = 1000;

    /// <summary>So long the API server has to answer: renewing does not wait for it.</summary>
    static readonly TimeSpan AnsweredWithin = TimeSpan.FromSeconds(5);

    /// <summary>
    /// All leases, in as many requests as it takes: those whose term is half over ask for a new one. Together they are a full
    /// report: only from such a one the hub may learn that the edge does not have a lease. So it is none where the API server
    /// itself cannot be asked what there is: of a lease that another agent of the edge got, a copy may not know yet.
    /// </summary>
    /// <param name="afterMark">The last the hub has given.</param>
    public async Task<IReadOnlyList<RenewLeasesRequest>> RequestsAsync(string incarnation, string afterMark, bool renewAll, CancellationToken cancel)
    {
        var isFull = await TryLookAsync(cancel);
        var now = state.Clock.Read();
        var renewals = state.Leases.Held.Where(static held => held.Grant.Confirmed is true).Select(held => Renewal(held.Claim, held.Grant, now, renewAll)).ToList();
        var chunks = renewals.Count == 0 ? [[]] : renewals.Chunk(LeasesMax).ToList();
        var reportId = Guid.CreateVersion7(state.Time.GetUtcNow()).ToString();
        return [.. chunks.Select((chunk, index) =>
        {
            var request = new RenewLeasesRequest { Edge = state.Options.Name, Incarnation = incarnation, FullReport = isFull, AfterMark = afterMark, ReportId = reportId, Part = index + 1, Parts = chunks.Count };
            request.Leases.AddRange(chunk);
            return request;
        })];
    }

    /// <summary>Takes over all pool claims as the API server has them; false when it does not say, or has what cannot be read.</summary>
    async Task<bool> TryLookAsync(CancellationToken cancel)
    {
        using var limit = new CancellationTokenSource(AnsweredWithin, state.Time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, cancel);
        try
        {
            await foreach (var page in state.Api.PagesAsync<IPPoolClaim>(either.Token))
            {
                if (page.Unreadable.Count > 0) return false;
                foreach (var claim in page.Items) state.PoolClaims.Observe(claim);
            }

            return true;
        }
        catch (Exception e) when (e is KubernetesApiException or HttpRequestException or System.Text.Json.JsonException || (e is OperationCanceledException && !cancel.IsCancellationRequested))
        {
            return false;
        }
    }

    /// <summary>What the answer says of each lease that is to be remembered.</summary>
    public static IEnumerable<(string LeaseId, LeaseNews News)> Heard(RenewLeasesRequest request, RenewLeasesResponse answer, ClockReading sentAt)
    {
        var asked = request.Leases.ToDictionary(static renewal => renewal.LeaseId, StringComparer.Ordinal);
        foreach (var outcome in answer.Outcomes)
        {
            if (asked.TryGetValue(outcome.LeaseId, out var renewal) && IsAnswer(renewal, outcome) && Heard(renewal, outcome, sentAt) is { } news) yield return (outcome.LeaseId, news);
        }
    }

    /// <summary>Whether an outcome is of the lease that was asked about, and a new term one that can be.</summary>
    static bool IsAnswer(LeaseRenewal asked, RenewalOutcome outcome) => outcome switch
    {
        { Lease: null } => outcome.Error is not ErrorReason.Unspecified,
        { Lease: var lease } => lease.Id == asked.LeaseId && (asked.Held is null || lease.Cidr == asked.Held.Cidr)
            && (outcome.Error is not ErrorReason.Unspecified || (lease.Epoch >= asked.Epoch && HubAnswers.TermOf(lease) is not null)),
    };

    static LeaseNews? Heard(LeaseRenewal asked, RenewalOutcome outcome, ClockReading sentAt) => outcome switch
    {
        { Error: ErrorReason.Unspecified, Lease: { } lease } => new(
            asked.UsageOnly ? null : new TermAnchor(sentAt, HubAnswers.TermOf(lease)!.Value),
            Frozen: lease.Epoch == asked.Epoch ? "" : null,
            Draining: lease.State is LeaseState.Draining,
            ExpiresAt: asked.UsageOnly ? null : HubAnswers.ExpiryOf(lease)),
        { Lease.State: LeaseState.Revoked } => new(Frozen: Reasons.LeaseRevoked, Epoch: outcome.Lease.Epoch),
        { Error: ErrorReason.LeaseNotFound } => new(Frozen: Reasons.LeaseNotFound),
        { Error: ErrorReason.StaleEpoch } => new(Frozen: Reasons.StaleEpoch),
        { Error: ErrorReason.LeaseNotActive } => new(Frozen: Reasons.LeaseNotActive),
        { Error: ErrorReason.BlockContested } => new(Frozen: Reasons.LeaseConflict),
        _ => null,
    };

    LeaseRenewal Renewal(IPPoolClaim claim, LeaseGrant grant, ClockReading now, bool renewAll) => new()
    {
        LeaseId = grant.Id,
        Epoch = grant.Epoch ?? 0,
        UsageOnly = claim.Metadata.IsDeleting() || (!renewAll && state.Leases.AnchorOf(grant) is { } anchor && !anchor.IsDue(now)),
        Usage = UsageOf(claim, grant),
        Held = new()
        {
            Pool = claim.Spec.ParentPoolRef?.Name ?? state.Book.Pool(claim.Status?.BoundPoolName ?? "")?.Spec.ParentPoolRef?.Name ?? "",
            Cidr = grant.Cidr!.Value.ToString(),
            RequestId = grant.RequestID ?? "",
            StickyKey = ReferenceEquals(grant, claim.Status?.Lease) ? ClaimReport.Owner(claim.Namespace, claim.Name) : "",
        },
    };

    /// <summary>What is used of one lease.</summary>
    public Usage UsageOf(IPPoolClaim claim, LeaseGrant grant)
    {
        var usage = new Usage { Total = grant.Cidr!.Value.Count.ToString(), Allocated = "0", ObservedAt = Timestamp.FromDateTimeOffset(state.Time.GetUtcNow()) };
        if (claim.Status?.BoundPoolName is not { } pool || state.Book.Space(pool) is not { } space) return usage;
        var held = space.Root == grant.Cidr ? [] : space.Held(grant.Cidr.Value).Where(static held => held.Holder.Kind is HoldKind.Allocation).ToList();
        usage.BoundClaims = space.Root == grant.Cidr ? space.Count(HoldKind.Allocation) : held.Count;
        usage.Allocated = (space.Root == grant.Cidr ? space.Sum(HoldKind.Allocation) : Within(grant.Cidr.Value, held.Select(static held => held.Block))).ToString();
        if (space.LargestFreePrefixLength is { } largest) usage.LargestFreePrefixLength = largest;
        return usage;
    }

    /// <summary>Addresses of a block that are held; a held block may reach beyond it.</summary>
    static AddressCount Within(Cidr block, IEnumerable<Cidr> held) =>
        held.Aggregate(AddressCount.Zero, (sum, taken) => sum + (taken.Contains(block) ? block : taken).Count);
}
