using System.Text.Json.Nodes;
using Federation.Domain.Conditions;
using Federation.Hub;
using Federation.Proto.V1;
using Federation.Resources;
using Federation.Tests.Hub;
using Federation.Tests.Leases;
using Lease = Federation.Proto.V1.Lease;

namespace Federation.Tests.Inventory;

/// <summary>Who holds an address, across the fleet, and how old the answer is.</summary>
public sealed class LookupTests : IAsyncLifetime
{
    TestHub hub = null!;

    public async Task InitializeAsync()
    {
        hub = await TestHub.StartAsync();
        await hub.PoolAsync("prod", "10.0.0.0/16", ""","reservations":["10.0.255.0/24"],"leasing":{"minPrefixLength":20,"maxPrefixLength":28}""");
    }

    public async Task DisposeAsync() => await hub.DisposeAsync();

    [Fact]
    public async Task An_address_at_an_edge_is_known_once_the_edge_was_asked_and_said_so()
    {
        using var east = await EdgeVoice.RegisteredAsync("east", hub);
        var lease = await east.LeaseAsync("prod", 24, "wish", "10.0.7.0/24");
        Assert.Equal(("Unknown", null), await FindAsync("10.0.7.5"));

        Assert.Equal(2, (await east.InventoryAsync([Chunk(east, lease, "32", "10.0.7.0/28 apps/web", "10.0.7.16/28 apps/db")])).Entries);

        var found = await LookupAsync("10.0.7.17");
        var holder = found["holders"]![0]!;
        Assert.Equal(("Allocated", "prod"), (found["state"]!.GetValue<string>(), found["pool"]!.GetValue<string>()));
        Assert.Equal(("east", lease.Id, "10.0.7.16/28", "apps", "db"), (Text(holder, "edge"), Text(holder, "lease"), Text(holder, "cidr"), Text(holder["claim"]!, "namespace"), Text(holder["claim"]!, "name")));
        Assert.InRange(holder["ageSeconds"]!.GetValue<long>(), 0, 30);
        Assert.Equal(("Leased", null), await FindAsync("10.0.7.40"));
        Assert.Equal(("True", Reasons.NothingFound), ConsistencyOf("east"));
    }

    [Fact]
    public async Task The_hub_knows_by_itself_what_is_its_own()
    {
        var block = (await hub.ClaimAsync("web", """{"poolRef":{"name":"prod"},"prefixLength":30}""")).Block!;

        Assert.Equal(("Allocated", "web"), await FindAsync(block.Split('/')[0]));
        Assert.Equal(0, (await LookupAsync(block.Split('/')[0]))["holders"]![0]!["ageSeconds"]!.GetValue<long>());
        Assert.Equal(("Free", null), await FindAsync("10.0.99.1"));
        Assert.Equal(("Reserved", null), await FindAsync("10.0.255.1"));
        Assert.Equal(("NotManaged", null), await FindAsync("192.168.0.1"));
        Assert.Equal(("NotManaged", null), await FindAsync("2001:db8::1"));
    }

    [Theory]
    [InlineData("")]
    [InlineData("?address=")]
    [InlineData("?address=10.0.0.0/8")]
    [InlineData("?address=10.0.0.999")]
    [InlineData("?address=10.0.0.01")]
    [InlineData("?address=web")]
    public async Task What_is_no_address_is_refused_with_the_field(string query)
    {
        var answer = await hub.SendAsync("GET", LookupEndpoint.Path + query);

        answer.IsStatus(400);
        Assert.Equal("address", answer.Causes.Single().Field);
    }

    [Fact]
    public async Task Nothing_is_written_by_looking() => (await hub.SendAsync("POST", LookupEndpoint.Path, "{}")).IsStatus(405);

    [Fact]
    public async Task What_does_not_go_together_is_said_of_the_edge_and_counted()
    {
        using var east = await EdgeVoice.RegisteredAsync("east", hub);
        var lease = await east.LeaseAsync("prod", 24, "wish", "10.0.7.0/24");

        await east.InventoryAsync([Chunk(east, lease, "32", "10.0.7.0/28 apps/web", "10.0.8.0/28 apps/db")]);

        Assert.Equal(("False", Reasons.OutsideBlock), ConsistencyOf("east"));
        Assert.Equal("10.0.8.0/28 of apps/db lies outside lease " + lease.Id + ", 10.0.7.0/24; 2 findings in all", Edge("east").Status!.Conditions!.Find(ConditionTypes.Consistent)!.Message);
    }

    [Fact]
    public async Task A_pool_whose_report_is_not_the_sum_of_what_it_holds_is_said_to_be_so_at_the_second_look()
    {
        await hub.ClaimAsync("web", """{"poolRef":{"name":"prod"},"prefixLength":30}""");
        await UntilAsync(static pool => pool.Status?.Capacity?.Allocated == "4");
        await hub.Store.WriteAsync("test", static transaction =>
        {
            var pool = transaction.Find<IPPool>(null, "prod")!;
            return transaction.Put(pool with { Status = pool.Status! with { Capacity = pool.Status.Capacity! with { Allocated = "5" } } });
        }, Limits.Cancel);

        await hub.Get<Auditor>().AuditPoolsAsync(Limits.Cancel);
        Assert.Null(Pool().Status!.Conditions!.Find(ConditionTypes.Consistent));
        await hub.Get<Auditor>().AuditPoolsAsync(Limits.Cancel);

        Assert.Equal((ConditionStatus.False, Reasons.CapacityMismatch), (Pool().Status!.Conditions!.Find(ConditionTypes.Consistent)!.Status, Pool().Status!.Conditions!.Find(ConditionTypes.Consistent)!.Reason));
    }

    [Fact]
    public async Task What_edges_use_is_added_up_on_the_edge_and_on_the_pool()
    {
        using var east = await EdgeVoice.RegisteredAsync("east", hub);
        using var west = await EdgeVoice.RegisteredAsync("west", hub);
        var (one, two, three) = (await east.LeaseAsync("prod", 24, "1"), await east.LeaseAsync("prod", 25, "2"), await west.LeaseAsync("prod", 28, "3"));

        await east.ReportAsync([EdgeVoice.Renewal(one, new() { Total = "256", Allocated = "10" }), EdgeVoice.Renewal(two, new() { Total = "128", Allocated = "128" })]);
        await west.ReportAsync([EdgeVoice.Renewal(three, new() { Total = "16", Allocated = "1" })]);
        await hub.Get<UsageRollUp>().RefreshAsync(Limits.Cancel);

        Assert.Equal(("384", "138", "246"), (Edge("east").Status!.Capacity!.Total, Edge("east").Status!.Capacity!.Allocated, Edge("east").Status!.Capacity!.Available));
        Assert.Equal(("400", "139"), (Pool().Status!.Usage!.Total, Pool().Status!.Usage!.Allocated));
    }

    [Fact]
    public async Task An_inventory_nobody_asked_for_or_that_ends_early_changes_nothing()
    {
        using var east = await EdgeVoice.RegisteredAsync("east", hub);
        var lease = await east.LeaseAsync("prod", 24, "wish", "10.0.7.0/24");
        var chunk = Chunk(east, lease, "16", "10.0.7.0/28 apps/web");

        await east.SendInventoryAsync("unasked", [chunk]).IsRefusedAsync(ErrorReason.InvalidRequest);
        var reportId = await east.WantedAsync();
        await east.SendInventoryAsync(reportId, []).IsRefusedAsync(ErrorReason.InvalidRequest);
        await east.SendInventoryAsync(reportId, [chunk, new(chunk) { ReportId = "other" }], keepIds: true).IsRefusedAsync(ErrorReason.InvalidRequest);
        await east.SendInventoryAsync(reportId, [Chunk(east, lease, "16", "10.0.7.1/28 apps/web")]).IsRefusedAsync(ErrorReason.InvalidRequest);
        await east.SendInventoryAsync(reportId, [Chunk(east, lease, "many", "10.0.7.0/28 apps/web")]).IsRefusedAsync(ErrorReason.InvalidRequest);

        Assert.Equal(("Unknown", null), await FindAsync("10.0.7.5"));
        Assert.Equal(1, (await east.SendInventoryAsync(reportId, [chunk])).Entries);
        Assert.Equal(("Allocated", "web"), await FindAsync("10.0.7.5"));
    }

    static InventoryChunk Chunk(EdgeVoice edge, Lease lease, string allocated, params string[] entries)
    {
        var chunk = new InventoryChunk { Edge = edge.Name, Incarnation = edge.Incarnation, LeaseId = lease.Id, Epoch = lease.Epoch, Usage = new() { Total = "256", Allocated = allocated } };
        foreach (var entry in entries)
        {
            if (entry.Split(' ', '/') is [var network, var length, var ns, var name]) chunk.Entries.Add(new InventoryEntry { Cidr = $"{network}/{length}", Claim = new() { Namespace = ns, Name = name, Uid = $"uid-{name}" } });
        }

        return chunk;
    }

    Federation.Resources.Edge Edge(string name) => hub.Store.Current.Find<Federation.Resources.Edge>(null, name)!;

    IPPool Pool() => hub.Store.Current.Find<IPPool>(null, "prod")!;

    (string Status, string Reason) ConsistencyOf(string edge) => Edge(edge).Status!.Conditions!.Find(ConditionTypes.Consistent) is { } said ? (said.Status.ToString(), said.Reason) : default;

    async Task UntilAsync(Func<IPPool, bool> isSo)
    {
        for (var revision = hub.Store.Changes.Last; !isSo(Pool()); revision = hub.Store.Changes.Last) await hub.Store.Changes.WaitAsync(revision, Limits.Cancel);
    }

    async Task<(string State, string? Claim)> FindAsync(string address)
    {
        var found = await LookupAsync(address);
        return (found["state"]!.GetValue<string>(), found["holders"]!.AsArray().Select(static holder => holder!["claim"]?["name"]?.GetValue<string>()).FirstOrDefault());
    }

    Task<JsonNode> LookupAsync(string address) => hub.ReadAsync($"{LookupEndpoint.Path}?address={address}");

    static string? Text(JsonNode node, string field) => node[field]?.GetValue<string>();
}
