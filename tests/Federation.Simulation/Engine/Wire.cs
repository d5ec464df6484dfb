namespace Federation.Simulation;

/// <summary>No answer came, and none will: the wish may have been fulfilled or not.</summary>
sealed class NoAnswerException(bool isTimeout) : Exception(isTimeout ? "no answer in time" : "the connection broke")
{
    public bool IsTimeout => isTimeout;
}

/// <summary>
/// A way between a client and a server, both ways: slow, losing, doubling, cut in one direction or in both.
/// </summary>
sealed class Wire(Scheduler scheduler)
{
    Random Random => scheduler.Random;

    /// <summary>Whether what the client says gets lost.</summary>
    public bool IsCutThere { get; set; }

    /// <summary>Whether what the server says gets lost.</summary>
    public bool IsCutBack { get; set; }

    /// <summary>Share of messages that get lost.</summary>
    public double Loss { get; set; }

    /// <summary>Share of requests that arrive twice.</summary>
    public double Doubling { get; set; }

    /// <summary>Longest time a message is under way; most are much faster.</summary>
    public TimeSpan DelayMax { get; set; } = TimeSpan.FromMilliseconds(20);

    /// <summary>How long a message takes; a few take very long, and so overtake each other.</summary>
    public TimeSpan Delay() => DelayMax * Math.Pow(Random.NextDouble(), 3);

    /// <summary>Whether a message of the client gets through.</summary>
    public bool CarriesThere() => !IsCutThere && Random.NextDouble() >= Loss;

    public bool CarriesBack() => !IsCutBack && Random.NextDouble() >= Loss;

    /// <summary>Asks a server and waits for its answer as long as the client's patience lasts.</summary>
    /// <param name="server">Who serves at the moment the wish arrives; null when nobody does.</param>
    /// <exception cref="NoAnswerException">The outcome is unknown.</exception>
    public async Task<T> AskAsync<T>(SimulatedProcess client, TimeProvider patience, TimeSpan limit, Func<SimulatedProcess?> server, Func<Task<T>> serve, CancellationToken cancel)
    {
        var answer = new TaskCompletionSource<T>(TaskCreationOptions.RunContinuationsAsynchronously);
        await using var timer = patience.CreateTimer(_ => answer.TrySetException(new NoAnswerException(isTimeout: true)), null, limit, Timeout.InfiniteTimeSpan);
        await using var registration = cancel.Register(() => answer.TrySetCanceled(cancel));
        var times = Random.NextDouble() < Doubling ? 2 : 1;
        for (var time = 0; time < times; time++)
        {
            if (CarriesThere()) scheduler.After(Delay(), () => Arrive(client, server(), serve, answer));
            else if (Random.Next(2) == 0) scheduler.After(Delay(), () => Break(client, answer));
        }

        return await answer.Task;
    }

    void Arrive<T>(SimulatedProcess client, SimulatedProcess? server, Func<Task<T>> serve, TaskCompletionSource<T> answer)
    {
        if (server is null || server.IsDead)
        {
            if (CarriesBack()) scheduler.After(Delay(), () => Break(client, answer));
            return;
        }

        server.Do(() => _ = ServeAsync(client, server, serve, answer));
    }

    async Task ServeAsync<T>(SimulatedProcess client, SimulatedProcess server, Func<Task<T>> serve, TaskCompletionSource<T> answer)
    {
        void Fall() => scheduler.After(Delay() * 50, () => Break(client, answer));
        server.Died += Fall;
        Action reply;
        try
        {
            var result = await serve();
            reply = () => answer.TrySetResult(result);
        }
        catch (Exception e)
        {
            reply = () => answer.TrySetException(e);
        }

        server.Died -= Fall;
        if (CarriesBack()) scheduler.After(Delay(), () => client.Do(reply));
    }

    static void Break<T>(SimulatedProcess client, TaskCompletionSource<T> answer) => client.Do(() => answer.TrySetException(new NoAnswerException(isTimeout: false)));
}
