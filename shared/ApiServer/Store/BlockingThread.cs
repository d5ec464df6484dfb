using System.Collections.Concurrent;

namespace Federation.ApiServer;

/// <summary>A thread for work that blocks: the thread pool, which answers requests, has only as many as there are cores.</summary>
sealed class BlockingThread : IAsyncDisposable
{
    readonly BlockingCollection<(Action Work, TaskCompletionSource Done)> queue = [];
    readonly TaskCompletionSource ended = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public BlockingThread(string name) => new Thread(Work) { Name = name, IsBackground = true }.Start();

    /// <summary>Completes when the work is done, with what it throws. One after the other.</summary>
    public Task RunAsync(Action work)
    {
        var done = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        queue.Add((work, done));
        return done.Task;
    }

    /// <summary>Lets what was given end.</summary>
    public async ValueTask DisposeAsync()
    {
        queue.CompleteAdding();
        await ended.Task;
        queue.Dispose();
    }

    void Work()
    {
        foreach (var (work, done) in queue.GetConsumingEnumerable())
        {
            try
            {
                work();
                done.SetResult();
            }
            catch (Exception e)
            {
                done.SetException(e);
            }
        }

        ended.SetResult();
    }
}
