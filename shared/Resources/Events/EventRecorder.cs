using System.Globalization;

namespace Federation.Resources;

/// <summary>
/// Tells people what happens to objects, as Events that <c>kubectl describe</c> shows. Costs its caller next to nothing and
/// never waits: an event that says what an earlier one said raises that one's count, one object gets 25 at once and then one
/// in five minutes, and what the sink does not take in time is dropped. Nothing is ever decided on an event.
/// </summary>
/// <param name="component">Who tells it, as <c>federation-hub</c>.</param>
/// <param name="instance">Which of several of these, as the edge's name.</param>
public sealed class EventRecorder(string component, string instance, IEventSink sink, TimeProvider time)
{
    /// <summary>Events that wait to be written; more are dropped.</summary>
    public const int PendingMax = 1024;

    /// <summary>Events one object gets at once, as client-go has it.</summary>
    public const int BurstPerObject = 25;

    /// <summary>Events remembered, to count repetitions, and objects, to limit theirs; the longest known goes first.</summary>
    const int RememberedMax = 2048;

    /// <summary>Written at once: with <see cref="Beat"/>, at most ten a second: each takes the API server as long as a write of a claim.</summary>
    const int BatchMax = 5;

    /// <summary>Between two batches of events.</summary>
    public static readonly TimeSpan Beat = TimeSpan.FromMilliseconds(500);

    static readonly TimeSpan OneMoreEvery = TimeSpan.FromMinutes(5);

    readonly Lock gate = new();
    readonly Remembered<Sameness, EventObject> told = new(RememberedMax);
    readonly Remembered<string, Allowance> allowances = new(RememberedMax);
    readonly Queue<Sameness> order = new();
    readonly HashSet<Sameness> pending = [];
    TaskCompletionSource news = NewSignal();
    long sequence;
    long dropped;

    /// <summary>Events that were not written: too many of an object, too many at once, or nobody took them.</summary>
    public long Dropped => Interlocked.Read(ref dropped);

    /// <param name="about">The object as it is stored: it must have its uid.</param>
    /// <param name="reason">PascalCase, one of the documented reasons.</param>
    /// <param name="message">For people; cut off behind 1,024 characters.</param>
    public void Record(Resource about, EventType type, string reason, string message)
    {
        var sameness = new Sameness(about.Uid, about.Namespace, about.Name, type, reason, message);
        lock (gate)
        {
            if ((!pending.Contains(sameness) && pending.Count >= PendingMax) || !IsAllowed(about))
            {
                Interlocked.Increment(ref dropped);
                return;
            }

            told.Set(sameness, told.TryGet(sameness, out var earlier) ? Again(earlier) : First(about, type, reason, message));
            if (pending.Add(sameness)) order.Enqueue(sameness);
            news.TrySetResult();
        }
    }

    /// <summary>Writes what is recorded, until cancelled.</summary>
    public async Task RunAsync(CancellationToken cancel)
    {
        while (true)
        {
            await Waiting().WaitAsync(cancel);
            var batch = Take();
            if (!await sink.TryWriteAsync(batch, cancel)) Interlocked.Add(ref dropped, batch.Count);
            await Task.Delay(Beat, time, cancel);
        }
    }

    Task Waiting()
    {
        lock (gate) return order.Count > 0 ? Task.CompletedTask : (news = NewSignal()).Task;
    }

    List<EventObject> Take()
    {
        lock (gate)
        {
            List<EventObject> batch = [];
            while (batch.Count < BatchMax && order.TryDequeue(out var next))
            {
                pending.Remove(next);
                if (told.TryGet(next, out var happening)) batch.Add(happening);
            }

            return batch;
        }
    }

    EventObject First(Resource about, EventType type, string reason, string message)
    {
        var now = time.GetUtcNow();
        return new()
        {
            Metadata = new()
            {
                Name = string.Create(CultureInfo.InvariantCulture, $"{about.Name}.{now.Ticks:x}{sequence++ & 0xFFF:x3}"),
                Namespace = about.Namespace ?? NamespaceObject.DefaultName,
            },
            InvolvedObject = ObjectReference.To(about),
            Type = type,
            Reason = reason,
            Message = message.Length <= EventObject.MessageMax ? message : message[..EventObject.MessageMax],
            Source = new() { Component = component },
            ReportingComponent = component,
            ReportingInstance = instance,
            FirstTimestamp = Second(now),
            LastTimestamp = Second(now),
            Count = 1,
        };
    }

    EventObject Again(EventObject earlier) => earlier with { Count = earlier.Count + 1, LastTimestamp = Second(time.GetUtcNow()) };

    bool IsAllowed(Resource about)
    {
        var key = about.Uid.Length > 0 ? about.Uid : $"{about.Namespace}/{about.Name}";
        var allowance = allowances.TryGet(key, out var known) ? known : new(BurstPerObject, time.GetTimestamp());
        var (after, isAllowed) = allowance.Take(time);
        allowances.Set(key, after);
        return isAllowed;
    }

    static DateTimeOffset Second(DateTimeOffset moment) => moment.AddTicks(-(moment.Ticks % TimeSpan.TicksPerSecond));

    static TaskCompletionSource NewSignal() => new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>What makes two events the same.</summary>
    readonly record struct Sameness(string Uid, string? Namespace, string Name, EventType Type, string Reason, string Message);

    /// <summary>How many events an object may still have, and since when that counts.</summary>
    readonly record struct Allowance(double Left, long Since)
    {
        public (Allowance After, bool IsAllowed) Take(TimeProvider time)
        {
            var now = time.GetTimestamp();
            var left = Math.Min(BurstPerObject, Left + (time.GetElapsedTime(Since, now) / OneMoreEvery));
            return left >= 1 ? (new(left - 1, now), true) : (new(left, now), false);
        }
    }
}
