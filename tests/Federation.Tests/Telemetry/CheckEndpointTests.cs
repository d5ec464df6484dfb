using Federation.Telemetry;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Primitives;

namespace Federation.Tests.Telemetry;

/// <summary>Which check decides what, and how they are told.</summary>
public sealed class CheckEndpointTests
{
    readonly Dictionary<CheckWeight, string?> trouble = new() { [CheckWeight.Live] = null, [CheckWeight.Ready] = null, [CheckWeight.Told] = null };
    readonly CheckEndpoint checks;

    public CheckEndpointTests() => checks = new(
    [
        new("thread", CheckWeight.Live, () => trouble[CheckWeight.Live]),
        new("storage", CheckWeight.Ready, () => trouble[CheckWeight.Ready]),
        new("hub", CheckWeight.Told, () => trouble[CheckWeight.Told]),
    ]);

    [Theory]
    [InlineData(CheckWeight.Live, 503, 503)]
    [InlineData(CheckWeight.Ready, 200, 503)]
    [InlineData(CheckWeight.Told, 200, 200)]
    public void A_check_that_fails_decides_what_it_is_for_and_flips_back(CheckWeight weight, int live, int ready)
    {
        Assert.Equal((200, 200, 200), (Ask("/livez").Code, Ask("/readyz").Code, Ask("/healthz").Code));

        trouble[weight] = "the reason";
        Assert.Equal((live, ready, ready), (Ask("/livez").Code, Ask("/readyz").Code, Ask("/healthz").Code));
        Assert.Contains("the reason", Ask("/readyz", "verbose").Text, StringComparison.Ordinal);

        trouble[weight] = null;
        Assert.Equal((200, "ok"), Ask("/readyz"));
    }

    [Fact]
    public void One_check_is_asked_by_name_and_another_left_out()
    {
        trouble[CheckWeight.Ready] = "full";

        Assert.Equal((503, "storage failed: full\n"), Ask("/readyz/storage"));
        Assert.Equal((200, "ok"), Ask("/readyz/thread"));
        Assert.Equal((200, "ok"), Ask("/readyz", "exclude", "storage"));
        Assert.Equal(404, Ask("/livez/storage").Code);
        Assert.Equal("[+]ping ok\n[+]thread ok\n[-]storage failed: full\n[+]hub ok\nreadyz check failed\n", Ask("/readyz").Text);
    }

    [Theory]
    [InlineData("/")]
    [InlineData("/metrics")]
    [InlineData("/readyzz")]
    [InlineData("/readyz/a/b")]
    public void Other_paths_are_somebody_elses(string path) => Assert.Null(checks.Answer(path, new QueryCollection()));

    (int Code, string Text) Ask(string path, string? key = null, string value = "") =>
        checks.Answer(path, key is null ? new QueryCollection() : new QueryCollection(new Dictionary<string, StringValues> { [key] = value }))!.Value;
}
