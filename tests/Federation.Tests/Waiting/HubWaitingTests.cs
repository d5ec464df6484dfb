using Federation.ApiServer;
using Federation.Domain.Addressing;
using Federation.Domain.Conditions;
using Federation.Hub;
using Federation.Resources;
using Federation.Tests.Conditions;
using Federation.Tests.Hub;

namespace Federation.Tests.Waiting;

public sealed class HubWaitingTests
{
    const int Hopeless = 10_000;

    public static TheoryData<string> Wishes => ["all for the same", "each for its own"];

    [Theory]
    [MemberData(nameof(Wishes))]
    public async Task Ten_thousand_who_cannot_be_helped_do_not_keep_one_who_can_from_being_served(string ask)
    {
        await using var hub = await TestHub.StartAsync();
        await hub.PoolAsync("full", "10.0.0.0/16", ""","allocation":{"minPrefixLength":16,"maxPrefixLength":32}""");
        foreach (var name in new[] { "low", "high" }) Assert.Equal("Bound", (await hub.ClaimAsync(name, """{"poolRef":{"name":"full"},"prefixLength":17}""")).Phase);
        await hub.Store.WriteAsync("test", transaction => FileHopeless(hub, transaction, ask is "each for its own"), Limits.Cancel);
        Assert.Equal("PoolExhausted", (await hub.ClaimAsync("young", """{"poolRef":{"name":"full"},"prefixLength":17}""")).Allocated.Reason);
        var scene = new FleetScene(hub);
        await scene.SettleAsync();
        var before = hub.Store.Changes.Last;

        await hub.SendAsync("DELETE", TestHub.ClaimPath("high"));

        var limit = Limits.Cancel;
        for (var seen = hub.Store.Changes.Last; hub.Store.Current.Find<IPClaim>("default", "young")!.Status!.AllocatedCIDR != Cidr.Parse("10.0.128.0/17"); seen = hub.Store.Changes.Last) await hub.Store.Changes.WaitAsync(seen, limit);
        await scene.SettleAsync();
        Assert.InRange(scene.WritesBehind(before), 4, 20);
        Assert.Equal(Hopeless, hub.Get<AddressBook>().Waiters.Count);
    }

    [Fact]
    public async Task All_who_ask_for_the_same_are_told_when_their_pool_goes_and_comes()
    {
        await using var hub = await TestHub.StartAsync();
        await hub.PoolAsync("coming", "10.0.0.0/30");
        await hub.SendAsync("DELETE", TestHub.PoolPath("coming"));
        for (var i = 0; i < 6; i++) Assert.Equal("PoolNotFound", (await hub.ClaimAsync($"c{i}", """{"poolRef":{"name":"coming"},"prefixLength":32}""")).Allocated.Reason);

        await hub.PoolAsync("coming", "10.0.0.0/30");

        var limit = Limits.Cancel;
        string[] expected = [.. Enumerable.Repeat(Reasons.AllocationSucceeded, 4), .. Enumerable.Repeat(Reasons.PoolExhausted, 2)];
        IEnumerable<string?> Said() => Enumerable.Range(0, 6).Select(i => hub.Store.Current.Find<IPClaim>("default", $"c{i}")!.Said()?.Reason);
        for (var seen = hub.Store.Changes.Last; !Said().SequenceEqual(expected); seen = hub.Store.Changes.Last) await hub.Store.Changes.WaitAsync(seen, limit);
    }

    /// <summary>Older than all that are made over the API, by their identities.</summary>
    static int FileHopeless(TestHub hub, Transaction transaction, bool eachItsOwn)
    {
        for (var i = 0; i < Hopeless; i++)
        {
            var claim = new IPClaim
            {
                Metadata = HubObjects.Meta(transaction, $"hopeless-{i}", "default") with { Uid = $"00000000-0000-7000-8000-{i:x12}" },
                Spec = new() { PoolRef = new() { Name = "full" }, PrefixLength = eachItsOwn ? null : 16, Cidr = eachItsOwn ? Cidr.Parse($"10.0.{i / 256}.{i % 256}/32") : null },
            };
            transaction.Put(hub.Get<ClaimDesk>().Answer(transaction, claim));
        }

        return Hopeless;
    }
}
