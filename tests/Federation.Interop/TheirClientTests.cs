using System.Collections.Concurrent;
using System.Text.Json;
using Federation.Tests.Grpc;
using Microsoft.AspNetCore.Builder;
using ServingStatus = Federation.Proto.Grpc.Health.V1.HealthCheckResponse.Types.ServingStatus;

namespace Federation.Interop;

/// <summary>Other implementations, with nothing but the .proto files, call our server.</summary>
public sealed class TheirClientTests(TheirClientRuns runs) : IClassFixture<TheirClientRuns>
{
    public static TheoryData<string> Checks =>
    [
        "unary", "client_stream", "server_stream", "duplex", "deadline", "cancel", "cause", "cause_after_messages", "unexpected",
        "binary_metadata", "big_messages", "compressed_requests", "many_at_once", "health", "leases", "watch",
    ];

    [PeerTheory("node")]
    [MemberData(nameof(Checks))]
    public async Task Javascript_calls_our_server(string check) => await runs.AssertPassedAsync(Peer.Node, check);

    [PeerTheory("python")]
    [MemberData(nameof(Checks))]
    public async Task Python_calls_our_server(string check) => await runs.AssertPassedAsync(Peer.Python, check);
}

/// <summary>Runs each peer's client once, and keeps what it found.</summary>
public sealed class TheirClientRuns
{
    readonly ConcurrentDictionary<string, Lazy<Task<IReadOnlyDictionary<string, string>>>> runs = new();

    internal async Task AssertPassedAsync(Peer peer, string check)
    {
        var outcomes = await runs.GetOrAdd(peer.Folder, _ => new(() => RunAsync(peer))).Value;

        Assert.Equal("", outcomes.GetValueOrDefault(check, "was not tried"));
    }

    /// <summary>The empty text for what passed, and what went wrong for what did not.</summary>
    static async Task<IReadOnlyDictionary<string, string>> RunAsync(Peer peer)
    {
        await using var host = await ProbeHost.StartAsync(map: app => app.MapGrpcService<LeaseServiceDouble>());
        host.Health.Set("federation.v1.LeaseService", ServingStatus.Serving);

        using var client = peer.Run("client", host.Address.Authority);
        client.StandardInput.Close();
        var errors = client.StandardError.ReadToEndAsync(Limits.Cancel);
        var output = await client.StandardOutput.ReadToEndAsync(Limits.Cancel);
        await client.WaitForExitAsync(Limits.Cancel);

        Assert.True(output.Length > 0, await errors);
        var outcomes = output.Split('\n', StringSplitOptions.RemoveEmptyEntries)
            .Select(line => JsonSerializer.Deserialize<Outcome>(line, JsonSerializerOptions.Web)!)
            .ToDictionary(outcome => outcome.Check, outcome => outcome.Ok ? "" : outcome.Detail ?? "failed");

        if (host.Errors.TakeAll() is not [var announced] || !announced.Contains("secret", StringComparison.Ordinal))
        {
            outcomes["unexpected"] = "the server logged something other than the one unexpected failure";
        }

        return outcomes;
    }

    sealed record Outcome(string Check, bool Ok, string? Detail);
}
