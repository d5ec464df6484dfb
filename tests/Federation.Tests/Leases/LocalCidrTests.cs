using Federation.Domain.Addressing;
using Federation.Domain.Conditions;
using Federation.Edge;
using Federation.Proto.V1;
using Federation.Rpc;
using Federation.Tests.Hub;
using Grpc.Core;

namespace Federation.Tests.Leases;

/// <summary>Address space an edge uses by other means is never lent to it.</summary>
public sealed class LocalCidrTests
{
    [Fact]
    public async Task Nothing_of_it_is_lent_to_that_edge_and_all_of_it_to_others()
    {
        await using var hub = await TestHub.StartAsync();
        await PoolAsync(hub);
        using var east = EdgeVoice.Of("east", hub);
        using var west = await EdgeVoice.RegisteredAsync("west", hub);
        await east.RegisterAsync("10.0.0.0/26", "10.0.0.128/25", "192.168.0.0/16");

        var lent = new[] { await east.RequestAsync("prod", 27, "1"), await east.RequestAsync("prod", 27, "2") };
        await east.RequestAsync("prod", 27, "3").IsRefusedAsync(ErrorReason.PoolExhausted);
        await east.RequestAsync("prod", 26, "4", "10.0.0.0/26").IsRefusedAsync(ErrorReason.AddressUnavailable);

        Assert.Equal(["10.0.0.64/27", "10.0.0.96/27"], lent.Select(static lease => lease.Cidr));
        Assert.Equal("10.0.0.0/26", (await west.RequestAsync("prod", 26, "1")).Cidr);
    }

    [Fact]
    public async Task It_is_remembered_across_a_restart_and_forgotten_when_the_edge_says_so()
    {
        var folder = Directory.CreateTempSubdirectory("federation-local-");
        await using (var hub = await TestHub.StartAsync(data: folder))
        {
            await PoolAsync(hub);
            using var edge = EdgeVoice.Of("east", hub);
            await edge.RegisterAsync("10.0.0.0/25");
        }

        await using (var hub = await TestHub.StartAsync(data: folder))
        {
            using var edge = EdgeVoice.Of("east", hub);
            Assert.Equal("10.0.0.128/26", (await edge.RequestAsync("prod", 26, "1")).Cidr);
            await edge.RegisterAsync();
            Assert.Equal("10.0.0.0/26", (await edge.RequestAsync("prod", 26, "2")).Cidr);
        }

        folder.Delete(recursive: true);
    }

    [Fact]
    public async Task An_edge_that_holds_a_block_of_it_is_told_which()
    {
        await using var hub = await TestHub.StartAsync();
        await PoolAsync(hub);
        using var edge = await EdgeVoice.RegisteredAsync("east", hub);
        var lease = await edge.LeaseAsync("prod", 26, "1");

        var refusal = RpcFailure.Read(await Assert.ThrowsAsync<RpcException>(() => edge.RegisterAsync("10.0.0.0/27")));

        Assert.Equal((ErrorReason.LocalCidrConflict, StatusCode.FailedPrecondition, "10.0.0.0/27", lease.Id), (refusal.Reason, refusal.Code, refusal.Metadata["cidr"], refusal.Metadata["lease"]));
        Assert.Equal(Reasons.LocalCIDRConflict, HubReasons.Of(new HubFailure.Grpc(refusal)).Reason);
        Assert.Null(hub.Store.Current.Find<Federation.Resources.Edge>(null, "east")!.Status!.LocalCIDRs);
    }

    [Theory]
    [InlineData("10.0.0.1/24")]
    [InlineData("10.0.0.0")]
    [InlineData("pods")]
    [InlineData("")]
    public async Task What_is_no_CIDR_is_refused_with_its_place(string text)
    {
        await using var hub = await TestHub.StartAsync();
        using var edge = EdgeVoice.Of("east", hub);

        var refusal = RpcFailure.Read(await Assert.ThrowsAsync<RpcException>(() => edge.RegisterAsync("10.9.0.0/16", text)));

        Assert.Equal((ErrorReason.InvalidRequest, "local_cidrs[1]"), (refusal.Reason, refusal.Metadata["field"]));
        await edge.RegisterAsync([.. Enumerable.Range(0, 257).Select(static i => $"10.{i % 256}.{i / 256}.0/24")]).IsRefusedAsync(ErrorReason.InvalidRequest);
    }

    [Theory]
    [InlineData("10.0.0.0/8,192.168.0.0/16", null)]
    [InlineData("10.0.0.1/8", "--local-cidrs")]
    [InlineData("pods", "--local-cidrs")]
    public void The_agent_is_told_of_it_at_its_start(string given, string? wrong)
    {
        var (options, error) = EdgeOptions.Read(["run", "--name", "east", "--hub", "http://127.0.0.1:1", "--local-cidrs", given]);

        if (wrong is null) Assert.Equal([Cidr.Parse("10.0.0.0/8"), Cidr.Parse("192.168.0.0/16")], options!.LocalCidrs);
        else Assert.Contains(wrong, error, StringComparison.Ordinal);
    }

    [Fact]
    public void Space_that_is_avoided_is_found_around_exactly_and_left_as_it_was()
    {
        var space = new PoolSpace(Cidr.Parse("10.0.0.0/24"));
        Assert.True(space.TryHold(Cidr.Parse("10.0.0.64/28"), new(HoldKind.Lease, "other")));
        var before = (space.Capacity, space.LargestFreePrefixLength);

        Assert.True(space.TryFind(28, PlacementStrategy.FirstFit, [Cidr.Parse("10.0.0.0/26"), Cidr.Parse("10.0.0.80/28"), Cidr.Parse("172.16.0.0/12")], out var block));
        Assert.False(space.TryFind(28, PlacementStrategy.FirstFit, [Cidr.Parse("10.0.0.0/8")], out _));
        Assert.True(space.TryFind(28, PlacementStrategy.FirstFit, [], out var lowest));

        Assert.Equal(("10.0.0.96/28", "10.0.0.0/28"), (block.ToString(), lowest.ToString()));
        Assert.Equal(before, (space.Capacity, space.LargestFreePrefixLength));
    }

    static async Task PoolAsync(TestHub hub) => await hub.PoolAsync("prod", "10.0.0.0/24", ""","leasing":{"minPrefixLength":25,"maxPrefixLength":28}""");
}
