using System.Net;
using System.Text;
using Federation.Kubernetes;
using Federation.Resources;
using Microsoft.Extensions.Logging.Abstractions;

namespace Federation.Tests.Kubernetes;

public sealed class LeaderElectionTests : IDisposable
{
    static readonly TimeSpan Retry = TimeSpan.FromSeconds(2);

    readonly VirtualTime time = new();
    readonly LockServer server = new();
    readonly CancellationTokenSource stop = new();

    public void Dispose()
    {
        stop.Cancel();
        stop.Dispose();
        server.Dispose();
    }

    [Fact]
    public async Task Whoever_comes_first_leads_and_gives_the_lock_back_at_the_end()
    {
        var one = new Candidate(this, "one");
        var running = one.RunAsync(stop.Token);
        await one.Leads.Within();
        Assert.Equal("one", server.Held!.Spec.HolderIdentity);

        stop.Cancel();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => running.Within());
        Assert.Equal("", server.Held!.Spec.HolderIdentity);
        Assert.False(one.Election.IsLeader);
    }

    [Fact]
    public async Task A_lock_that_is_given_back_is_taken_at_the_next_try()
    {
        using var stopOne = new CancellationTokenSource();
        var one = new Candidate(this, "one");
        var running = one.RunAsync(stopOne.Token);
        await one.Leads.Within();
        var two = new Candidate(this, "two");
        _ = two.RunAsync(stop.Token);
        stopOne.Cancel();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => running.Within());

        await time.PassAsync(Retry);

        await two.Leads.Within();
        Assert.Equal(1, server.Held!.Spec.LeaseTransitions);
    }

    [Fact]
    public async Task A_leader_that_cannot_renew_stops_before_another_may_begin()
    {
        var one = new Candidate(this, "one");
        _ = one.RunAsync(stop.Token);
        await one.Leads.Within();

        server.IsDown = true;
        for (var passed = TimeSpan.Zero; passed < TimeSpan.FromSeconds(10); passed += Retry) await time.PassAsync(Retry);

        await one.Stopped.Within();
        Assert.False(one.Election.IsLeader);
    }

    [Fact]
    public async Task A_leader_that_vanished_is_followed_after_its_time()
    {
        server.Held = new LeaseLock { Metadata = new() { Name = "lock", ResourceVersion = "1" }, Spec = new() { HolderIdentity = "gone", LeaseDurationSeconds = 15 } };
        var two = new Candidate(this, "two");
        _ = two.RunAsync(stop.Token);
        for (var tries = 1; tries <= 7; tries++)
        {
            await time.PassAsync(Retry);
            Assert.False(two.Leads.IsCompleted);
        }

        await time.PassAsync(Retry);

        await two.Leads.Within();
    }

    [Fact]
    public async Task Work_that_ends_by_itself_ends_the_leading()
    {
        var election = Election("one");

        await election.RunAsync(static _ => Task.CompletedTask, stop.Token).Within();

        Assert.Equal("", server.Held!.Spec.HolderIdentity);
    }

    LeaderElection Election(string identity) => new(
        new KubernetesRestClient(server.Connection, time), new LeaderElectionOptions { Name = "lock", Identity = identity }, time,
        static () => 0.5, NullLogger<LeaderElection>.Instance);

    /// <summary>Leads until told to stop, and says when it began and ended.</summary>
    sealed class Candidate(LeaderElectionTests test, string identity)
    {
        readonly TaskCompletionSource leads = new(TaskCreationOptions.RunContinuationsAsynchronously);
        readonly TaskCompletionSource stopped = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public LeaderElection Election { get; } = test.Election(identity);

        public Task Leads => leads.Task;

        public Task Stopped => stopped.Task;

        public Task RunAsync(CancellationToken cancel) => Election.RunAsync(LeadAsync, cancel);

        async Task LeadAsync(CancellationToken cancel)
        {
            leads.TrySetResult();
            var end = new TaskCompletionSource();
            await using var registration = cancel.UnsafeRegister(_ => end.SetResult(), null);
            await end.Task;
            stopped.TrySetResult();
        }
    }

    /// <summary>A server that keeps one lock.</summary>
    sealed class LockServer : HttpMessageHandler
    {
        public bool IsDown { get; set; }

        public LeaseLock? Held { get; set; }

        public KubernetesConnection Connection => new() { Http = new HttpClient(this, disposeHandler: false), Base = new Uri("http://server/") };

        protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
        {
            if (IsDown) throw new HttpRequestException(HttpRequestError.ConnectionError);
            if (request.Method == HttpMethod.Get) return Held is null ? Answer(404, Said.Status(404, "NotFound", """{"name":"lock"}""")) : Answer(200, Held);

            var written = ResourceJson.Read<LeaseLock>(await request.Content!.ReadAsByteArrayAsync(cancellationToken));
            if (Held is not null && written.Metadata.ResourceVersion != Held.Metadata.ResourceVersion) return Answer(409, Said.Status(409, "Conflict"));

            var version = 1 + int.Parse(Held?.Metadata.ResourceVersion ?? "0", System.Globalization.CultureInfo.InvariantCulture);
            Held = written with { Metadata = written.Metadata with { ResourceVersion = $"{version}" } };
            return Answer(200, Held);
        }

        static HttpResponseMessage Answer(int code, LeaseLock held) => Answer(code, Encoding.UTF8.GetString(ResourceJson.Write(held)));

        static HttpResponseMessage Answer(int code, string text) => new((HttpStatusCode)code) { Content = new StringContent(text) };
    }
}
