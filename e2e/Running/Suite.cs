using Federation.Kubernetes;

namespace Federation.E2E;

/// <summary>Runs the chosen cases on each topology, compares what they ended in, and reports.</summary>
sealed class Suite(RunOptions options, TimeProvider time, TextWriter output)
{
    const int CasesAtOnce = 4;

    static readonly TimeSpan CaseLimit = TimeSpan.FromMinutes(8);

    readonly List<CaseResult> results = [];

    public async Task<(int Passed, int Failed)> RunAsync(CancellationToken cancel)
    {
        var cases = options.Cases.Where(IsChosen).ToList();
        var topologies = options.Topologies.Where(static name => Topology.Missing(name) is null).ToList();
        await Parallel.ForEachAsync(topologies, new ParallelOptions { MaxDegreeOfParallelism = options.AtOnce, CancellationToken = cancel },
            async (topology, token) => await RunAsync(topology, cases, token));

        var comparisons = StatusComparison.Of(cases, topologies, results);
        ResultTable.Write(output, cases, topologies, results, comparisons);
        foreach (var absent in options.Topologies.Except(topologies)) await output.WriteLineAsync($"left out: topology {absent}: {Topology.Missing(absent)}");
        var verdicts = results.Select(static result => result.Failure).Concat(comparisons.Select(static comparison => comparison.Difference)).ToList();
        var failed = verdicts.Count(static failure => failure is not null);
        await output.WriteLineAsync($"{verdicts.Count - failed} passed, {failed} failed");
        return (verdicts.Count - failed, failed);
    }

    bool IsChosen(E2ECase candidate) =>
        candidate.Id.Contains(options.Filter, StringComparison.OrdinalIgnoreCase) || candidate.Title.Contains(options.Filter, StringComparison.OrdinalIgnoreCase);

    /// <summary>Cases that are apart run beside the others, where there are enough to be worth a second topology.</summary>
    async Task RunAsync(string name, List<E2ECase> cases, CancellationToken cancel)
    {
        cases = [.. cases.Where(candidate => candidate.LeftOutOn(name) is null)];
        var apart = cases.Where(static candidate => candidate.IsApart).ToList();
        if (apart.Count < 2) await RunOnOneAsync(name, cases, cancel);
        else await Task.WhenAll(RunOnOneAsync(name, [.. cases.Except(apart)], cancel), RunOnOneAsync(name, apart, cancel));
    }

    /// <summary>Cases share one running topology; those that disturb it come last, one by one.</summary>
    async Task RunOnOneAsync(string name, List<E2ECase> cases, CancellationToken cancel)
    {
        await output.WriteLineAsync($"starting topology {name}");
        await using var topology = await Topology.StartAsync(name, time, cancel);
        await Parallel.ForEachAsync(cases.Where(static c => !c.Disturbs), new ParallelOptions { MaxDegreeOfParallelism = CasesAtOnce, CancellationToken = cancel },
            async (candidate, token) => await RunAsync(topology, candidate, token));
        foreach (var candidate in cases.Where(static c => c.Disturbs)) await RunAsync(topology, candidate, cancel);
    }

    async Task RunAsync(Topology topology, E2ECase candidate, CancellationToken cancel)
    {
        var started = time.GetTimestamp();
        using var limit = new CancellationTokenSource(CaseLimit, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, cancel);
        var world = new CaseWorld(topology, candidate.Id, time, either.Token);
        await topology.PrepareAsync([world.Site.Namespace, world.OtherSite.Namespace], either.Token);
        var failure = await TryAsync(candidate, world, cancel);
        var result = new CaseResult(candidate, topology.Name, failure, await LeftBehindAsync(world, failure), time.GetElapsedTime(started));
        lock (results) results.Add(result);
        await output.WriteLineAsync($"  {topology.Name,-14} {candidate.Id,-4} {(failure is null ? "pass" : "FAIL")} {result.Took.TotalSeconds,6:F1} s  {failure ?? candidate.Title}");
    }

    /// <summary>What the case ended in; of one that failed as far as anybody answers, to tell why.</summary>
    static async Task<IReadOnlyList<string>> LeftBehindAsync(CaseWorld world, string? failure)
    {
        try
        {
            return await world.FinalStatusesAsync();
        }
        catch (Exception e) when (failure is not null && e is KubernetesApiException or HttpRequestException or OperationCanceledException)
        {
            return [];
        }
    }

    static async Task<string?> TryAsync(E2ECase candidate, CaseWorld world, CancellationToken cancel)
    {
        try
        {
            await candidate.RunAsync(world);
            return null;
        }
        catch (Exception e) when (e is CaseFailure or KubernetesApiException or HttpRequestException or System.Text.Json.JsonException)
        {
            return $"at {world.Step}: {e.Message}";
        }
        catch (OperationCanceledException) when (!cancel.IsCancellationRequested)
        {
            return $"at {world.Step}: the case took longer than {CaseLimit.TotalSeconds} s";
        }
    }
}

/// <summary>How a case ended on a topology; no failure means it passed.</summary>
sealed record CaseResult(E2ECase Case, string Topology, string? Failure, IReadOnlyList<string> FinalStatuses, TimeSpan Took);
