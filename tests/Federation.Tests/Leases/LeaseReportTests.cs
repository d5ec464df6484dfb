using Federation.Domain.Addressing;
using Federation.Edge;
using Federation.Kubernetes;
using Federation.Proto.V1;
using Federation.Resources;
using Federation.Tests.Conditions;
using Microsoft.Extensions.Logging.Abstractions;
using NSubstitute;

namespace Federation.Tests.Leases;

/// <summary>
/// Of what a full report does not name, a restored hub believes that it was never lent. An agent whose watch hung told it of nothing,
/// while another of the same edge held two blocks (seed 471).
/// </summary>
public sealed class LeaseReportTests
{
    readonly IKubernetesApi api = Substitute.For<IKubernetesApi>();

    [Fact]
    public async Task A_full_report_names_what_the_API_server_has_and_the_copy_does_not_know_yet()
    {
        Answer(Task.FromResult(new ResourceList<IPPoolClaim> { ResourceVersion = "7", Items = [Holder()] }));

        var request = Assert.Single(await ReportAsync());

        Assert.True(request.FullReport);
        Assert.Equal(("lease-1", 3L), (Assert.Single(request.Leases).LeaseId, request.Leases[0].Epoch));
    }

    [Fact]
    public async Task Without_word_from_the_API_server_a_report_is_not_full()
    {
        Answer(Task.FromException<ResourceList<IPPoolClaim>>(new HttpRequestException("it is away")));

        Assert.False(Assert.Single(await ReportAsync()).FullReport);
    }

    [Fact]
    public async Task With_a_claim_that_cannot_be_read_a_report_is_not_full()
    {
        Answer(Task.FromResult(new ResourceList<IPPoolClaim> { ResourceVersion = "7", Items = [], Unreadable = [new(new("default", "odd"), "u-2", "6", "it has no block")] }));

        Assert.False(Assert.Single(await ReportAsync()).FullReport);
    }

    void Answer(Task<ResourceList<IPPoolClaim>> answer) => api.ListAsync<IPPoolClaim>(Arg.Any<ListOptions>(), Arg.Any<CancellationToken>()).Returns(answer);

    Task<IReadOnlyList<RenewLeasesRequest>> ReportAsync()
    {
        var state = new AgentState(api, new() { Name = "east", Hub = new("http://127.0.0.1:1") }, new SkewedClock(), new VirtualTime(), static () => 0.5, NullLoggerFactory.Instance);
        return new LeaseReport(state).RequestsAsync("site", "mark", renewAll: true, CancellationToken.None);
    }

    static IPPoolClaim Holder() => new()
    {
        Metadata = new() { Name = "block", Namespace = "default", Uid = "u-1", ResourceVersion = "7", Finalizers = [EdgeNames.LeaseFinalizer] },
        Spec = new() { ParentPoolRef = new() { Name = "prod" }, PrefixLength = 24 },
        Status = new() { Phase = ClaimPhase.Bound, Lease = new() { Id = "lease-1", Epoch = 3, Cidr = Cidr.Parse("10.64.0.0/24"), RequestID = "r-1", Confirmed = true } },
    };
}
