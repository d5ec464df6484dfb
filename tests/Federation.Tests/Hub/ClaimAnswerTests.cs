using System.Text.Json.Nodes;

namespace Federation.Tests.Hub;

/// <summary>A claim's POST is answered with its final status: the one model of the project, word for word.</summary>
public sealed class ClaimAnswerTests
{
    [Theory]
    [InlineData("""{"poolRef":{"name":"prod"},"prefixLength":28}""", "True", "AllocationSucceeded", "CIDR 10.0.0.0/28 allocated from prod", "Bound")]
    [InlineData("""{"poolRef":{"name":"prod"}}""", "True", "AllocationSucceeded", "CIDR 10.0.0.0/30 allocated from prod", "Bound")]
    [InlineData("""{"poolSelector":{"matchLabels":{"tier":"gold"}},"prefixLength":28}""", "True", "AllocationSucceeded", "CIDR 10.0.0.0/28 allocated from prod", "Bound")]
    [InlineData("""{"poolRef":{"name":"prod"},"cidr":"10.0.0.64/26"}""", "True", "AllocationSucceeded", "CIDR 10.0.0.64/26 allocated from prod", "Bound")]
    [InlineData("""{"poolRef":{"name":"full"},"prefixLength":30}""", "False", "PoolExhausted", "no available block of size /30 in pool full", "Error")]
    [InlineData("""{"poolSelector":{"matchLabels":{"tier":"none"}},"prefixLength":28}""", "False", "NoMatchingPool", "no pool matches selector tier=none", "Error")]
    [InlineData("""{"poolRef":{"name":"absent"},"prefixLength":28}""", "False", "PoolNotFound", "pool absent not found", "Error")]
    [InlineData("""{"poolRef":{"name":"prod"},"prefixLength":20}""", "False", "PrefixLengthOutOfBounds", "prefix length /20 is outside the range /26 to /30 of pool prod", "Error")]
    [InlineData("""{"poolRef":{"name":"prod"},"prefixLength":32}""", "False", "PrefixLengthOutOfBounds", "prefix length /32 is outside the range /26 to /30 of pool prod", "Error")]
    [InlineData("""{"poolRef":{"name":"prod"},"ipFamily":"IPv6","prefixLength":64}""", "False", "AddressFamilyMismatch", "claim asks for IPv6, pool prod is IPv4", "Error")]
    [InlineData("""{"poolRef":{"name":"prod"},"cidr":"10.0.0.240/28"}""", "False", "AddressUnavailable", "10.0.0.240/28 is not available in pool prod: reserved", "Error")]
    [InlineData("""{"poolRef":{"name":"prod"},"cidr":"10.9.0.0/28"}""", "False", "AddressUnavailable", "10.9.0.0/28 is not available in pool prod: outside the pool", "Error")]
    [InlineData("""{"poolRef":{"name":"full"},"cidr":"10.1.0.0/30"}""", "False", "AddressUnavailable", "10.1.0.0/30 is not available in pool full: held by default/owner", "Error")]
    public async Task Each_wish_has_its_answer(string spec, string status, string reason, string message, string phase)
    {
        await using var hub = await TestHub.StartAsync();
        (await hub.CreateAsync("""{"kind":"IPPool","metadata":{"name":"prod","labels":{"tier":"gold"}},"spec":{"cidr":"10.0.0.0/24","allocation":{"minPrefixLength":26,"maxPrefixLength":30},"reservations":["10.0.0.240/28"]}}""")).Created();
        await hub.PoolAsync("full", "10.1.0.0/30");
        await hub.ClaimAsync("owner", """{"poolRef":{"name":"full"},"prefixLength":30}""");

        var claim = await hub.ClaimAsync("wish", spec);

        Assert.Equal((status, reason, message), claim.Allocated);
        Assert.Equal(phase, claim.Phase);
        Assert.Equal(status is "True", claim.Block is not null);
        Assert.Equal(1, claim["status"]!["observedGeneration"]!.GetValue<int>());
        Assert.Equal(claim.ToJsonString(), (await hub.ReadAsync(TestHub.ClaimPath("wish"))).ToJsonString());
    }

    [Fact]
    public async Task A_dry_run_computes_the_block_and_keeps_nothing()
    {
        await using var hub = await TestHub.StartAsync();
        await hub.PoolAsync("prod", "10.0.0.0/24");

        var dry = await hub.ClaimAsync("a", """{"poolRef":{"name":"prod"},"prefixLength":28}""", "?dryRun=All");
        var real = await hub.ClaimAsync("b", """{"poolRef":{"name":"prod"},"prefixLength":28}""");

        Assert.Equal(("10.0.0.0/28", "10.0.0.0/28"), (dry.Block, real.Block));
        Assert.Equal("NotFound", (await hub.SendAsync("GET", TestHub.ClaimPath("a"))).IsStatus(404).Json!["reason"]!.GetValue<string>());
        Assert.Equal("240", (await PoolIsAsync(hub, "prod", static pool => pool["status"]!["capacity"]!["available"]!.GetValue<string>() is "240"))["status"]!["capacity"]!["available"]!.GetValue<string>());
    }

    [Fact]
    public async Task Waiting_claims_get_freed_space_oldest_first()
    {
        await using var hub = await TestHub.StartAsync();
        await hub.PoolAsync("small", "10.0.0.0/30");
        for (var i = 0; i < 4; i++) await hub.ClaimAsync($"holder-{i}", """{"poolRef":{"name":"small"},"prefixLength":32}""");
        for (var i = 0; i < 3; i++) Assert.Equal("PoolExhausted", (await hub.ClaimAsync($"waiting-{i}", """{"poolRef":{"name":"small"},"prefixLength":32}""")).Allocated.Reason);

        await hub.SendAsync("DELETE", TestHub.ClaimPath("holder-2"));
        var first = await ClaimIsAsync(hub, "waiting-0", static claim => claim.Phase is "Bound");
        await hub.SendAsync("DELETE", TestHub.ClaimPath("holder-0"));
        var second = await ClaimIsAsync(hub, "waiting-1", static claim => claim.Phase is "Bound");

        Assert.Equal(("10.0.0.2/32", "10.0.0.0/32"), (first.Block, second.Block));
        Assert.Equal("PoolExhausted", (await hub.ReadAsync(TestHub.ClaimPath("waiting-2"))).Allocated.Reason);
    }

    [Fact]
    public async Task A_freed_block_rests_for_the_reuse_delay_and_no_longer()
    {
        var time = new VirtualTime();
        await using var hub = await TestHub.StartAsync(time);
        await hub.PoolAsync("resting", "10.0.0.0/32", ""","allocation":{"reuseDelaySeconds":60}""");
        await hub.ClaimAsync("first", """{"poolRef":{"name":"resting"},"prefixLength":32}""");

        await hub.SendAsync("DELETE", TestHub.ClaimPath("first"));
        var second = await hub.ClaimAsync("second", """{"poolRef":{"name":"resting"},"prefixLength":32}""");
        Assert.Equal("PoolExhausted", second.Allocated.Reason);
        await PassUntilAsync(hub, time, TimeSpan.FromMilliseconds(100), TestHub.PoolPath("resting"), static pool => pool["status"]!["capacity"]!.ToJsonString() is """{"total":"1","allocated":"0","leased":"0","available":"0"}""");

        time.Advance(TimeSpan.FromSeconds(58));
        Assert.Equal("PoolExhausted", (await hub.ReadAsync(TestHub.ClaimPath("second"))).Allocated.Reason);
        time.Advance(TimeSpan.FromSeconds(2));
        var bound = await PassUntilAsync(hub, time, TimeSpan.FromMilliseconds(100), TestHub.ClaimPath("second"), static claim => claim.Phase is "Bound");
        Assert.Equal("10.0.0.0/32", bound.Block);
        Assert.InRange(time.GetUtcNow() - VirtualTime.Start, TimeSpan.FromSeconds(60), TimeSpan.FromSeconds(75));
    }

    [Fact]
    public async Task A_retained_block_waits_for_a_claim_of_the_same_name()
    {
        await using var hub = await TestHub.StartAsync();
        await hub.PoolAsync("prod", "10.0.0.0/24");
        await hub.ClaimAsync("other", """{"poolRef":{"name":"prod"},"prefixLength":28}""");
        var first = await hub.ClaimAsync("keeper", """{"poolRef":{"name":"prod"},"prefixLength":28,"reclaimPolicy":"Retain"}""");

        await hub.SendAsync("DELETE", TestHub.ClaimPath("keeper"));
        await hub.SendAsync("DELETE", TestHub.ClaimPath("other"));
        Assert.Equal("10.0.0.0/28", (await hub.ClaimAsync("stranger", """{"poolRef":{"name":"prod"},"prefixLength":28}""")).Block);
        var again = await hub.ClaimAsync("keeper", """{"poolRef":{"name":"prod"},"prefixLength":28}""");

        Assert.Equal("10.0.0.16/28", first.Block);
        Assert.Equal(first.Block, again.Block);
    }

    [Theory]
    [InlineData("10.0.0.64/26", "10.0.0.0/25", "10.0.0.64/26 is held by default/held")]
    [InlineData("10.0.0.0/26", "10.0.0.0/25", "10.0.0.0/26 is held by default/held")]
    public async Task A_reservation_does_not_grow_over_what_is_held(string held, string grown, string message)
    {
        await using var hub = await TestHub.StartAsync();
        await hub.PoolAsync("prod", "10.0.0.0/24", ""","reservations":["10.0.0.128/26"]""");
        await hub.ClaimAsync("held", $$"""{"poolRef":{"name":"prod"},"cidr":"{{held}}"}""");

        var answer = await ReserveAsync(hub, grown);

        Assert.Contains(answer.IsStatus(422).Causes, cause => cause.Field is "spec.reservations" && cause.Message.EndsWith(message, StringComparison.Ordinal));
        Assert.Equal("10.0.0.128/26", (await hub.ReadAsync(TestHub.PoolPath("prod")))["spec"]!["reservations"]![0]!.GetValue<string>());
        Assert.Equal("10.0.0.192/26", (await hub.ClaimAsync("after", """{"poolRef":{"name":"prod"},"cidr":"10.0.0.192/26"}""")).Block);
    }

    [Fact]
    public async Task A_reservation_grows_and_shrinks_where_nobody_is()
    {
        await using var hub = await TestHub.StartAsync();
        await hub.PoolAsync("prod", "10.0.0.0/24", ""","reservations":["10.0.0.0/26"]""");

        Assert.Equal(200, (int)(await ReserveAsync(hub, "10.0.0.0/25")).Code);
        Assert.Equal("10.0.0.128/26", (await hub.ClaimAsync("a", """{"poolRef":{"name":"prod"},"prefixLength":26}""")).Block);
        Assert.Equal(200, (int)(await ReserveAsync(hub, "10.0.0.0/27")).Code);
        Assert.Equal("10.0.0.64/26", (await hub.ClaimAsync("b", """{"poolRef":{"name":"prod"},"prefixLength":26}""")).Block);
    }

    [Fact]
    public async Task What_is_in_use_does_not_go_by_being_deleted()
    {
        await using var hub = await TestHub.StartAsync();
        await hub.PoolAsync("prod", "10.0.0.0/24");
        var claim = await hub.ClaimAsync("held", """{"poolRef":{"name":"prod"},"prefixLength":28}""");
        var allocation = claim["status"]!["boundAllocationRef"]!["name"]!.GetValue<string>();

        var pool = (await hub.SendAsync("DELETE", TestHub.PoolPath("prod"))).IsStatus(409);
        (await hub.SendAsync("DELETE", $"/apis/ipam.federation.io/v1alpha1/ipallocations/{allocation}")).IsStatus(403);
        (await hub.CreateAsync("""{"kind":"IPAllocation","metadata":{"name":"mine"},"spec":{"cidr":"10.0.0.16/28","poolRef":{"name":"prod"},"claimRef":{"namespace":"default","name":"held","uid":"1"}}}""")).IsStatus(403);
        (await hub.CreateAsync("""{"kind":"IPLease","metadata":{"name":"mine"},"spec":{"edgeName":"east","poolRef":{"name":"prod"},"cidr":"10.0.0.16/28","requestID":"1","index":0}}""")).IsStatus(403);

        Assert.Contains("in use by 1 holder: claim default/held", pool.Json!["message"]!.GetValue<string>(), StringComparison.Ordinal);
        Assert.Equal("10.0.0.16/28", (await hub.ClaimAsync("next", """{"poolRef":{"name":"prod"},"prefixLength":28}""")).Block);
    }

    static Task<Answer> ReserveAsync(TestHub hub, string block) =>
        hub.SendAsync("PATCH", TestHub.PoolPath("prod"), $$"""{"spec":{"reservations":["{{block}}"]} }""", "application/merge-patch+json");

    static Task<JsonNode> ClaimIsAsync(TestHub hub, string name, Func<JsonNode, bool> isSo) => UntilAsync(hub, TestHub.ClaimPath(name), isSo);

    static Task<JsonNode> PoolIsAsync(TestHub hub, string name, Func<JsonNode, bool> isSo) => UntilAsync(hub, TestHub.PoolPath(name), isSo);

    /// <summary>Lets time pass, as far as the hub waits for it, until something is so.</summary>
    static async Task<JsonNode> PassUntilAsync(TestHub hub, VirtualTime time, TimeSpan step, string path, Func<JsonNode, bool> isSo)
    {
        while (true)
        {
            var read = await hub.ReadAsync(path);
            if (isSo(read)) return read;
            await time.PassAsync(step).Within();
        }
    }

    /// <summary>Looks again after each change of the store, until something is so.</summary>
    static async Task<JsonNode> UntilAsync(TestHub hub, string path, Func<JsonNode, bool> isSo)
    {
        while (true)
        {
            var seen = hub.Store.Changes.Last;
            var read = await hub.ReadAsync(path);
            if (isSo(read)) return read;
            await hub.Store.Changes.WaitAsync(seen, Limits.Cancel);
        }
    }
}
